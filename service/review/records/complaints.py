"""Complaints: who asks for an item to be looked at, and who objects to what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Table, null, select

from tocsin.service.review.context import Context
from tocsin.service.review.records.viewing import Extent
from tocsin.service.review.store.tables import appeals, notices

__all__ = ["Complaint", "complaints_about"]

_MOST: Final = 200
_ABSENT: Final[Mapping[Table, tuple[str, ...]]] = {
    notices: ("decision",),
    appeals: ("policy", "deadline", "threat_to_life"),
}


@dataclass(frozen=True, slots=True)
class Complaint:
    """Hold one notice, order or appeal.

    `extent` is what it is revealed as, with `number`; `kind` is "notice", "order" or "appeal". `statement` is
    somebody's own text, to be shown masked; `decision` the one that is appealed against.
    """

    extent: Extent
    number: int
    kind: str
    task: int
    reference: str
    source: str
    policy: str | None
    decision: int | None
    threat_to_life: bool
    received_at: datetime
    deadline: datetime | None
    statement: str | None = field(repr=False)

    @classmethod
    def of(cls, row: Row[Any], extent: Extent) -> Complaint:
        """Return the complaint that a row holds."""
        return cls(
            extent,
            row.id,
            row.kind or extent.value,
            row.task,
            row.reference,
            row.source,
            row.policy,
            row.decision,
            bool(row.threat_to_life),
            row.received_at,
            row.deadline,
            row.statement,
        )


def complaints_about(tx: Connection, context: Context, item: int) -> list[Complaint]:
    """Return the notices and orders about an item, then the appeals, at most 200 of each, oldest first."""
    del context
    return [*_listed(tx, notices, Extent.NOTICE, item), *_listed(tx, appeals, Extent.APPEAL, item)]


def _listed(tx: Connection, table: Table, extent: Extent, item: int) -> list[Complaint]:
    absent = [null().label(name) for name in (*_ABSENT[table], *(() if "kind" in table.c else ("kind",)))]
    query = select(table, *absent).where(table.c.item == item).order_by(table.c.id).limit(_MOST)
    return [Complaint.of(row, extent) for row in tx.execute(query)]
