"""How much was handed in each day, and what the model made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, bindparam, cast, func, select

from tocsin.service.review.records.figures.days import day_number, midnight, number_of, shown_days
from tocsin.service.review.store.correction_tables import corrections
from tocsin.service.review.store.moment import Moment
from tocsin.service.review.store.sample_tables import sampled
from tocsin.service.review.store.tables import items, tasks

__all__ = ["BINS", "LEVELS", "Days", "VolumeDay", "count_days", "level_totals", "volume"]

Days = Mapping[int, Mapping[str, Mapping[int, int]]]
"""Counts of items by day's number, level and bin of priority; -1 is the bin of those without a priority."""

LEVELS: Final = ("urgent", "review", "none", "unjudged")
BINS: Final = 200
_MILLIONTHS: Final = 1_000_000  # priorities have six decimals
_SINCE: Final = bindparam("since", type_=Moment())
_BIN: Final = cast(func.round(items.c.priority * _MILLIONTHS), BigInteger) // (_MILLIONTHS // BINS)
_DAY: Final = day_number(items.c.received_at)
_COUNTED: Final = (
    select(_DAY.label("day"), items.c.level, _BIN.label("bin"), func.count().label("items"))
    .where(items.c.received_at >= _SINCE)
    .group_by(_DAY, items.c.level, _BIN)
)
# They are handed in by nobody, and nothing is known of their level.
_SAMPLED: Final = (
    select(_DAY.label("day"), func.count().label("items"))
    .join(sampled, sampled.c.item == items.c.id)
    .where(items.c.received_at >= _SINCE)
    .group_by(_DAY)
)
# Nor are these: somebody would have scored them otherwise, elsewhere.
_CORRECTED: Final = _COUNTED.join(corrections, corrections.c.item == items.c.id)
_DRAWN: Final = (
    select(day_number(tasks.c.created_at).label("day"), func.count().label("tasks"))
    .where(tasks.c.inclusion.is_not(None), tasks.c.created_at >= _SINCE)
    .group_by(day_number(tasks.c.created_at))
)


@dataclass(frozen=True, slots=True)
class VolumeDay:
    """Hold one day: items by the highest level of all policies, and how many the random audit drew.

    Of today, which is not over, `drawn` is None: a count that grows with single tasks would tell them apart.
    """

    day: date
    urgent: int
    review: int
    none: int
    unjudged: int
    drawn: int | None

    @property
    def handed_in(self) -> int:
        """Return how many items came."""
        return self.urgent + self.review + self.none + self.unjudged

    @property
    def flagged(self) -> int:
        """Return how many the model flagged."""
        return self.urgent + self.review


def count_days(tx: Connection, since: datetime) -> Days:
    """Return the counts of every day from `since` on, the beginning of a day."""
    days: dict[int, dict[str, dict[int, int]]] = {}
    for row in tx.execute(_COUNTED, {"since": since}):
        level = days.setdefault(row.day, {}).setdefault(row.level or "unjudged", {})
        place = _place(row.bin)
        level[place] = level.get(place, 0) + row.items
    for row in tx.execute(_SAMPLED, {"since": since}):
        days[row.day]["unjudged"][-1] -= row.items
    for row in tx.execute(_CORRECTED, {"since": since}):
        days[row.day][row.level or "unjudged"][_place(row.bin)] -= row.items
    return days


def _place(bin_: int | None) -> int:
    return -1 if bin_ is None else min(bin_, BINS - 1)


def volume(tx: Connection, days: Days, now: datetime) -> Sequence[VolumeDay]:
    """Return the last 28 days, today included, oldest first."""
    shown = shown_days(now)
    since = midnight(now) - timedelta(days=len(shown) - 1)
    drawn: dict[int, Any] = {row.day: row.tasks for row in tx.execute(_DRAWN, {"since": since})}
    return [_day(day, days, drawn.get(number_of(day), 0), is_over=day != shown[-1]) for day in shown]


def _day(day: date, days: Days, drawn: int, *, is_over: bool) -> VolumeDay:
    counts = level_totals(days, [number_of(day)])
    return VolumeDay(day, **counts, drawn=drawn if is_over else None)


def level_totals(days: Days, numbers: Sequence[int]) -> dict[str, int]:
    """Return how many items of each level came in some days."""
    return {
        level: sum(sum(days.get(number, {}).get(level, {}).values()) for number in numbers)
        for level in LEVELS
    }
