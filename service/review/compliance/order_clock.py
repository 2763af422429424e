"""The record of removal orders: when each came, who looked when, and whether its hour was kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from tocsin.service.review.compliance.noticed import taken_at
from tocsin.service.review.context import Context
from tocsin.service.review.intake.submission import NoticeKind
from tocsin.service.review.log import Action
from tocsin.service.review.queue import Queue
from tocsin.service.review.records.measuring import MeasureKind
from tocsin.service.review.store.phrases import is_standing
from tocsin.service.review.store.tables import decisions, items, log, measures, notices, tasks

__all__ = ["HOUR", "Order", "list_orders"]

HOUR: Final = timedelta(hours=1)
"""Regulation (EU) 2021/784, Article 3(3)."""

_AT_A_TIME: Final = 500
_MEETING: Final = (MeasureKind.REMOVED.value, MeasureKind.DISABLED.value)
_BACK: Final = MeasureKind.RESTORED.value


@dataclass(frozen=True, slots=True)
class Order:
    """Hold one order: no text, and nobody's name.

    `received_at` is when the platform says that it came, from which its hour counts; `taken_at` when it was
    handed in here; `first_view_at` is a reviewer's first look from then on, but for one who decides the item
    once more, who is not shown that there is an order. `decided_at` and `verdict` are of the latest decision
    on its task that stands, `measure` of the removal of its item that was in force when it came, or else of
    the first one after that: one that had been taken back or had ended by then removed nothing that the order
    is about. `within_hour` and `in_time` say whether that came into force within the hour and by the
    deadline; None while that is open, as it is of an order that was dismissed. `item` and `reference` are the
    platform's own ids, None once they are erased.
    """

    number: int
    item: str | None
    reference: str | None
    source: str
    policy: str | None
    received_at: datetime
    taken_at: datetime | None
    deadline: datetime | None
    first_view_at: datetime | None
    decision: int | None
    verdict: str | None
    decided_at: datetime | None
    measure: str | None
    measure_kind: str | None
    applied_at: datetime | None
    recorded_at: datetime | None
    within_hour: bool | None
    in_time: bool | None


def list_orders(
    tx: Connection, context: Context, since: datetime | None = None, until: datetime | None = None
) -> list[Order]:
    """Return the orders received from `since` to before `until`, oldest first."""
    wanted = [notices.c.kind == NoticeKind.ORDER.value]
    wanted += [] if since is None else [notices.c.received_at >= since]
    wanted += [] if until is None else [notices.c.received_at < until]
    query = (
        select(notices, items.c.platform_id, items.c.erased_at)
        .join(items, items.c.id == notices.c.item)
        .where(*wanted)
        .order_by(notices.c.received_at, notices.c.id)
    )
    found = tx.execute(query).all()
    now, made = context.clock(), []
    for first in range(0, len(found), _AT_A_TIME):
        some = found[first : first + _AT_A_TIME]
        about = _About.of(tx, some)
        made += [_order(row, about, now) for row in some]
    return made


@dataclass(frozen=True, slots=True)
class _About:
    """Hold what other tables say of some orders' items and tasks."""

    taken: dict[int, datetime]
    views: dict[int, list[datetime]]
    decided: dict[int, Row[Any]]
    removed: dict[int, list[Row[Any]]]

    @classmethod
    def of(cls, tx: Connection, orders: Sequence[Row[Any]]) -> _About:
        numbers = [row.item for row in orders]
        return cls(
            taken_at(tx, numbers),
            _views(tx, numbers),
            _decided(tx, [row.task for row in orders]),
            _removed(tx, numbers),
        )


def _views(tx: Connection, numbers: Sequence[int]) -> dict[int, list[datetime]]:
    seconds = select(tasks.c.id).where(tasks.c.item.in_(numbers), tasks.c.queue == Queue.SECOND.value)
    blind = frozenset(tx.execute(seconds).scalars())
    query = select(log.c.item, log.c.at, log.c.body).where(
        log.c.item.in_(numbers), log.c.action == Action.VIEWED.value
    )
    found: dict[int, list[datetime]] = {}
    for row in tx.execute(query.order_by(log.c.seq)):
        if json.loads(row.body).get("task") not in blind:
            found.setdefault(row.item, []).append(row.at)
    return found


def _decided(tx: Connection, numbers: Sequence[int]) -> dict[int, Row[Any]]:
    query = select(decisions).where(decisions.c.task.in_(numbers), *is_standing())
    return {row.task: row for row in tx.execute(query.order_by(decisions.c.id))}


def _removed(tx: Connection, numbers: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """Return what removed each item, and what took that back, in the order in which it came into force."""
    query = select(measures).where(measures.c.item.in_(numbers), measures.c.kind.in_((*_MEETING, _BACK)))
    found: dict[int, list[Row[Any]]] = {}
    for row in tx.execute(query.order_by(measures.c.applied_at, measures.c.id)):
        found.setdefault(row.item, []).append(row)
    return found


def _meeting(row: Row[Any], removed: Sequence[Row[Any]]) -> Row[Any] | None:
    """Return the removal that meets an order, None where there is none yet."""
    standing = None
    for one in removed:
        if one.applied_at > row.received_at:
            break
        if one.kind == _BACK:
            standing = None
        elif standing is None or _ended(standing, one.applied_at):
            standing = one
    if standing is not None and not _ended(standing, row.received_at):
        return standing
    later = (one for one in removed if one.applied_at > row.received_at and one.kind != _BACK)
    return next(later, None)


def _ended(measure: Row[Any], at: datetime) -> bool:
    return measure.ends_at is not None and measure.ends_at <= at


def _order(row: Row[Any], about: _About, now: datetime) -> Order:
    taken, erased = about.taken.get(row.id), row.erased_at is not None
    decision, measure = about.decided.get(row.task), _meeting(row, about.removed.get(row.item, ()))
    known_from = taken or row.received_at
    viewed = next((at for at in about.views.get(row.item, ()) if at >= known_from), None)
    refused = decision is not None and decision.verdict == "dismiss"
    applied = None if measure is None else measure.applied_at
    return Order(
        row.id,
        row.platform_id,
        None if erased else row.reference,
        row.source,
        row.policy,
        row.received_at,
        taken,
        row.deadline,
        viewed,
        None if decision is None else decision.id,
        None if decision is None else decision.verdict,
        None if decision is None else decision.made_at,
        None if measure is None or erased else measure.reference,
        None if measure is None else measure.kind,
        applied,
        None if measure is None else measure.recorded_at,
        _kept(row.received_at + HOUR, applied, now, refused=refused),
        None if row.deadline is None else _kept(row.deadline, applied, now, refused=refused),
    )


def _kept(by: datetime, applied: datetime | None, now: datetime, *, refused: bool) -> bool | None:
    if applied is not None:
        return applied <= by
    return None if refused or now <= by else False
