"""Days put together to weeks, months or years: as few as people can look at, as many as there is to see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.service.audit.reporting.groups import Groups
from tocsin.service.audit.reporting.records import FlagsRecord, Period, PeriodRecord, TimeRecord
from tocsin.service.audit.slicing import LEAST_ROWS

__all__ = ["flags_of", "time_record"]

Ints = NDArray[np.int64]

_MOST: Final = 62  # periods that a picture and a table can hold
_SMALL: Final = 0.1  # of all rows: more of them in small periods are too many to keep back
_MONDAY: Final = 3  # days that the week of 1 January 1970, a Thursday, had before it
_STARTS: Final[Mapping[Period, str]] = {Period.DAY: "D", Period.MONTH: "M", Period.YEAR: "Y"}


def time_record(column: str, days: Groups, untimed: int, policies: Sequence[str]) -> TimeRecord:
    """Return what was posted when: the shortest periods of which there are few, and hardly a small one."""
    used = np.flatnonzero(days.rows)
    stamps = used.astype("datetime64[D]")
    for period in Period:
        starts, place = np.unique(_starts(stamps, period), return_inverse=True)
        rows = _sums(place, days.rows[used], len(starts))
        small = rows < LEAST_ROWS
        if len(starts) <= _MOST and rows[small].sum() <= _SMALL * rows.sum():
            break
    unscorable = _sums(place, days.unscorable[used], len(starts))
    flagged = np.zeros((len(starts), *days.flagged.shape[1:]), np.int64)
    np.add.at(flagged, place, days.flagged[used])
    return TimeRecord(
        column=column,
        period=period,
        periods=tuple(
            PeriodRecord(
                start=_date(starts[one]),
                rows=int(rows[one]),
                unscorable=int(unscorable[one]),
                policies=flags_of(policies, flagged[one]),
            )
            for one in np.flatnonzero(~small)
        ),
        suppressed=int(small.sum()),
        suppressed_rows=int(rows[small].sum()),
        untimed=untimed,
    )


def flags_of(policies: Sequence[str], flagged: Ints) -> dict[str, FlagsRecord]:
    """Return counts of what was flagged, ``(policies, levels)``, by name."""
    return {
        name: FlagsRecord(review=int(review), urgent=int(urgent))
        for name, (review, urgent) in zip(policies, flagged, strict=True)
    }


def _starts(days: NDArray[np.datetime64], period: Period) -> NDArray[np.datetime64]:
    """Return the first day of the period that each day is in; weeks begin on Monday."""
    if period is Period.WEEK:
        numbers = days.astype(np.int64)
        return (numbers - (numbers + _MONDAY) % 7).astype("datetime64[D]")
    return days.astype(f"datetime64[{_STARTS[period]}]").astype("datetime64[D]")


def _sums(place: Ints, counts: Ints, groups: int) -> Ints:
    sums = np.zeros(groups, np.int64)
    np.add.at(sums, place, counts)
    return sums


def _date(day: np.datetime64) -> date:
    found = day.astype("datetime64[D]").item()
    assert isinstance(found, date)  # noqa: S101 - what a day is
    return found
