"""Breaks: how long somebody has worked without a pause, and when one is suggested."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tocsin.service.review.care import Preferences, break_due, worked_for
from tocsin.service.review.care.testing import put_lighter, reveals_some
from tocsin.service.review.contract_testing import DISMISS, FixedClock, claimed
from tocsin.service.review.decisions import decide
from tocsin.service.review.desk import Desk
from tocsin.service.review.records import Reviewer

AFTER_50 = Preferences(break_minutes=50)
NEVER = Preferences(break_minutes=0)


@pytest.fixture
def task(desk: Desk) -> int:
    """Return the number of a task."""
    return put_lighter(desk, "p1")[0]


def work(desk: Desk, by: Reviewer, task: int, clock: FixedClock, minutes: int, apart: float = 4) -> None:
    """Reveal something now, and every few minutes for so long."""
    for _ in range(round(minutes / apart)):
        reveals_some(desk, by, task)
        clock.advance(minutes=apart)
    reveals_some(desk, by, task)


def minutes(worked: timedelta | None) -> float | None:
    return None if worked is None else worked / timedelta(minutes=1)


def test_whoever_has_done_nothing_has_not_worked(desk: Desk, alice: Reviewer) -> None:
    assert desk.read(worked_for, alice) == timedelta(0)
    assert desk.read(break_due, alice, Preferences(break_minutes=1)) is None


def test_a_break_is_due_after_as_long_as_one_chose(
    desk: Desk, alice: Reviewer, task: int, clock: FixedClock
) -> None:
    work(desk, alice, task, clock, 48)
    assert desk.read(break_due, alice, AFTER_50) is None
    clock.advance(minutes=2)
    assert minutes(desk.read(break_due, alice, AFTER_50)) == 50
    assert desk.read(break_due, alice, Preferences(break_minutes=51)) is None
    assert desk.read(break_due, alice, NEVER) is None


@pytest.mark.parametrize(
    ("pause_s", "worked"),
    [
        pytest.param(299, 20 + 299 / 60, id="shorter than five minutes is no pause"),
        pytest.param(300, 0, id="five minutes are one"),
    ],
)
def test_a_pause_of_five_minutes_begins_anew(
    desk: Desk, alice: Reviewer, task: int, clock: FixedClock, pause_s: int, worked: float
) -> None:
    work(desk, alice, task, clock, 20)
    clock.advance(pause_s)
    reveals_some(desk, alice, task)
    assert minutes(desk.read(worked_for, alice)) == pytest.approx(worked)


def test_while_a_pause_lasts_nothing_is_suggested(
    desk: Desk, alice: Reviewer, task: int, clock: FixedClock
) -> None:
    work(desk, alice, task, clock, 60)
    assert desk.read(break_due, alice, AFTER_50) is not None
    clock.advance(minutes=5)
    assert desk.read(break_due, alice, AFTER_50) is None


def test_what_is_decided_counts_like_what_is_revealed(
    desk: Desk, alice: Reviewer, task: int, clock: FixedClock
) -> None:
    reveals_some(desk, alice, task)
    clock.advance(minutes=4)
    _, claim = claimed(desk, alice)
    desk.write(decide, alice, claim, DISMISS)
    clock.advance(minutes=4)
    assert minutes(desk.read(worked_for, alice)) == 8


def test_others_work_is_not_mine(
    desk: Desk, alice: Reviewer, bob: Reviewer, task: int, clock: FixedClock
) -> None:
    work(desk, alice, task, clock, 60)
    assert desk.read(worked_for, bob) == timedelta(0)


def test_of_very_long_work_only_twelve_hours_are_told(
    desk: Desk, alice: Reviewer, task: int, clock: FixedClock
) -> None:
    work(desk, alice, task, clock, 13 * 60)
    assert timedelta(hours=11, minutes=55) <= desk.read(worked_for, alice) <= timedelta(hours=12)
