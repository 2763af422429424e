"""A break: a page that shows no text and asks for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tocsin.service.api.console.answer import Onward, Shown
from tocsin.service.api.console.page import Page
from tocsin.service.review.role import Role
from tocsin.service.review.tasks import held_by, release

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tocsin.service.api.console.asked import Asked
    from tocsin.service.api.console.visit import Visit
    from tocsin.service.review.context import Context

__all__ = ["PAUSING_PAGES"]

_HERE: Final = "/review/break"


def _show(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown:
    del asked
    held = held_by(tx, context, visit.reviewer)
    until = min((one.lease_until for one in held if one.lease_until is not None), default=None)
    return Shown("break.html", {"held": held, "until": until})


def _let_go(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Onward:
    del asked
    for task in held_by(tx, context, visit.reviewer):
        if task.claim is not None:
            release(tx, context, visit.reviewer, task.claim)
    return Onward(_HERE, "released")


PAUSING_PAGES: Final = (
    Page("GET", _HERE, "break", Role.REVIEWER, _show),
    Page("POST", _HERE, "break-release", Role.REVIEWER, _let_go),
)
