"""Signing in and out: the name and password, the code, and codes begun where everybody owes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from tocsin.service.api.console.answer import HOME, Onward, Shown, safe_onward
from tocsin.service.api.console.page import Page
from tocsin.service.api.console.pages.codes import shown_codes
from tocsin.service.api.console.pages.trying import fault_of, status_of
from tocsin.service.review.accounts.account import account_of
from tocsin.service.review.accounts.proving import Refused
from tocsin.service.review.accounts.signing_in import (
    Next,
    SignedIn,
    enrol,
    may_enrol,
    show_code,
    sign_in,
    sign_out,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tocsin.service.api.console.asked import Asked
    from tocsin.service.api.console.visit import Visit
    from tocsin.service.review.context import Context
    from tocsin.service.review.desk import Desk

__all__ = ["SIGNING_IN_PAGES"]

_SIGN_IN: Final = "/review/sign-in"
_CODE: Final = "/review/sign-in/code"
_ENROL: Final = "/review/sign-in/enrol"
_WRONG: Final = "Name or password is wrong."
_WRONG_CODE: Final = "The code is wrong, too old, or was used already."
_STEPS: Final = {Next.CODE: _CODE, Next.ENROL: _ENROL}


def _show(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown | Onward:
    del tx, context
    onward = safe_onward(asked.query.get("onward"))
    if _needs_not(visit):
        return Onward(onward)
    return Shown("sign_in.html", {"onward": onward, "name": "", "fault": None})


async def _sign_in(desk: Desk, visit: Visit, asked: Asked) -> Shown | Onward:
    onward = safe_onward(asked.form.get("onward"))
    if visit.house.open_to_all:
        return Onward(HOME)
    name, password = asked.form.get("name", ""), asked.form.get("password", "")
    done = await desk.aside(lambda: sign_in(desk, name, password, visit.address, instead=visit.session))
    if isinstance(done, Refused):
        values = {"onward": onward, "name": name, "fault": fault_of(done, _WRONG)}
        return Shown("sign_in.html", values, status_of(done))
    return _on(done, onward)


def _show_code_page(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown | Onward:
    del tx, context
    onward = safe_onward(asked.query.get("onward"))
    if _needs_not(visit):
        return Onward(onward)
    if visit.session is None:
        return Onward(_back(onward))
    return Shown("sign_in_code.html", {"onward": onward, "fault": None})


def _take_code(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown | Onward:
    onward = safe_onward(asked.form.get("onward"))
    if _needs_not(visit):
        return Onward(onward)
    if visit.session is None:
        return Onward(_back(onward))
    done = show_code(tx, context, visit.session, asked.form.get("code", ""), visit.address)
    if isinstance(done, Refused):
        values = {"onward": onward, "fault": fault_of(done, _WRONG_CODE)}
        return Shown("sign_in_code.html", values, status_of(done))
    return _on(done, onward)


def _show_enrolment(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown | Onward:
    onward = safe_onward(asked.query.get("onward"))
    if _needs_not(visit):
        return Onward(onward)
    codes = _begun(tx, context, visit)
    if codes is None:
        return Onward(_back(onward))
    return Shown("sign_in_enrol.html", {"onward": onward, "fault": None, **codes})


def _take_first_code(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown | Onward:
    onward = safe_onward(asked.form.get("onward"))
    if _needs_not(visit):
        return Onward(onward)
    codes = _begun(tx, context, visit)
    if visit.session is None or codes is None:
        return Onward(_back(onward))
    done = enrol(tx, context, visit.session, asked.form.get("code", ""), visit.address)
    if isinstance(done, Refused):
        values = {"onward": onward, "fault": fault_of(done, _WRONG_CODE), **codes}
        return Shown("sign_in_enrol.html", values, status_of(done))
    return _on(done, onward)


def _sign_out(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Onward:
    del asked
    if visit.session is not None:
        sign_out(tx, context, visit.session)
    return Onward(_SIGN_IN, "signed-out", token="")


def _begun(tx: Connection, context: Context, visit: Visit) -> dict[str, Any] | None:
    """Return the codes that a half session may begin; None where it may not, or must sign in anew."""
    if visit.session is None:
        return None
    account = account_of(tx, visit.session.reviewer.number)
    if not may_enrol(context, visit.session, account) or not account.is_starting(context):
        return None
    return shown_codes(context, account, visit.session.reviewer.name)


def _needs_not(visit: Visit) -> bool:
    """Say whether somebody is signed in already, or needs not to be."""
    return visit.house.open_to_all or (visit.session is not None and visit.session.whole)


def _on(done: SignedIn, onward: str) -> Onward:
    to = f"{_STEPS[done.next]}?onward={quote(onward, safe='/')}" if done.next in _STEPS else onward
    return Onward(to, token=done.token)


def _back(onward: str) -> str:
    return f"{_SIGN_IN}?onward={quote(onward, safe='/')}"


SIGNING_IN_PAGES: Final = (
    Page("GET", _SIGN_IN, "sign-in", None, _show),
    Page("POST", _SIGN_IN, "sign-in-try", None, steps=_sign_in),
    Page("GET", _CODE, "sign-in-code", None, _show_code_page),
    Page("POST", _CODE, "sign-in-code-try", None, _take_code),
    Page("GET", _ENROL, "sign-in-enrol", None, _show_enrolment),
    Page("POST", _ENROL, "sign-in-enrol-try", None, _take_first_code),
    Page("POST", "/review/sign-out", "sign-out", None, _sign_out),
)
