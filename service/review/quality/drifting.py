"""Alarms over drift: what changed in the latest week beside the four before it, beyond what days do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Select, func, literal_column, select

from tocsin.service.review.context import Context
from tocsin.service.review.quality.arrivals import is_arrival, latest
from tocsin.service.review.quality.period import SETTLING
from tocsin.service.review.records.figures.days import day_number, midnight, number_of
from tocsin.service.review.records.figures.volume import BINS, LEVELS, count_days
from tocsin.service.review.store.tables import decisions, flags, items, tasks
from tocsin.service.statistics.weeks import Statistic, chance_of, holm, logit_shift, stability

__all__ = ["ALARM_RATE", "WEEKS", "Alarm", "Drifted", "drift_alarms"]

Ints = NDArray[np.int64]

ALARM_RATE: Final = 0.01
"""How often any alarm comes up where nothing changed and days are independent."""
WEEKS: Final = 5
_DAYS: Final = 7
_FEWEST: Final = 20
_BANDS: Final = 20
_DAY: Final = day_number(items.c.received_at).label("day")


@dataclass(frozen=True, slots=True)
class Alarm:
    """Hold one test: what is compared, in the latest week and the four before it, and whether it is an alarm.

    `late` and `early` are shares, None for the scores, whose `index` of stability tells how far they moved.
    `chance` is how often days that are alike differ so much; None where there is too little, `items` in the
    latest week.
    """

    what: str
    policy: str | None
    items: int
    late: float | None
    early: float | None
    index: float | None
    chance: float | None
    alarm: bool


@dataclass(frozen=True, slots=True)
class Drifted:
    """Hold all tests; what is decided is looked at a week later than what arrives."""

    arrived_until: datetime
    decided_until: datetime
    alarm_rate: float
    alarms: list[Alarm]


def drift_alarms(tx: Connection, context: Context) -> Drifted:
    """Return what changed in what arrives, flagged share and scores, and in what was decided of it."""
    today = midnight(context.clock())
    settled = today - SETTLING
    tests = [*_of_arrivals(tx, today), *_of_decisions(tx, settled)]
    made = [_tested(*test) for test in tests]
    told = [place for place, one in enumerate(made) if one.chance is not None]
    fired = holm([made[place].chance or 0.0 for place in told], ALARM_RATE)
    alarming = {place for place, is_one in zip(told, fired, strict=True) if is_one}
    return Drifted(
        today,
        settled,
        ALARM_RATE,
        [_fired(one, place in alarming) for place, one in enumerate(made)],
    )


_Test: TypeAlias = tuple[str, str | None, Ints, Statistic]


def _of_arrivals(tx: Connection, until: datetime) -> Iterator[_Test]:
    days = count_days(tx, until - timedelta(days=WEEKS * _DAYS))
    last = number_of(until.date())
    levels = np.zeros((WEEKS * _DAYS, 2), np.int64)
    scores = np.zeros((WEEKS * _DAYS, _BANDS), np.int64)
    for place, number in enumerate(range(last - WEEKS * _DAYS, last)):
        for level, bins in days.get(number, {}).items():
            levels[place, 0 if level in LEVELS[:2] else 1] += sum(bins.values())
            for band, count in bins.items():
                if band >= 0:
                    scores[place, band * _BANDS // BINS] += count
    yield "flagged share", None, _weeks(levels), logit_shift
    yield "scores", None, _weeks(scores), stability


def _of_decisions(tx: Connection, until: datetime) -> Iterator[_Test]:
    first = number_of(until.date()) - WEEKS * _DAYS
    bounds = {"since": until - timedelta(days=WEEKS * _DAYS), "until": until}
    flagged: dict[str, Ints] = {}
    for row in tx.execute(_flagged(), bounds):
        table = flagged.setdefault(row.flag, np.zeros((WEEKS * _DAYS, 2), np.int64))
        table[row.day - first, 0 if row.policy == row.flag else 1] += row.items
    for policy in sorted(flagged):
        yield "precision", policy, _weeks(flagged[policy]), logit_shift
    table = np.zeros((WEEKS * _DAYS, 2), np.int64)
    for row in tx.execute(_drawn(), bounds):
        table[row.day - first, 0 if row.verdict == "confirm" else 1] += row.items
    yield "hits among what was drawn", None, _weeks(table), logit_shift


def _flagged() -> Select[Any]:
    last, made = latest(), decisions.alias("made")
    return (
        select(_DAY, flags.c.policy.label("flag"), made.c.policy, func.count().label("items"))
        .select_from(flags)
        .join(items, items.c.id == flags.c.item)
        .join(last, last.c.item == items.c.id)
        .join(made, made.c.id == last.c.id)
        .where(*is_arrival())
        .group_by(*(literal_column(place) for place in "123"))
    )


def _drawn() -> Select[Any]:
    last, made, drawn = latest(), decisions.alias("made"), tasks.alias("drawn")
    return (
        select(_DAY, made.c.verdict, func.count().label("items"))
        .select_from(drawn)
        .join(items, items.c.id == drawn.c.item)
        .join(last, last.c.item == items.c.id)
        .join(made, made.c.id == last.c.id)
        .where(*is_arrival(), drawn.c.inclusion.is_not(None))
        .group_by(*(literal_column(place) for place in "12"))
    )


def _weeks(days: Ints) -> Ints:
    return days.reshape(WEEKS, _DAYS, -1)


def _tested(what: str, policy: str | None, counts: Ints, statistic: Statistic) -> Alarm:
    late, early = counts[-1].sum(axis=0), counts[:-1].sum(axis=(0, 1))
    if late.sum() < _FEWEST or early.sum() < _FEWEST:
        return Alarm(what, policy, int(late.sum()), None, None, None, None, alarm=False)
    chance = chance_of(counts, statistic)
    if statistic is stability:
        index = float(stability(late.astype(np.float64), early.astype(np.float64)))
        return Alarm(what, policy, int(late.sum()), None, None, index, chance, alarm=False)
    shares = [float(side[0] / side.sum()) for side in (late, early)]
    return Alarm(what, policy, int(late.sum()), shares[0], shares[1], None, chance, alarm=False)


def _fired(one: Alarm, is_one: bool) -> Alarm:
    return replace(one, alarm=is_one)
