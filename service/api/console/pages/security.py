"""How one signs in: the password, the codes of an app, and where one is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tocsin.errors import InputError
from tocsin.service.api.console.answer import Onward, Shown
from tocsin.service.api.console.page import Page
from tocsin.service.api.console.pages.codes import shown_codes
from tocsin.service.api.console.pages.trying import UNFIT, check_alike, fault_of, status_of
from tocsin.service.review.accounts.account import account_of
from tocsin.service.review.accounts.own import (
    ask_codes,
    change_password,
    confirm_codes,
    end_others,
    least_of,
    stop_codes,
)
from tocsin.service.review.accounts.proving import Refused
from tocsin.service.review.accounts.sessions import Session, sessions_of
from tocsin.service.review.errors import ConflictError
from tocsin.service.review.role import Role

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tocsin.service.api.console.asked import Asked
    from tocsin.service.api.console.visit import Visit
    from tocsin.service.review.context import Context
    from tocsin.service.review.desk import Desk

__all__ = ["SECURITY_PAGES"]

_HERE: Final = "/review/settings/security"
_WRONG: Final = "The password is wrong."
_WRONG_BOTH: Final = "Password or code is wrong."
_WRONG_CODE: Final = "The code is wrong, too old, or was used already."


def _show(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown:
    del asked
    return Shown("security.html", _values(tx, context, _session(visit)))


async def _change_password(desk: Desk, visit: Visit, asked: Asked) -> Shown | Onward:
    session, form = _session(visit), asked.form
    old, new = form.get("old", ""), form.get("new", "")
    try:
        check_alike(new, form.get("again", ""))
        done = await desk.aside(lambda: change_password(desk, session, old, new))
    except InputError as error:
        return await _again(desk, session, "password", str(error), UNFIT)
    if isinstance(done, Refused):
        return await _again(desk, session, "password", fault_of(done, _WRONG), status_of(done))
    return Onward(_HERE, "password-changed", token=done)


async def _begin_codes(desk: Desk, visit: Visit, asked: Asked) -> Shown | Onward:
    session, password = _session(visit), asked.form.get("password", "")
    done = await desk.aside(lambda: ask_codes(desk, session, password))
    if done is not None:
        return await _again(desk, session, "codes", fault_of(done, _WRONG), status_of(done))
    return Onward(f"{_HERE}#codes")


def _confirm_codes(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown | Onward:
    session = _session(visit)
    done = confirm_codes(tx, context, session, asked.form.get("code", ""))
    if done is not None:
        told = {"fault": fault_of(done, _WRONG_CODE), "where": "codes"}
        return Shown("security.html", {**_values(tx, context, session), **told}, status_of(done))
    return Onward(_HERE, "codes-on")


async def _stop_codes(desk: Desk, visit: Visit, asked: Asked) -> Shown | Onward:
    session, form = _session(visit), asked.form
    password, code = form.get("password", ""), form.get("code", "")
    done = await desk.aside(lambda: stop_codes(desk, session, password, code))
    if done is not None:
        return await _again(desk, session, "codes", fault_of(done, _WRONG_BOTH), status_of(done))
    if visit.house.settings.require_totp:
        return Onward("/review/sign-in", "codes-off", token="")
    return Onward(_HERE, "codes-off")


def _end_sessions(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Onward:
    end_others(tx, context, _session(visit), asked.form.get("session") or None)
    return Onward(_HERE, "sessions-ended")


async def _again(desk: Desk, session: Session, where: str, fault: str, status: int) -> Shown:
    """Return the page with a fault beside the form that it is about."""
    values = await desk.aside(lambda: desk.read(_values, session))
    return Shown("security.html", {**values, "fault": fault, "where": where}, status)


def _session(visit: Visit) -> Session:
    if visit.session is None or visit.house.open_to_all:
        raise ConflictError("nobody signs in here: this server answers its own machine alone")
    return visit.session


def _values(tx: Connection, context: Context, session: Session) -> dict[str, Any]:
    account = account_of(tx, session.reviewer.number)
    starting = account.is_starting(context)
    return {
        "account": account,
        "codes": shown_codes(context, account, session.reviewer.name) if starting else None,
        "least": least_of(context),
        "sessions": sessions_of(tx, context, session.reviewer.number),
        "fault": None,
        "where": None,
        "page": "/review/settings",
    }


def _show_or_say(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown:
    if visit.house.open_to_all:
        return Shown("nobody_signs_in.html", {"title": "Security", "page": "/review/settings"})
    return _show(tx, context, visit, asked)


SECURITY_PAGES: Final = (
    Page("GET", _HERE, "security", Role.REVIEWER, _show_or_say),
    Page("POST", f"{_HERE}/password", "security-password", Role.REVIEWER, steps=_change_password),
    Page("POST", f"{_HERE}/codes", "security-codes", Role.REVIEWER, steps=_begin_codes),
    Page("POST", f"{_HERE}/codes/confirm", "security-codes-confirm", Role.REVIEWER, _confirm_codes),
    Page("POST", f"{_HERE}/codes/stop", "security-codes-stop", Role.REVIEWER, steps=_stop_codes),
    Page("POST", f"{_HERE}/sessions", "security-sessions", Role.REVIEWER, _end_sessions),
)
