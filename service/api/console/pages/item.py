"""The item page: one task, what is known of it, its text by parts, and whose it is."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from tocsin.errors import InputError
from tocsin.service.api.console import wording
from tocsin.service.api.console.answer import HOME, Onward, Shown
from tocsin.service.api.console.asked import Asked
from tocsin.service.api.console.item.showing import attempt, show_item, task_path
from tocsin.service.api.console.last_decision import last_decision
from tocsin.service.api.console.page import Page
from tocsin.service.api.console.visit import Visit
from tocsin.service.api.review.route import Keeps
from tocsin.service.review.context import Context
from tocsin.service.review.errors import ConflictError, ForbiddenError
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Extent, hide, reveal
from tocsin.service.review.role import Role
from tocsin.service.review.tasks import claim_next, claim_task, held_by, release, renew, withheld

__all__ = ["ITEM_PAGES"]

_DIGITS: Final = 10


def _item(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown | Onward:
    return show_item(tx, context, visit, asked.number("task"))


def _next(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown | Onward:
    """Serve the next task, of the queues that are named where some are."""
    queues = [Queue(one) for one in asked.form_list("queue") if one in set(Queue)]
    fault = None
    try:
        with tx.begin_nested():
            found = claim_next(tx, context, visit.reviewer, queues)
        if found is not None:
            return Onward(task_path(found.number))
    except (ConflictError, ForbiddenError) as error:
        fault = str(error)
    values = {
        "fault": fault,
        "queues": queues,
        "held": held_by(tx, context, visit.reviewer),
        "spared": None if fault else withheld(tx, context, visit.reviewer, queues),
        "words": wording,
        **last_decision(tx, context, visit.reviewer),
    }
    return Shown("nothing.html", values, 409 if fault else 200)


def _claim(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown | Onward:
    number = asked.number("task")

    def work() -> Onward:
        claim_task(tx, context, visit.reviewer, number)
        return Onward(task_path(number))

    return attempt(tx, context, visit, asked, number, work)


def _reveal(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown | Onward:
    number = asked.number("task")

    def work() -> Onward:
        reveal(tx, context, visit.reviewer, number, *_part(asked.form.get("part", "")))
        return Onward(task_path(number, "text"))

    return attempt(tx, context, visit, asked, number, work)


def _hide(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown | Onward:
    number = asked.number("task")
    hide(tx, context, visit.reviewer, number)
    return Onward(task_path(number, "text"))


def _renew(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown | Onward:
    number = asked.number("task")

    def work() -> Onward:
        renew(tx, context, visit.reviewer, asked.form.get("claim", ""))
        return Onward(task_path(number), "renewed")

    return attempt(tx, context, visit, asked, number, work)


def _release(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown | Onward:
    number = asked.number("task")

    def work() -> Onward:
        release(tx, context, visit.reviewer, asked.form.get("claim", ""))
        return Onward(HOME, "released")

    return attempt(tx, context, visit, asked, number, work)


def _part(given: str) -> tuple[Extent, int | None]:
    """Return the part that a form asks for, as `reading` names it; raise InputError where it is none."""
    word, mark, place = given.partition(":")
    if word not in set(Extent) or (mark and not (place.isdecimal() and len(place) <= _DIGITS)):
        raise InputError("a part must be one of those that the page offers")
    return Extent(word), int(place) if mark else None


_R: Final = Role.REVIEWER
_TASK: Final = "/review/tasks/{task}"
ITEM_PAGES: Final = (
    Page("GET", _TASK, "console_item", _R, _item),
    Page("POST", "/review/claims", "console_next", _R, _next, Keeps.LOOSELY),
    Page("POST", f"{_TASK}/claim", "console_claim", _R, _claim, Keeps.LOOSELY),
    Page("POST", f"{_TASK}/reveal", "console_reveal", _R, _reveal),
    Page("POST", f"{_TASK}/hide", "console_hide", _R, _hide, Keeps.LOOSELY),
    Page("POST", f"{_TASK}/renew", "console_renew", _R, _renew, Keeps.LOOSELY),
    Page("POST", f"{_TASK}/release", "console_release", _R, _release, Keeps.LOOSELY),
)
