"""The item page as an answer, also where what was asked for could not be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Connection

from tocsin.errors import InputError
from tocsin.service.api.console import wording
from tocsin.service.api.console.answer import Onward, Shown
from tocsin.service.api.console.asked import Asked
from tocsin.service.api.console.item.typed import Typed, typed_in
from tocsin.service.api.console.item.view import ItemView, item_view
from tocsin.service.api.console.last_decision import last_decision
from tocsin.service.api.console.visit import Visit
from tocsin.service.review.context import Context
from tocsin.service.review.errors import ForbiddenError, ReviewError, UnknownError
from tocsin.service.review.records.revealing import LOOK

__all__ = ["attempt", "show_item", "task_path"]

_STATUS: Final[dict[type[Exception], int]] = {InputError: 400, ForbiddenError: 403, UnknownError: 404}


def task_path(number: int, place: str = "") -> str:
    """Return where the page of a task is, and where on it."""
    return f"/review/tasks/{number}" + (f"#{place}" if place else "")


def show_item(
    tx: Connection,
    context: Context,
    visit: Visit,
    number: int,
    *,
    fault: Exception | None = None,
    typed: Typed | None = None,
) -> Shown:
    """Return the page of a task, with what went wrong and what to do now where something did."""
    view = item_view(tx, context, visit, number)
    values: dict[str, Any] = {
        "item": view,
        "task": view.task,
        "path": task_path(number),
        "titles": {policy.name: policy.title for policy in visit.house.policies.policies},
        "typed": typed or Typed(),
        "fault": None if fault is None else _sentence(fault),
        "advice": None if fault is None else _advice(view),
        "words": wording,
        "look": LOOK,
        **last_decision(tx, context, visit.reviewer),
        "step": visit.preferences.mask,
    }
    return Shown("item.html", values, 200 if fault is None else _status(fault))


def attempt(
    tx: Connection,
    context: Context,
    visit: Visit,
    asked: Asked,
    number: int,
    work: Callable[[], Shown | Onward],
) -> Shown | Onward:
    """Return what `work` comes to; where it is refused, nothing of it is kept and the task's page says why.

    What was typed into the page's form stays in it. Raises UnknownError where there is no such task.
    """
    try:
        with tx.begin_nested():
            return work()
    except (ReviewError, InputError) as error:
        return show_item(tx, context, visit, number, fault=error, typed=typed_in(asked))


def _status(fault: Exception) -> int:
    return next((status for kind, status in _STATUS.items() if isinstance(fault, kind)), 409)


def _sentence(fault: Exception) -> str:
    said = str(fault)
    return said[:1].upper() + said[1:] + ("" if said.endswith(".") else ".")


def _advice(view: ItemView) -> str:
    """Return what whoever asked can do now."""
    if view.mine:
        return "Nothing was changed. The task is still yours."
    if view.task.state != "open":
        return "The task is done: what was said of it stands below. Take the next one."
    if view.holder is not None:
        return (
            f"Reviewer {view.holder} has the task now. What you typed is kept below, but not stored:"
            " copy it if you need it, and take the next task."
        )
    if view.claimable:
        return "The task is free: take it to go on. What you typed is kept below, but not stored."
    return "The task is others' now. What you typed is kept below, but not stored."
