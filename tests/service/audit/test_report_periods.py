"""Days become weeks, months or years: few to look at, and hardly one of them too small to tell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import pytest

from tocsin.service.audit.reporting.counting import DAYS
from tocsin.service.audit.reporting.groups import Groups
from tocsin.service.audit.reporting.periods import time_record
from tocsin.service.audit.reporting.records import TimeRecord
from tocsin.service.audit.reporting.timeline import near_periods

EPOCH = date(1970, 1, 1)


def told(rows: Mapping[date, int]) -> TimeRecord:
    """Return the record of days with so many rows, the first of each day flagged."""
    groups = Groups.empty(DAYS, 1)
    for day, count in rows.items():
        place = (day - EPOCH).days
        groups.rows[place] = count
        groups.flagged[place, 0, 0] = min(count, 1)
    return time_record("at", groups, 0, ("soup",))


def every(days: int, count: int, first: date = date(2031, 5, 17)) -> dict[date, int]:
    return {first + timedelta(days=number): count for number in range(days)}


@pytest.mark.parametrize(
    ("rows", "period"),
    [
        pytest.param(every(62, 20), "day", id="two months of days"),
        pytest.param(every(63, 20), "week", id="a day more"),
        pytest.param(every(30, 5), "week", id="days too small"),
        pytest.param(every(500, 20), "month", id="more than a year"),
        pytest.param(every(3000, 5), "year", id="more than five years"),
        pytest.param(every(4, 1), "year", id="hardly any row"),
        pytest.param({}, "day", id="none"),
    ],
)
def test_the_shortest_period_that_can_be_told_is_taken(rows: dict[date, int], period: str) -> None:
    assert told(rows).period == period


def test_weeks_begin_on_monday_and_lose_no_row() -> None:
    record = told(every(100, 7))

    assert record.period == "week"
    assert all(one.start.weekday() == 0 for one in record.periods)
    assert sum(one.rows for one in record.periods) + record.suppressed_rows == 700
    assert sum(one.policies["soup"].review for one in record.periods) == 100 - record.suppressed_rows / 7


def test_the_first_week_of_all_begins_in_the_year_before() -> None:
    record = told(every(5, 30, EPOCH) | every(70, 30))

    assert record.periods[0].start == date(1969, 12, 29)


def test_small_periods_are_only_counted() -> None:
    record = told(every(30, 40) | {date(2031, 7, 30): 19})

    assert record.period == "day"
    assert (record.suppressed, record.suppressed_rows) == (1, 19)
    assert date(2031, 7, 30) not in {one.start for one in record.periods}


def test_a_clock_that_was_never_set_does_not_stretch_the_picture() -> None:
    record = told({EPOCH: 300} | every(30, 40))

    near = near_periods(record.periods, record.period)
    assert len(record.periods) == 31
    assert len(near) == 30
    assert near[0].start == date(2031, 5, 17)
