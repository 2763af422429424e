"""The order of serving: what is severe and what is old come first, and nothing waits for ever."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.service.review.contract_testing import (
    START,
    FixedClock,
    assessed,
    claimed,
    handed_in,
    judged,
    rows,
    unscorable,
)
from tocsin.service.review.desk import Desk
from tocsin.service.review.intake.placing import priority
from tocsin.service.review.queue import PATIENCE_HOURS, Queue
from tocsin.service.review.records import Reviewer
from tocsin.service.review.rules import Rules, serve_by
from tocsin.service.review.store.tables import tasks
from tocsin.service.review.tasks import claim_next

RULES = Rules(PATIENCE_HOURS, 0, 0, timedelta(hours=1))
QUEUES = st.sampled_from(sorted(PATIENCE_HOURS))  # orders are served before all of these
PRIORITIES = st.floats(0, 1)
TIMES = st.timedeltas(timedelta(0), timedelta(days=60)).map(lambda later: START + later)
WAITS = st.timedeltas(timedelta(0), timedelta(days=30))


@given(QUEUES, PRIORITIES, TIMES, QUEUES, PRIORITIES, WAITS)
def test_nothing_is_served_before_what_came_its_own_patience_earlier(
    old: Queue, old_priority: float, came: datetime, new: Queue, new_priority: float, later: timedelta
) -> None:
    patience = timedelta(hours=PATIENCE_HOURS[old])
    newcomer = serve_by(new, new_priority, came + patience + later, None, RULES)
    assert serve_by(old, old_priority, came, None, RULES) <= newcomer


@given(QUEUES, PRIORITIES, TIMES, QUEUES, PRIORITIES, WAITS, WAITS)
def test_not_even_a_deadline_overtakes_what_waited_out_its_patience(
    old: Queue,
    old_priority: float,
    came: datetime,
    new: Queue,
    new_priority: float,
    later: timedelta,
    left: timedelta,
) -> None:
    arrived = came + timedelta(hours=PATIENCE_HOURS[old]) + later
    newcomer = serve_by(new, new_priority, arrived, arrived + left, RULES)
    assert serve_by(old, old_priority, came, None, RULES) <= newcomer


@given(QUEUES, PRIORITIES, PRIORITIES, TIMES)
def test_of_two_that_come_at_once_the_more_severe_is_served_first(
    queue: Queue, one: float, other: float, came: datetime
) -> None:
    low, high = sorted((one, other))
    assert serve_by(queue, high, came, None, RULES) <= serve_by(queue, low, came, None, RULES)


@given(QUEUES, PRIORITIES, TIMES, WAITS)
def test_of_two_alike_the_older_is_served_first(
    queue: Queue, given_priority: float, came: datetime, later: timedelta
) -> None:
    assert serve_by(queue, given_priority, came, None, RULES) <= serve_by(
        queue, given_priority, came + later, None, RULES
    )


@given(QUEUES, PRIORITIES, TIMES, WAITS)
def test_a_deadline_pulls_forward_to_a_quarter_of_what_is_left_and_never_back(
    queue: Queue, given_priority: float, came: datetime, left: timedelta
) -> None:
    due = serve_by(queue, given_priority, came, came + left, RULES)
    assert came <= due <= came + left / 4
    assert due <= serve_by(queue, given_priority, came, None, RULES)


@given(QUEUES, PRIORITIES, TIMES, WAITS)
def test_what_is_over_time_already_is_due_on_arrival(
    queue: Queue, given_priority: float, came: datetime, ago: timedelta
) -> None:
    assert serve_by(queue, given_priority, came, came - ago, RULES) == came


@pytest.mark.parametrize(
    ("reach", "weight", "expected"),
    [
        pytest.param(0, 0, 0.6, id="without weight it is the score"),
        pytest.param(None, 1, 0.6, id="unknown reach loses nothing"),
        pytest.param(0, 1, 0, id="seen by nobody, with all the weight"),
        pytest.param(1_000_000, 1, 0.6, id="seen by a million"),
        pytest.param(10**12, 1, 0.6, id="more weighs no more"),
        pytest.param(0, 0.25, 0.45, id="a quarter of the weight"),
    ],
)
def test_a_small_reach_lowers_a_priority_as_far_as_the_operator_says(
    reach: int | None, weight: float, expected: float
) -> None:
    assert priority(assessed("p", priority=0.6), reach, weight) == pytest.approx(expected)


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1), PRIORITIES, PRIORITIES)
def test_a_greater_reach_never_lowers_a_priority(one: int, other: int, weight: float, score: float) -> None:
    small, great = sorted((one, other))
    made = assessed("p", priority=score)
    assert 0 <= priority(made, small, weight) <= priority(made, great, weight) <= score


def test_what_could_not_be_judged_has_a_middle_priority() -> None:
    assert priority(unscorable("p"), None, 0) == 0.5


def test_tasks_are_served_by_their_moments_whatever_their_queues(
    desk: Desk, clock: FixedClock, alice: Reviewer
) -> None:
    levels = ["urgent", "review", "none"]
    for number in range(30):
        level = levels[number % 2]
        handed_in(desk, judged(f"p{number}", level=level, priority=number * 7 % 10 / 10))
        clock.advance(hours=number % 5)
    wanted = sorted(rows(desk, tasks), key=lambda row: (row.serve_by, row.id))
    assert _served(desk, clock, alice) == [row.id for row in wanted]


def test_an_old_item_of_low_priority_comes_before_a_new_one_of_high(
    desk: Desk, clock: FixedClock, alice: Reviewer
) -> None:
    handed_in(desk, judged("old", level="review", priority=0))
    clock.advance(hours=PATIENCE_HOURS[Queue.REVIEW] + 1)
    handed_in(desk, judged("new", level="urgent", priority=1))
    assert claimed(desk, alice)[0].item == "old"


@pytest.mark.parametrize(
    ("queues", "expected"),
    [
        ([], ["u", "r", "x"]),
        ([Queue.REVIEW], ["r"]),
        ([Queue.UNSCORABLE, Queue.REVIEW], ["r", "x"]),
        ([Queue.ORDERS], []),
        (list(Queue), ["u", "r", "x"]),
    ],
)
def test_only_the_queues_that_a_reviewer_names_are_served(
    desk: Desk, clock: FixedClock, alice: Reviewer, queues: list[Queue], expected: list[str]
) -> None:
    handed_in(
        desk,
        judged("x", assessment=unscorable("x")),
        judged("r", level="review", priority=0.9),
        judged("u", level="urgent", priority=0.9),
    )
    served = [desk.jot(claim_next, alice, queues) for _ in range(4)]
    assert [task.item for task in served if task] == expected


def _served(desk: Desk, clock: FixedClock, by: Reviewer) -> list[int]:
    """Return every task in the order of serving; no lease lapses meanwhile, and nobody holds too many."""
    numbers = []
    while task := desk.jot(claim_next, by):
        numbers.append(task.number)
        clock.advance(0.001)
        if len(numbers) % 5 == 0:
            _keep(desk)
    return numbers


def _keep(desk: Desk) -> None:
    """Take what is held out of the count, as deciding would."""
    desk.store.write(
        lambda tx: tx.execute(tasks.update().where(tasks.c.claim.is_not(None)).values(state="done"))
    )
