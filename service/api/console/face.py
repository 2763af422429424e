"""The console's face: pages for people, each with who may have it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import Connection
from starlette.responses import RedirectResponse

from tocsin.service.api.console.answer import Onward, Shown
from tocsin.service.api.console.asked import Asked, read_asked
from tocsin.service.api.console.cookies import SESSION, VISITOR, read_cookie, set_cookie
from tocsin.service.api.console.guard import (
    Bearer,
    SignInNeededError,
    check_form,
    is_navigation,
    refuse_foreign_forms,
    visit_of,
)
from tocsin.service.api.console.pages import PAGES
from tocsin.service.api.console.rendering import HEADERS, render, render_error
from tocsin.service.api.console.static_files import STATIC
from tocsin.service.api.gate import refuse_foreign_pages
from tocsin.service.api.operation import Operation
from tocsin.service.api.review.refusing import refusing
from tocsin.service.api.wire import refusal_headers
from tocsin.service.keys import ANONYMOUS
from tocsin.service.review.accounts.sessions import (
    SessionKind,
    begin_session,
    is_stale,
    new_token,
    session_of,
    touch_session,
)
from tocsin.service.review.care.telling import care_of
from tocsin.service.review.context import Context
from tocsin.service.review.errors import ForbiddenError
from tocsin.service.review.records.reviewers import ensure_reviewer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from tocsin.service.api.call import Call
    from tocsin.service.api.console.page import Page
    from tocsin.service.api.console.visit import House, Visit
    from tocsin.service.api.refusal import Refusal
    from tocsin.service.review import Desk

__all__ = ["ConsoleFace"]

_SIGN_IN = "/review/sign-in"


class ConsoleFace:
    """Answer people with pages, from one desk."""

    name = "console"

    def __init__(self, desk: Desk, house: House) -> None:
        self._desk = desk
        self._house = house

    @property
    def operations(self) -> Sequence[Operation]:
        """Return what this face answers; no client is meant to ask for it, so it is in no description."""
        return (
            *(_operation(page.method, page.path, page.name, partial(self._page, page)) for page in PAGES),
            _operation("GET", "/review/static/{name}", "static", _static),
        )

    def refuse(self, refusal: Refusal) -> Response:
        """Return the page that says `refusal`."""
        return render_error(refusal.why.status, str(refusal), refusal_headers(refusal))

    async def _page(self, page: Page, call: Call) -> Response:
        request = call.request
        if self._house.open_to_all:
            refuse_foreign_pages(request)
        if page.method == "POST":
            refuse_foreign_forms(request)
        asked = await read_asked(call)
        bearer, cookies = await self._bearer(call)
        with refusing():
            try:
                visit, done = await self._desk.aside(
                    lambda: page.run(self._desk)(self._guarded, page, bearer, asked)
                )
                if page.steps is not None:
                    done = await page.steps(self._desk, visit, asked)
            except SignInNeededError:
                return _redirect(f"{_SIGN_IN}?onward={quote(asked.onward, safe='/')}")
            await self._note(visit)
        return self._response(call, visit, asked, done, cookies)

    def _guarded(
        self, tx: Connection, context: Context, page: Page, bearer: Bearer, asked: Asked
    ) -> tuple[Visit, Shown | Onward | None]:
        visit = visit_of(tx, context, page, self._house, bearer)
        if page.method == "POST":
            check_form(visit, asked)
        if page.work is None:
            return visit, None
        done = page.work(tx, context, visit, asked)
        return _cared(tx, context, visit, done), done

    async def _bearer(self, call: Call) -> tuple[Bearer, dict[str, str]]:
        """Return what the browser shows of itself, and the cookies that it is to be given."""
        request = call.request
        session, visitor = read_cookie(request, SESSION), read_cookie(request, VISITOR)
        cookies: dict[str, str] = {}
        if self._house.open_to_all and request.method == "GET" and is_navigation(request):
            fresh = await self._desk.aside(lambda: self._local(session))
            if fresh:
                session = cookies[SESSION] = fresh
        if not visitor and request.method == "GET":
            visitor = cookies[VISITOR] = new_token()
        address = request.client.host if request.client else ""
        return Bearer(session, visitor, address), cookies

    def _local(self, session: str) -> str | None:
        """Return a session for whoever uses this machine, None where they have one."""
        with refusing():
            if session and self._desk.read(session_of, session) is not None:
                return None
            return self._desk.write(_begin_local)

    async def _note(self, visit: Visit) -> None:
        """Note that a session is used, now and then."""
        session = visit.session
        if session is not None and is_stale(self._desk.context, session):
            await self._desk.aside(lambda: self._desk.jot(touch_session, session))

    def _response(
        self, call: Call, visit: Visit, asked: Asked, done: Shown | Onward, cookies: Mapping[str, str]
    ) -> Response:
        if isinstance(done, Onward):
            response = _redirect(_address(done))
            if done.token is not None:
                cookies = {**cookies, SESSION: done.token}
        else:
            now = self._desk.context.clock()
            response = render(done.template, visit, asked, now, done.values, done.status)
        for name, value in {**cookies, **done.cookies}.items():
            set_cookie(call.request, response, name, value)
        return response


def _cared(tx: Connection, context: Context, visit: Visit, done: Shown | Onward) -> Visit:
    """Return the visit with what to tell them of their own reading, where a page is shown to somebody."""
    if isinstance(done, Onward) or visit.session is None or not visit.session.whole:
        return visit
    return replace(visit, care=care_of(tx, context, visit.reviewer, visit.preferences))


def _begin_local(tx: Connection, context: Context) -> str:
    reviewer = ensure_reviewer(tx, context, ANONYMOUS.id)
    if not reviewer.active:
        raise ForbiddenError("this machine's own reviewer must be active, is not")
    return begin_session(tx, context, reviewer.number, SessionKind.LOCAL)


def _operation(method: str, path: str, name: str, handler: Any) -> Operation:
    parts = {part[1:-1]: "" for part in path.split("/") if part.startswith("{")}
    return Operation(
        method, path, name, name, handler, scope=None, parts=parts, documented=False, scores=False
    )


async def _static(call: Call) -> Response:
    return STATIC.response(call.request.path_params["name"], call.request.query_params.get("v"))


def _address(onward: Onward) -> str:
    if onward.said is None:
        return onward.to
    path, mark, fragment = onward.to.partition("#")
    return f"{path}{'&' if '?' in path else '?'}said={onward.said}{mark}{fragment}"


def _redirect(to: str) -> Response:
    return RedirectResponse(to, 303, headers=HEADERS)
