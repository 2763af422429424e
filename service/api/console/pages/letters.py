"""Messages to the platform, for admins: how many wait, and those that could not be delivered."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from tocsin.service.api.console import wording
from tocsin.service.api.console.answer import Onward, Shown
from tocsin.service.api.console.asked import Asked
from tocsin.service.api.console.page import Page
from tocsin.service.api.console.visit import Visit
from tocsin.service.review.context import Context
from tocsin.service.review.role import Role
from tocsin.service.review.webhooks.delivering import count_messages, list_dead, resend, waiting_for

__all__ = ["LETTERS_PAGES"]

_PATH: Final = "/review/messages"
_SHOWN: Final = 100


def _letters(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown:
    del visit, asked
    known = {one.name for one in context.endpoints}
    waiting = waiting_for(tx, context)
    values = {
        "counts": count_messages(tx, context),
        "endpoints": [(name, waiting.get(name, 0), name in known) for name in sorted(known | set(waiting))],
        "dead": list_dead(tx, context)[:_SHOWN],
        "shown": _SHOWN,
        "words": wording,
    }
    return Shown("letters.html", values)


def _resend(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Onward:
    del visit
    all_of_them = asked.form.get("all") == "yes"
    resend(tx, context, None if all_of_them else [asked.form_number("message")])
    return Onward(_PATH, "resent")


LETTERS_PAGES: Final = (
    Page("GET", _PATH, "console_messages", Role.ADMIN, _letters),
    Page("POST", f"{_PATH}/resend", "console_resend", Role.ADMIN, _resend),
)
