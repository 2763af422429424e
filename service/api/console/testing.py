"""A browser for tests of the console: it keeps cookies, reads forms, and follows where it is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, Final

from tocsin.service.api.console.cookies import SESSION
from tocsin.service.api.console.guard import FORM_FIELD
from tocsin.service.review.accounts.sessions import SessionKind, begin_session
from tocsin.service.review.log import Actor
from tocsin.service.review.records import Reviewer
from tocsin.service.review.records import add_reviewer as add
from tocsin.service.review.role import Role

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from tocsin.service.review.desk import Desk

__all__ = ["Browser", "colleague", "sign_in"]

_TOKEN: Final = re.compile(rf'name="{FORM_FIELD}" value="([^"]*)"')


def colleague(desk: Desk, role: Role = Role.REVIEWER, name: str | None = None) -> Reviewer:
    """Return a new reviewer, who has no key."""
    return desk.write(add, name or role.word, role, key=None, by=Actor("system"))


class Browser:
    """Ask for pages of one client as a browser would; `page` is the last that came."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        client.base_url = "http://127.0.0.1:8080"
        self.page: Any = None

    def get(self, path: str, status: int = 200) -> str:
        """Return the HTML of a page, redirects followed; it must come with `status`."""
        self.page = self.client.get(path, follow_redirects=True)
        return self._came(status)

    def post(
        self,
        path: str,
        fields: Mapping[str, Any] | None = None,
        status: int = 200,
        *,
        token: str | None = None,
        follow: bool = True,
    ) -> str:
        """Return the HTML that a form leads to; its token is that of the last page unless one is given."""
        found = _TOKEN.search(self.page.text) if self.page is not None else None
        if token is None:
            token = found[1] if found else ""
        data = {FORM_FIELD: token, **(fields or {})}
        self.page = self.client.post(path, data=data, follow_redirects=follow)
        return self._came(status)

    def _came(self, status: int) -> str:
        if self.page.status_code != status:
            raise AssertionError(f"{self.path} must come with {status}, came with {self.page.status_code}")
        return str(self.page.text)

    @property
    def path(self) -> str:
        """Return where the last page was, with its query."""
        query = self.page.url.query
        query = query.decode() if isinstance(query, bytes) else query
        return str(self.page.url.path) + (f"?{query}" if query else "")

    @property
    def words(self) -> str:
        """Return what the last page says, without its markup."""
        reader = _Words()
        reader.feed(self.page.text)
        return " ".join(" ".join(reader.said).split())


def sign_in(browser: Browser, desk: Desk, reviewer: Reviewer) -> Browser:
    """Return the browser with a session of `reviewer` in it, as if they had signed in."""
    token = desk.write(begin_session, reviewer.number, SessionKind.PASSWORD)
    browser.client.cookies.clear()
    browser.client.cookies.set(SESSION, token, domain="127.0.0.1")
    return browser


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._hidden += tag in {"script", "style"}

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.said.append(data)
