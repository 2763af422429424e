"""Measures with all that the queue knows of them: what statements and counts are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, func, null, select

from tocsin.assessment import Level
from tocsin.service.review.compliance.noticed import noticed_at
from tocsin.service.review.queue import Queue
from tocsin.service.review.records.measuring import Automation, Ground, MeasureKind, MeasureSource
from tocsin.service.review.store.tables import decisions, items, measures, tasks

__all__ = ["Measured", "measured"]

_FLAGGED: Final = frozenset((Level.REVIEW.value, Level.URGENT.value))
_BY_MODEL: Final = frozenset((Queue.REVIEW.value, Queue.URGENT.value))
_BY_OTHERS: Final = frozenset((Queue.NOTICES.value, Queue.ORDERS.value))
_AT_A_TIME: Final = 500
_FIRST: Final = tasks.alias("first")
_WORDS: Final = ("text", "thread", "platform_id")


@dataclass(frozen=True, slots=True)
class Measured:
    """Hold one measure; `policy` is what the decision confirmed that it rests on, None where on none.

    `detected` says whether the model put its item into the queue, None where it never was in a queue. What
    came of a decision on a near-copy followed from it, whatever the platform says: `automation` says so.
    """

    number: int
    item: int
    kind: MeasureKind
    other: str | None = field(repr=False)
    ground: Ground
    ground_text: str = field(repr=False)
    territory: Sequence[str]
    source: MeasureSource
    automation: Automation
    applied_at: datetime
    ends_at: datetime | None
    recorded_at: datetime
    decision: int | None
    policy: str | None
    detected: bool | None
    language: str | None
    posted_at: datetime | None
    received_at: datetime
    texts: Sequence[str] = field(repr=False)
    names: Sequence[str] = field(repr=False)


def measured(tx: Connection, *conditions: ColumnElement[bool], words: bool = False) -> list[Measured]:
    """Return the measures of which all conditions hold, in the order in which they were recorded.

    Without `words`, their items' texts and ids are not read: there may be many.
    """
    found = tx.execute(_query(words).where(*conditions).order_by(measures.c.id)).all()
    unclear = sorted({row.item for row in found if row.queue in _BY_OTHERS and row.level in _FLAGGED})
    told: dict[int, datetime] = {}
    for first in range(0, len(unclear), _AT_A_TIME):
        told |= noticed_at(tx, unclear[first : first + _AT_A_TIME])
    return [_measured(row, told) for row in found]


def _query(words: bool) -> Select[Any]:
    """Return what asks for measures, each with the task in which its item first came before a person."""
    first = (
        select(func.min(_FIRST.c.id))
        .where(_FIRST.c.item == measures.c.item)
        .where(_FIRST.c.queue.not_in((Queue.GOLDEN.value, Queue.APPEALS.value, Queue.SAMPLE.value)))
        .correlate(measures)
        .scalar_subquery()
    )
    return (
        select(
            measures,
            decisions.c.policy,
            decisions.c.together_with,
            tasks.c.queue,
            tasks.c.created_at.label("task_at"),
            tasks.c.id.label("task"),
            items.c.level,
            items.c.language,
            items.c.posted_at,
            items.c.received_at,
            *((items.c[name] if words else null().label(name)) for name in _WORDS),
        )
        .select_from(measures)
        .join(items, items.c.id == measures.c.item)
        .outerjoin(decisions, decisions.c.id == measures.c.decision)
        .outerjoin(tasks, tasks.c.id == first)
    )


def _measured(row: Row[Any], told: dict[int, datetime]) -> Measured:
    automation = Automation(row.automation)
    if automation is Automation.NONE and row.together_with is not None:
        automation = Automation.PARTIAL
    texts = [one for one in (row.text, *(row.thread or ())) if one]
    names = [one for one in (row.platform_id, row.reference) if one]
    return Measured(
        row.id,
        row.item,
        MeasureKind(row.kind),
        row.other,
        Ground(row.ground),
        row.ground_text,
        tuple(row.territory or ()),
        MeasureSource(row.source),
        automation,
        row.applied_at,
        row.ends_at,
        row.recorded_at,
        row.decision,
        row.policy,
        _detected(row, told),
        row.language,
        row.posted_at,
        row.received_at,
        texts,
        names,
    )


def _detected(row: Row[Any], told: dict[int, datetime]) -> bool | None:
    """Say whether the model put the item into the queue: it lies where the model put it, or did before."""
    if row.queue is None:
        return None
    if row.queue in _BY_MODEL:
        return True
    before = told.get(row.task)  # a notice moved it, or opened its task
    return row.level in _FLAGGED and before is not None and bool(row.task_at < before)
