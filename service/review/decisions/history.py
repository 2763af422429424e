"""What became of an item: its tasks, decisions, complaints and pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from tocsin.service.review.context import Context
from tocsin.service.review.decisions.decision import Decision
from tocsin.service.review.errors import UnknownError
from tocsin.service.review.intake.receipt import Receipt
from tocsin.service.review.intake.taking_in import receipt_of
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
    """Hold a task and every decision on its item, oldest first, with the holds on it."""

    task: Task
    decisions: Sequence[Decision]
    holds: Sequence[Hold]


@dataclass(frozen=True, slots=True)
class ItemHistory:
    """Hold what the platform may know of an item: where it stands, and what was decided."""

    receipt: Receipt
    decisions: Sequence[Decision]
    notices: Sequence[str]
    appeals: Sequence[str]


def history(tx: Connection, context: Context, task: int) -> History:
    """Return a task and what was decided of its item; raise UnknownError."""
    del context
    found = find_tasks(tx, tasks.c.id == task)
    if not found:
        raise UnknownError(f"there is no task {task}")
    item = found[0].item_number
    kept = select(holds).where(holds.c.item == item).order_by(holds.c.id)
    return History(
        found[0],
        _decisions(tx, item),
        [Hold(row.id, row.reason, row.placed_at, row.released_at) for row in tx.execute(kept)],
    )


def item_history(tx: Connection, context: Context, item: str) -> ItemHistory:
    """Return what was decided of an item; raise UnknownError."""
    del context
    number = item_number(tx, item)
    return ItemHistory(
        receipt_of(tx, number, item, new=False),
        _decisions(tx, number),
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
