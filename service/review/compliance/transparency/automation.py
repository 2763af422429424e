"""The use of automated means, how often they are right, and what they miss (Article 15(1)(e))."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from sqlalchemy import Connection, case, func, select

from tocsin.service.review.compliance.transparency.period import Period
from tocsin.service.review.context import Context
from tocsin.service.review.quality.weighing import MOST_WAITING
from tocsin.service.review.queue import Queue
from tocsin.service.review.records.figures.precision import precision_over
from tocsin.service.review.records.figures.share import FEWEST, Share
from tocsin.service.review.store.correction_tables import corrections
from tocsin.service.review.store.phrases import standing
from tocsin.service.review.store.tables import decisions, items, tasks
from tocsin.service.statistics.counts import Count, shares

__all__ = ["PURPOSE", "Automated", "Missed", "Rate", "count_automated"]

PURPOSE: Final = (
    "A classifier orders what people look at first. It takes no measure; what was decided without a person is"
    " counted under moderation, by_automation, as the platform told it."
)
_TOO_FEW: Final = f"fewer than {FEWEST} decided"
_FLAGGED: Final = ("review", "urgent")


@dataclass(frozen=True, slots=True)
class Rate:
    """Hold a share and the ends of its 95% interval; where there are too few, none of them, and `why`."""

    hits: int
    of: int
    value: float | None
    low: float | None
    high: float | None
    why: str | None

    @classmethod
    def of_share(cls, share: Share) -> Rate:
        """Return the rate that a share is."""
        why = None if share.value is not None else _TOO_FEW
        return cls(share.hits, share.of, share.value, share.low, share.high, why)


@dataclass(frozen=True, slots=True)
class Missed:
    """Hold what the random audit found among what was not flagged: the possible rate of error.

    `share` is of all that could be drawn, each decided item weighted by one over its chance of being drawn
    (Hájek 1971), its interval that of `shares`. `drawn` less `share.of` wait, or were erased before anybody
    decided. Where more than a twentieth waits, by what it stands for, no share is told: what is decided first
    is no sample of the rest.
    """

    drawn: int
    share: Rate


@dataclass(frozen=True, slots=True)
class Automated:
    """Hold what the model was used for in a period, and indicators of its accuracy.

    `precision` is, by policy, of what was flagged for it and decided in the period, the share in which people
    found that very policy broken, and any. What was decided is not what waits.
    """

    purpose: str
    judged: int
    flagged: int
    not_judged: int
    precision: Mapping[str, Rate]
    precision_any_policy: Mapping[str, Rate]
    missed: Missed


def count_automated(tx: Connection, context: Context, period: Period) -> Automated:
    """Return what the model did in a period; rates of fewer than 20 are not told."""
    del context
    flagged = func.sum(case((items.c.level.in_(_FLAGGED), 1), else_=0))
    judged = func.count(items.c.level)
    query = select(func.count().label("all"), judged.label("judged"), flagged.label("flagged")).where(
        items.c.received_at >= period.since,
        items.c.received_at < period.until,
        items.c.id.not_in(select(tasks.c.item).where(tasks.c.queue.in_(_MEASURING))),
        items.c.id.not_in(select(corrections.c.item)),
    )
    row = tx.execute(query).one()
    found = precision_over(tx, period.since, period.until)
    return Automated(
        PURPOSE,
        row.judged,
        int(row.flagged or 0),
        row.all - row.judged,
        {one.policy: Rate.of_share(one.this_policy) for one in found},
        {one.policy: Rate.of_share(one.any_policy) for one in found},
        _missed(tx, period),
    )


_MEASURING: Final = (Queue.GOLDEN.value, Queue.SAMPLE.value)


def _missed(tx: Connection, period: Period) -> Missed:
    latest = (
        select(func.max(decisions.c.id)).where(*standing(tasks.c.item)).correlate(tasks).scalar_subquery()
    )
    made = decisions.alias("made")
    query = (
        select(tasks.c.inclusion, tasks.c.state, made.c.verdict)
        .select_from(tasks.outerjoin(made, made.c.id == latest))
        .where(tasks.c.inclusion > 0, tasks.c.queue.not_in(_MEASURING))
        .where(tasks.c.created_at >= period.since, tasks.c.created_at < period.until)
    )
    rows = tx.execute(query).all()
    weighed = [(1 / row.inclusion, row.verdict == "confirm") for row in rows if row.verdict is not None]
    waiting = sum(1 / row.inclusion for row in rows if row.verdict is None and row.state == "open")
    return Missed(len(rows), _rate(weighed, waiting))


def _rate(weighed: list[tuple[float, bool]], waiting: float = 0) -> Rate:
    """Return the weighted share of hits, with its interval; `waiting` is what undecided draws stand for."""
    hits = sum(hit for _, hit in weighed)
    left = waiting / (waiting + sum(weight for weight, _ in weighed)) if waiting else 0.0
    if left > MOST_WAITING:
        return Rate(hits, len(weighed), None, None, None, f"{left:.0%} of what was drawn waits")
    if len(weighed) < FEWEST:
        return Rate(hits, len(weighed), None, None, None, _TOO_FEW)
    weights = np.array([weight for weight, _ in weighed])
    hit = np.array([hit for _, hit in weighed], dtype=bool)
    found = shares(Count.of(weights[hit], weights), Count.of(weights[~hit], weights))
    return Rate(hits, len(weighed), float(found.value), float(found.low), float(found.high), None)
