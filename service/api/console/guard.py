"""Who may have a page: the session, the role, and proof that a form was ours."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sqlalchemy import Connection

from tocsin.service.api.console.visit import House, Visit
from tocsin.service.api.refusal import Refusal, Why
from tocsin.service.review.accounts.sessions import Session, form_token, session_of
from tocsin.service.review.care.preferences import Preferences, preferences_of
from tocsin.service.review.context import Context

if TYPE_CHECKING:
    from starlette.requests import Request

    from tocsin.service.api.console.asked import Asked
    from tocsin.service.api.console.page import Page

__all__ = ["FORM_FIELD", "Bearer", "SignInNeededError", "check_form", "refuse_foreign_forms", "visit_of"]

FORM_FIELD: Final = "form-token"
_OURS: Final = {"same-origin", "none"}


class SignInNeededError(Exception):
    """Say that a page is for those who are signed in."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """Hold what a browser shows of itself: the tokens of its cookies, and where it is."""

    session: str
    visitor: str
    address: str


def visit_of(tx: Connection, context: Context, page: Page, house: House, bearer: Bearer) -> Visit:
    """Return the visit; raise SignInNeededError or Refusal where this page is not for whoever asks.

    The role is read here, in the transaction of the work: what was taken from somebody counts at once.
    """
    session = session_of(tx, context, bearer.session) if bearer.session else None
    if page.who is not None:
        if session is None or not session.whole:
            raise SignInNeededError
        if session.reviewer.role < page.who:
            raise Refusal(
                Why.FORBIDDEN,
                f"this is for the role {page.who.word} and above, yours is {session.reviewer.role.word}",
            )
    token = bearer.visitor if session is None else bearer.session
    return Visit(house, session, _preferences(tx, session), token, bearer.address)


def _preferences(tx: Connection, session: Session | None) -> Preferences:
    return Preferences() if session is None else preferences_of(tx, session.reviewer.number)


def check_form(visit: Visit, asked: Asked) -> None:
    """Raise Refusal unless a form was made for this very browser and session."""
    given = asked.form.get(FORM_FIELD, "")
    if not visit.token or not hmac.compare_digest(given.encode(), form_token(visit.token).encode()):
        raise Refusal(
            Why.FORBIDDEN, "this form is out of date: go back, load the page again, and send it once more"
        )


def refuse_foreign_forms(request: Request) -> None:
    """Raise Refusal where another site sent a form, as far as the browser says so."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    host = request.headers.get("host", "").lower()
    if (site is not None and site not in _OURS) or (
        site is None and origin is not None and urlsplit(origin).netloc.lower() != host
    ):
        raise Refusal(Why.ORIGIN_REFUSED, "a form must be sent from a page of this server")
