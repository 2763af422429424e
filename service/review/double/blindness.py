"""Blindness: what those who may decide an item once more are not shown of it, wherever they look."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, exists, or_, select

from tocsin.service.review.queue import Queue
from tocsin.service.review.records.reviewers import Reviewer
from tocsin.service.review.role import Role
from tocsin.service.review.store.double_tables import doubles
from tocsin.service.review.store.tables import exclusions, tasks

__all__ = [
    "WAITS",
    "adjudicated",
    "hidden_items",
    "is_adjudicated",
    "is_hidden",
    "is_hidden_task",
    "shows",
]

WAITS: Final = (
    "what was decided of this item, and what the model says of it, is shown once it was decided a second time"
)
_SECOND: Final = Queue.SECOND.value


def hidden_items(tx: Connection, me: Reviewer, among: Collection[int]) -> frozenset[int]:
    """Return the items whose first decision and whose scores `me` is not shown.

    They wait for a second reading that `me` may still make; or it was made, and can be undone yet. Leads make
    none, and are shown everything. So is whoever decided, or saw the item for another reason.
    """
    if me.role >= Role.LEAD or not among:
        return frozenset()
    query = select(doubles.c.item).where(doubles.c.item.in_(among), _is_blind(me))
    return frozenset(tx.execute(query).scalars())


def is_hidden(tx: Connection, me: Reviewer, item: int) -> bool:
    """Say whether an item is among the `hidden_items`."""
    return bool(hidden_items(tx, me, [item]))


def is_hidden_task(tx: Connection, me: Reviewer, task: int) -> bool:
    """Say whether a task is one of the `hidden_items`, and not its second reading."""
    query = select(tasks.c.item).where(tasks.c.id == task, tasks.c.queue != _SECOND)
    item = tx.execute(query).scalar()
    return item is not None and is_hidden(tx, me, item)


def shows(me: Reviewer, task: Any) -> ColumnElement[bool] | None:
    """Return what holds of tasks that a search may show `me`, rows of `task`; None where it may show all.

    Of hidden items it shows their second reading alone, of which it tells nothing.
    """
    if me.role >= Role.LEAD:
        return None
    hidden = exists().where(doubles.c.item == task.item, _is_blind(me))
    return or_(task.queue == _SECOND, ~hidden)


def adjudicated(tx: Connection, among: Collection[int]) -> frozenset[int]:
    """Return the items of which it is being said which of two decisions holds: of whom must not count."""
    if not among:
        return frozenset()
    query = select(doubles.c.item).where(doubles.c.item.in_(among), _is_asked())
    return frozenset(tx.execute(query).scalars())


def is_adjudicated(item: ColumnElement[int]) -> ColumnElement[bool]:
    """Return what holds of an item of which it is being said which of two decisions holds."""
    return exists().where(doubles.c.item == item, _is_asked())


def _is_asked() -> ColumnElement[bool]:
    """Return what holds of a row of `doubles` whose adjudication waits."""
    third = tasks.alias("third")
    return exists().where(third.c.id == doubles.c.adjudication, third.c.state == "open")


def _is_blind(me: Reviewer) -> ColumnElement[bool]:
    """Return what holds of a row of `doubles` whose second reading `me` may make, or undo."""
    second = tasks.alias("second")
    barred = exists().where(exclusions.c.task == second.c.id, exclusions.c.reviewer == me.number)
    waits = or_(second.c.state == "open", doubles.c.due_at.is_not(None))
    return exists().where(second.c.id == doubles.c.task, second.c.queue == _SECOND, waits, ~barred)
