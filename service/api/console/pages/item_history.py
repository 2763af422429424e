"""The item's history: who asked, decided, saw, did and was told what; leads hold it here."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection

from tocsin.errors import InputError
from tocsin.service.api.console import wording
from tocsin.service.api.console.answer import Onward, Shown
from tocsin.service.api.console.asked import Asked
from tocsin.service.api.console.page import Page
from tocsin.service.api.console.visit import Visit
from tocsin.service.review.context import Context
from tocsin.service.review.decisions import trail
from tocsin.service.review.errors import ReviewError, UnknownError
from tocsin.service.review.records import hold, release_hold
from tocsin.service.review.role import Role

__all__ = ["ITEM_HISTORY_PAGES"]


def _history(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown | Onward:
    return _shown(tx, context, visit, asked.number("task"))


def _shown(
    tx: Connection,
    context: Context,
    visit: Visit,
    number: int,
    *,
    fault: Exception | None = None,
    reason: str = "",
) -> Shown:
    told = trail(tx, context, number, visit.reviewer)
    values: dict[str, Any] = {
        "trail": told,
        "task": told.history.task,
        "path": f"/review/tasks/{number}",
        "leads": visit.reviewer.role >= Role.LEAD,
        "undo_seconds": context.settings.undo_seconds,
        "titles": {policy.name: policy.title for policy in visit.house.policies.policies},
        "fault": None if fault is None else f"{str(fault)[:1].upper()}{str(fault)[1:]}.",
        "reason": reason,
        "words": wording,
    }
    return Shown("item_history.html", values, 200 if fault is None else 400)


def _hold(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown | Onward:
    number = asked.number("task")
    item = trail(tx, context, number, visit.reviewer).history.task.item
    reason = asked.form.get("reason", "").replace("\r\n", "\n").replace("\0", "").strip()
    try:
        if item is None:
            raise UnknownError("the item was erased: there is nothing to keep")
        with tx.begin_nested():
            hold(tx, context, visit.reviewer, item, reason)
    except (ReviewError, InputError) as error:
        return _shown(tx, context, visit, number, fault=error, reason=reason)
    return Onward(f"/review/tasks/{number}/history", "held")


def _release(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown | Onward:
    number, placed = asked.number("task"), asked.number("hold")
    if placed not in {one.number for one in trail(tx, context, number, visit.reviewer).holds}:
        raise UnknownError(f"there is no hold {placed} on this item")
    release_hold(tx, context, visit.reviewer, placed)
    return Onward(f"/review/tasks/{number}/history", "hold-released")


_TASK: Final = "/review/tasks/{task}"
ITEM_HISTORY_PAGES: Final = (
    Page("GET", f"{_TASK}/history", "console_history", Role.REVIEWER, _history),
    Page("POST", f"{_TASK}/holds", "console_hold", Role.LEAD, _hold),
    Page("POST", f"{_TASK}/holds/{{hold}}/release", "console_release_hold", Role.LEAD, _release),
)
