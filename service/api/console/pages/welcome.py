"""Taking up an invitation: whoever has the link chooses a password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tocsin.errors import InputError
from tocsin.service.api.console.answer import HOME, Onward, Shown
from tocsin.service.api.console.page import Page
from tocsin.service.api.console.pages.trying import UNFIT, check_alike
from tocsin.service.review.accounts.invitation import accept, invited_by
from tocsin.service.review.accounts.own import least_of
from tocsin.service.review.accounts.signing_in import sign_out

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tocsin.service.api.console.asked import Asked
    from tocsin.service.api.console.visit import Visit
    from tocsin.service.review.context import Context
    from tocsin.service.review.desk import Desk

__all__ = ["WELCOME_PAGES"]

_PATH: Final = "/review/welcome/{token}"


def _show(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown | Onward:
    if visit.house.open_to_all:
        return Onward(HOME)
    return Shown("welcome.html", _values(tx, context, asked.parts["token"]))


async def _choose(desk: Desk, visit: Visit, asked: Asked) -> Shown | Onward:
    if visit.house.open_to_all:
        return Onward(HOME)
    token, password = asked.parts["token"], asked.form.get("password", "")
    try:
        check_alike(password, asked.form.get("again", ""))
        accepted = await desk.aside(lambda: accept(desk, token, password))
    except InputError as error:
        values = await desk.aside(lambda: desk.read(_values, token))
        return Shown("welcome.html", {**values, "fault": str(error)}, UNFIT)
    before = visit.session
    if before is not None and before.reviewer != accepted:  # it is somebody else's turn
        await desk.aside(lambda: desk.write(sign_out, before))
    return Onward("/review/sign-in", "password-kept", token="")


def _values(tx: Connection, context: Context, token: str) -> dict[str, Any]:
    invited = invited_by(tx, context, token)
    return {"invited": invited, "token": token, "least": least_of(context), "fault": None}


WELCOME_PAGES: Final = (
    Page("GET", _PATH, "welcome", None, _show),
    Page("POST", _PATH, "welcome-choose", None, steps=_choose),
)
