"""When rows were posted: first, last, and how many by day, week or month."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.service.audit.known.records import CountRecord, Step, TimesRecord

__all__ = ["Calendar"]

Ints = NDArray[np.int64]

_MOST_DAYS: Final = 62
_MOST_WEEKS: Final = 104
_MICROSECONDS: Final = 86_400_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Calendar:
    """Count the rows of several clusters by day: memory for days that have any."""

    def __init__(self, clusters: int) -> None:
        self._days: list[Counter[int]] = [Counter() for _ in range(clusters)]
        self._first = np.full(clusters, np.iinfo(np.int64).max)
        self._last = np.full(clusters, np.iinfo(np.int64).min)
        self._untimed = np.zeros(clusters, np.int64)

    def add(self, cluster: Ints, times: Ints, known: NDArray[np.bool_]) -> None:
        """Add rows; `times` are microseconds since 1970, and mean nothing where they are not `known`."""
        self._untimed += np.bincount(cluster[~known], minlength=len(self._untimed))
        cluster, times = cluster[known], times[known]
        np.minimum.at(self._first, cluster, times)
        np.maximum.at(self._last, cluster, times)
        pairs = np.column_stack([cluster, times // _MICROSECONDS])
        found, counts = np.unique(pairs, axis=0, return_counts=True)
        for (number, day), count in zip(found.tolist(), counts.tolist(), strict=True):
            self._days[number][day] += count

    def record(self, cluster: int) -> TimesRecord | None:
        """Return what is known of one cluster; None where no row has a time."""
        days = self._days[cluster]
        if not days:
            return None
        span = max(days) - min(days) + 1
        step = Step.DAY if span <= _MOST_DAYS else Step.WEEK if span <= 7 * _MOST_WEEKS else Step.MONTH
        counts: Counter[date] = Counter()
        for day, count in days.items():
            counts[_begin((_EPOCH + timedelta(days=day)).date(), step)] += count
        return TimesRecord(
            first=_EPOCH + timedelta(microseconds=int(self._first[cluster])),
            last=_EPOCH + timedelta(microseconds=int(self._last[cluster])),
            untimed=int(self._untimed[cluster]),
            step=step,
            counts=tuple(CountRecord(first=day, rows=counts[day]) for day in sorted(counts)),
        )


def _begin(day: date, step: Step) -> date:
    """Return the first day of the step that a day is of."""
    if step is Step.DAY:
        return day
    # The week of 1 January of year 1 begins on it: it was a Monday.
    return day - timedelta(days=day.weekday()) if step is Step.WEEK else day.replace(day=1)
