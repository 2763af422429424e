"""What became of an item: its tasks, decisions, complaints and pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from tocsin.service.review.context import Context
from tocsin.service.review.decisions.decision import Decision
from tocsin.service.review.double.blindness import WAITS, adjudicated, is_hidden
from tocsin.service.review.errors import ForbiddenError, UnknownError
from tocsin.service.review.intake.receipt import Receipt
from tocsin.service.review.intake.taking_in import receipt_of
from tocsin.service.review.queue import Queue
from tocsin.service.review.records.reviewers import Reviewer
from tocsin.service.review.store.phrases import item_number
from tocsin.service.review.store.tables import appeals, decisions, holds, notices, tasks
from tocsin.service.review.tasks.task import Task, find_tasks

__all__ = ["History", "Hold", "ItemHistory", "history", "item_history"]


@dataclass(frozen=True, slots=True)
class Hold:
    """Hold one legal hold on an item."""

    number: int
    reason: str
    placed_at: datetime
    released_at: datetime | None


@dataclass(frozen=True, slots=True)
class History:
    """Hold a task and every decision on its item, oldest first, with the holds on it.

    Of one that is `hidden` they are one's own on this task alone, and no hold: it is to be decided without
    sight of what was decided before. Who decided what is adjudicated does not count, and is `unnamed`.
    """

    task: Task
    decisions: Sequence[Decision]
    holds: Sequence[Hold]
    hidden: bool = False
    unnamed: bool = False


@dataclass(frozen=True, slots=True)
class ItemHistory:
    """Hold what the platform may know of an item: where it stands, and what was decided."""

    receipt: Receipt
    decisions: Sequence[Decision]
    notices: Sequence[str]
    appeals: Sequence[str]


def history(tx: Connection, context: Context, task: int, me: Reviewer | None = None) -> History:
    """Return a task and what was decided of its item, as `me` may see it; None is the operator, who sees all.

    Raises UnknownError, and ForbiddenError for another task of an item whose second reading `me` may make.
    """
    del context
    found = find_tasks(tx, tasks.c.id == task)
    if not found:
        raise UnknownError(f"there is no task {task}")
    item = found[0].item_number
    if me is not None and is_hidden(tx, me, item):
        return _blinded(tx, found[0], me)
    kept = select(holds).where(holds.c.item == item).order_by(holds.c.id)
    made, unnamed = _decisions(tx, item), me is not None and bool(adjudicated(tx, [item]))
    return History(
        found[0],
        [_unnamed(one, me) for one in made] if me is not None and unnamed else made,
        [Hold(row.id, row.reason, row.placed_at, row.released_at) for row in tx.execute(kept)],
        unnamed=unnamed,
    )


def _blinded(tx: Connection, task: Task, me: Reviewer) -> History:
    """Return what may be told of a second reading to whoever may make it."""
    if task.queue is not Queue.SECOND:
        raise ForbiddenError(WAITS)
    mine = [
        one
        for one in _decisions(tx, task.item_number)
        if (one.task, one.reviewer) == (task.number, me.number)
    ]
    return History(task.blinded(), mine, (), hidden=True)


def _unnamed(made: Decision, me: Reviewer) -> Decision:
    """Return a decision without whose it is, unless it is `me`'s own."""
    return made if made.reviewer == me.number else replace(made, reviewer=None, undone_by=None)


def item_history(tx: Connection, context: Context, item: str) -> ItemHistory:
    """Return what was decided of an item; raise UnknownError."""
    del context
    number = item_number(tx, item)
    return ItemHistory(
        receipt_of(tx, number, item, new=False),
        [one for one in _decisions(tx, number) if not one.aside],
        _references(tx, notices, number),
        _references(tx, appeals, number),
    )


def _decisions(tx: Connection, item: int) -> list[Decision]:
    query = select(decisions).where(decisions.c.item == item).order_by(decisions.c.id)
    return [Decision.of(row) for row in tx.execute(query)]


def _references(tx: Connection, table: Any, item: int) -> list[str]:
    return list(
        tx.execute(select(table.c.reference).where(table.c.item == item).order_by(table.c.id)).scalars()
    )
