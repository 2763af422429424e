"""Who may have a page: the session, the role, and proof that a form was ours."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection

from tocsin.service.api.console.visit import House, Visit
from tocsin.service.api.gate import place_of
from tocsin.service.api.refusal import Refusal, Why
from tocsin.service.review.accounts.account import account_of
from tocsin.service.review.accounts.sessions import Session, SessionKind, form_token, session_of
from tocsin.service.review.care.preferences import Preferences, preferences_of
from tocsin.service.review.context import Context

if TYPE_CHECKING:
    from starlette.requests import Request

    from tocsin.service.api.console.asked import Asked
    from tocsin.service.api.console.page import Page

__all__ = [
    "FORM_FIELD",
    "Bearer",
    "SignInNeededError",
    "check_form",
    "is_navigation",
    "refuse_foreign_forms",
    "visit_of",
]

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
    session = _session(tx, context, house, bearer.session)
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


def _session(tx: Connection, context: Context, house: House, token: str) -> Session | None:
    """Return the session of a token, None where it was begun by rules that this server no longer has."""
    session = session_of(tx, context, token) if token else None
    if session is None or house.open_to_all:
        return session
    settings = context.settings
    if session.how is SessionKind.LOCAL or (session.how is SessionKind.PASSWORD and settings.oidc_only):
        return None
    owes_code = settings.require_totp and session.how is SessionKind.PASSWORD and session.whole
    if owes_code and not account_of(tx, session.reviewer.number).asks_code:
        return None
    return session


def _preferences(tx: Connection, session: Session | None) -> Preferences:
    return Preferences() if session is None else preferences_of(tx, session.reviewer.number)


def check_form(visit: Visit, asked: Asked) -> None:
    """Raise Refusal unless a form was made for this very browser and session."""
    given = asked.form.get(FORM_FIELD, "")
    if not visit.token or not hmac.compare_digest(given.encode(), form_token(visit.token).encode()):
        raise Refusal(
            Why.FORBIDDEN, "this form is out of date: go back, load the page again, and send it once more"
        )


def is_navigation(request: Request) -> bool:
    """Say whether somebody opens a page, and no page of another site loads it for its own ends."""
    site = request.headers.get("sec-fetch-site")
    return site is None or site in _OURS or request.headers.get("sec-fetch-mode") == "navigate"


def refuse_foreign_forms(request: Request) -> None:
    """Raise Refusal where another site sent a form, as far as the browser says so."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    host = request.headers.get("host", "").lower()
    foreign = origin is not None and place_of(origin) != host if site is None else site not in _OURS
    if foreign:
        raise Refusal(Why.ORIGIN_REFUSED, "a form must be sent from a page of this server")
