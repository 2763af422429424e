"""Alarms over drift in the queue: what they compare, and what they leave alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np

from tocsin.assessment import Level
from tocsin.service.review.contract_testing import FixedClock
from tocsin.service.review.desk import Desk
from tocsin.service.review.quality.drifting import Alarm, drift_alarms
from tocsin.service.review.quality.testing import Planted, plant
from tocsin.service.review.records import Reviewer

Shares = Callable[[int], tuple[float, float]]


def filled(desk: Desk, by: Reviewer, clock: FixedClock, shares: Shares) -> None:
    """Put six weeks of 20 items a day into the queue; `shares` are those flagged and, of these, confirmed."""
    random = np.random.default_rng(1)
    start = clock.at.replace(hour=0, minute=0)
    made: list[Planted] = []
    for back in range(42, 0, -1):
        flagged, confirmed = shares(back)
        made += [_item(random, start - timedelta(days=back), flagged, confirmed) for _ in range(20)]
    desk.write(plant, by.number, made)


def _item(random: np.random.Generator, at: datetime, flagged: float, confirmed: float) -> Planted:
    if random.random() < flagged:
        said = "soup" if random.random() < confirmed else ""
        return Planted(Level.REVIEW, at, said, score=0.8, flags={"soup": Level.REVIEW})
    return Planted(Level.NONE, at, "", 0.5, drawn=True, score=float(np.round(random.uniform(0, 0.5), 6)))


def told(desk: Desk) -> dict[tuple[str, str | None], Alarm]:
    return {(one.what, one.policy): one for one in desk.read(drift_alarms).alarms}


def test_an_empty_queue_has_no_alarm(desk: Desk) -> None:
    assert {one.chance for one in desk.read(drift_alarms).alarms} == {None}


def test_where_nothing_changes_there_is_no_alarm(desk: Desk, alice: Reviewer, clock: FixedClock) -> None:
    filled(desk, alice, clock, lambda _: (0.3, 0.7))
    found = told(desk)
    assert not any(one.alarm for one in found.values())
    assert found["flagged share", None].items == 7 * 20


def test_a_share_that_doubled_last_week_is_an_alarm(desk: Desk, alice: Reviewer, clock: FixedClock) -> None:
    filled(desk, alice, clock, lambda back: (0.6 if back <= 7 else 0.3, 0.7))
    found = told(desk)
    assert found["flagged share", None].alarm
    assert found["scores", None].alarm
    assert not found["precision", "soup"].alarm


def test_precision_is_compared_a_week_later(desk: Desk, alice: Reviewer, clock: FixedClock) -> None:
    filled(desk, alice, clock, lambda back: (0.5, 0.2 if back <= 14 else 0.9))
    found = told(desk)
    assert found["precision", "soup"].alarm
    assert not found["flagged share", None].alarm
