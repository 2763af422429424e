"""What goes before an item does: what complaints say of it, and payloads of statements that were sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Table, null, select, update

from tocsin.service.review.compliance.keeping import State
from tocsin.service.review.compliance.tables import RetentionTable
from tocsin.service.review.context import Context
from tocsin.service.review.log import Action, Actor, Entry, append
from tocsin.service.review.records.erasing import is_kept
from tocsin.service.review.store.compliance_tables import statements
from tocsin.service.review.store.tables import appeals, notices, tasks

__all__ = ["Forgotten", "count_forgettable", "forget"]

_AT_A_TIME: Final = 500
_BY: Final = Actor("retention")
_STORED: Final = (State.SENT.value, State.UNRECEIPTED.value)
_COMPLAINTS: Final = (notices, appeals)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Count what complaints said that goes, and payloads; names and receipts of statements stay."""

    complaints: int = 0
    payloads: int = 0

    @property
    def total(self) -> int:
        """Return how many there are in all."""
        return self.complaints + self.payloads

    def __add__(self, other: Forgotten) -> Forgotten:
        return Forgotten(self.complaints + other.complaints, self.payloads + other.payloads)


def count_forgettable(tx: Connection, context: Context, table: RetentionTable) -> Forgotten:
    """Return how much of both is due now."""
    complaints = sum(len(_complaints(tx, context, table, one, None)) for one in _COMPLAINTS)
    return Forgotten(complaints, len(_payloads(tx, context, table, None)))


def forget(tx: Connection, context: Context, table: RetentionTable) -> Forgotten:
    """Take what is due out of the tables, some at a time, and log whose complaints' words went."""
    numbers = _payloads(tx, context, table, _AT_A_TIME)
    if numbers:
        tx.execute(update(statements).where(statements.c.id.in_(numbers)).values(body=null()))
    logged: dict[int, int] = {}
    for each in _COMPLAINTS:
        found = _complaints(tx, context, table, each, _AT_A_TIME)
        for row in found:
            logged[row.item] = logged.get(row.item, 0) + 1
        if found:
            tx.execute(update(each).where(each.c.id.in_([row.id for row in found])).values(statement=None))
    for item, count in sorted(logged.items()):
        entry = Entry(context.clock(), _BY, Action.FORGOTTEN, item, {"statements": count})
        append(tx, context.key, entry)
    return Forgotten(sum(logged.values()), len(numbers))


def _payloads(tx: Connection, context: Context, table: RetentionTable, most: int | None) -> list[int]:
    if table.statement_days is None:
        return []
    before = context.clock() - timedelta(days=table.statement_days)
    query = select(statements.c.id).where(
        statements.c.state.in_(_STORED), statements.c.settled_at <= before, statements.c.body.is_not(None)
    )
    return list(tx.execute(query.order_by(statements.c.id).limit(most)).scalars())


def _complaints(
    tx: Connection, context: Context, table: RetentionTable, each: Table, most: int | None
) -> list[Any]:
    """Return complaints whose task was done long enough ago and that still say something, unless kept."""
    if table.complaint_days is None:
        return []
    before: datetime = context.clock() - timedelta(days=table.complaint_days)
    query = (
        select(each.c.id, each.c.item)
        .join(tasks, tasks.c.id == each.c.task)
        .where(each.c.statement.is_not(None), tasks.c.state == "done", tasks.c.done_at <= before)
        .order_by(each.c.id)
    )
    found: list[Any] = []
    kept: dict[int, bool] = {}
    for row in tx.execute(query):
        if row.item not in kept:
            kept[row.item] = is_kept(tx, context, row.item)
        if not kept[row.item]:
            found.append(row)
        if len(found) == most:
            break
    return found
