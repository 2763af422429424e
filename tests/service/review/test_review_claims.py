"""Claims: a task is one reviewer's for a while, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from tocsin.service.review.contract_testing import (
    CONFIRM,
    DISMISS,
    ESCALATE,
    PLATFORM,
    SKIP,
    FixedClock,
    actions,
    claimed,
    decided,
    handed_in,
    judged,
    reviewer,
    rows,
)
from tocsin.service.review.decisions import decide
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ConflictError, ForbiddenError, UnknownError
from tocsin.service.review.records import Reviewer, change_reviewer
from tocsin.service.review.role import Role
from tocsin.service.review.store.tables import tasks
from tocsin.service.review.tasks import claim_next, claim_task, held_by, reassign, release, renew

LEASE_S = 900


@pytest.fixture
def task(desk: Desk) -> int:
    """Return the number of the one task that waits."""
    handed_in(desk, judged("p1"))
    return int(rows(desk, tasks)[0].id)


def test_a_claimed_task_is_nobody_elses(desk: Desk, task: int, alice: Reviewer, bob: Reviewer) -> None:
    mine, _ = claimed(desk, alice)
    assert (mine.number, mine.claimed_by) == (task, alice.number)
    assert desk.jot(claim_next, bob) is None
    with pytest.raises(ConflictError):
        desk.jot(claim_task, bob, task)


def test_many_at_once_get_a_task_each(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk()
    handed_in(desk, *(judged(f"p{number}") for number in range(20)))
    people = [reviewer(desk, f"r{number}") for number in range(8)]
    at_once = Barrier(len(people))

    def take(one: Reviewer) -> list[Any]:
        at_once.wait()
        return [desk.jot(claim_next, one) for _ in range(3)]

    with ThreadPoolExecutor(len(people)) as pool:
        got = [task.number for taken in pool.map(take, people) for task in taken if task]
    assert sorted(got) == list(range(1, 21))


def test_nobody_holds_more_than_may_be_even_who_asks_twice_at_once(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(claims_each=2)
    handed_in(desk, *(judged(f"p{number}") for number in range(12)))
    alice = reviewer(desk)
    at_once = Barrier(6)

    def take(_: int) -> bool:
        at_once.wait()
        try:
            return desk.jot(claim_next, alice) is not None
        except ConflictError:
            return False

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(take, range(6))) == 2


def test_a_lapsed_claim_lets_others_take_the_task(
    desk: Desk, task: int, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    claimed(desk, alice)
    clock.advance(LEASE_S - 1)
    assert desk.jot(claim_next, bob) is None
    clock.advance(1)
    assert claimed(desk, bob)[0].number == task


def test_a_late_decision_counts_while_nobody_else_took_the_task(
    desk: Desk, task: int, clock: FixedClock, alice: Reviewer
) -> None:
    _, claim = claimed(desk, alice)
    clock.advance(hours=9)
    assert desk.write(decide, alice, claim, CONFIRM).task == task


def test_a_late_decision_never_counts_once_another_took_the_task(
    desk: Desk, task: int, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    _, claim = claimed(desk, alice)
    clock.advance(LEASE_S)
    _, other = claimed(desk, bob)
    for work in (lambda: desk.write(decide, alice, claim, CONFIRM), lambda: desk.jot(renew, alice, claim)):
        with pytest.raises(UnknownError):
            work()
    assert desk.write(decide, bob, other, DISMISS).reviewer == bob.number


def test_a_renewed_claim_holds_for_a_lease_from_then(
    desk: Desk, task: int, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    _, claim = claimed(desk, alice)
    clock.advance(LEASE_S - 1)
    renewed = desk.jot(renew, alice, claim)
    assert (renewed.claim, renewed.number) == (claim, task)
    clock.advance(LEASE_S - 1)
    assert desk.jot(claim_next, bob) is None


def test_a_released_task_is_free_at_once_and_its_claim_worth_nothing(
    desk: Desk, task: int, alice: Reviewer, bob: Reviewer
) -> None:
    _, claim = claimed(desk, alice)
    desk.jot(release, alice, claim)
    assert claimed(desk, bob)[0].number == task
    with pytest.raises(UnknownError):
        desk.jot(release, alice, claim)


def test_a_claim_is_worth_nothing_to_others(desk: Desk, task: int, alice: Reviewer, bob: Reviewer) -> None:
    _, claim = claimed(desk, alice)
    for work in (renew, release):
        with pytest.raises(UnknownError):
            desk.jot(work, bob, claim)
    with pytest.raises(ConflictError):
        desk.write(decide, bob, claim, CONFIRM)


def test_a_lapsed_claim_does_not_count_against_the_most(
    make_desk: Callable[..., Desk], clock: FixedClock
) -> None:
    desk = make_desk(claims_each=1)
    handed_in(desk, judged("p1"), judged("p2"))
    alice = reviewer(desk)
    claimed(desk, alice)
    with pytest.raises(ConflictError, match="at most 1"):
        desk.jot(claim_next, alice)
    clock.advance(LEASE_S)
    assert desk.jot(claim_next, alice) is not None


def test_a_reviewer_sees_what_they_hold(desk: Desk, task: int, alice: Reviewer, bob: Reviewer) -> None:
    claimed(desk, alice)
    assert [one.number for one in desk.read(held_by, alice)] == [task]
    assert desk.read(held_by, bob) == []


def test_a_task_by_its_number_must_exist_and_wait(desk: Desk, task: int, alice: Reviewer) -> None:
    with pytest.raises(UnknownError):
        desk.jot(claim_task, alice, task + 1)
    desk.write(decide, alice, str(desk.jot(claim_task, alice, task).claim), CONFIRM)
    with pytest.raises(ConflictError):
        desk.jot(claim_task, alice, task)


def test_what_was_escalated_is_hidden_from_lower_roles(
    desk: Desk, task: int, alice: Reviewer, bob: Reviewer, senior: Reviewer
) -> None:
    decided(desk, alice, ESCALATE)
    assert desk.jot(claim_next, bob) is None
    with pytest.raises(ConflictError):
        desk.jot(claim_task, bob, task)
    assert claimed(desk, senior)[0].number == task


def test_whoever_skipped_a_task_does_not_get_it_again(desk: Desk, task: int, alice: Reviewer) -> None:
    decided(desk, alice, SKIP)
    assert desk.jot(claim_next, alice) is None
    with pytest.raises(ConflictError):
        desk.jot(claim_task, alice, task)


def test_a_reassigned_task_is_anothers_whoever_held_it(
    desk: Desk, task: int, alice: Reviewer, bob: Reviewer, senior: Reviewer
) -> None:
    _, claim = claimed(desk, alice)
    given = desk.write(reassign, senior, task, bob.number)
    assert given.claimed_by == bob.number
    with pytest.raises(UnknownError):
        desk.write(decide, alice, claim, CONFIRM)
    assert actions(desk) == ["task.reassigned"]


def test_a_task_is_reassigned_only_to_whoever_may_take_it(
    desk: Desk, task: int, alice: Reviewer, bob: Reviewer, senior: Reviewer
) -> None:
    decided(desk, alice, ESCALATE)
    desk.write(change_reviewer, bob.number, role=Role.SENIOR, active=False, by=PLATFORM)
    with pytest.raises(ForbiddenError, match="active"):
        desk.write(reassign, senior, task, bob.number)
    low = reviewer(desk, "carl")
    with pytest.raises(ForbiddenError, match="at least senior"):
        desk.write(reassign, senior, task, low.number)


def test_a_task_may_be_given_back_to_whoever_passed_it_on(
    desk: Desk, task: int, alice: Reviewer, senior: Reviewer
) -> None:
    decided(desk, alice, SKIP)
    assert desk.jot(claim_next, alice) is None
    given = desk.write(reassign, senior, task, alice.number)
    assert given.claim is not None
    assert desk.write(decide, alice, given.claim, CONFIRM).task == task


def test_what_is_done_or_unknown_is_not_reassigned(
    desk: Desk, task: int, alice: Reviewer, senior: Reviewer
) -> None:
    decided(desk, alice, CONFIRM)
    with pytest.raises(ConflictError):
        desk.write(reassign, senior, task, alice.number)
    for number, to in ((task + 1, alice.number), (task, 99)):
        with pytest.raises((UnknownError, ConflictError)):
            desk.write(reassign, senior, number, to)


def test_what_somebody_held_is_free_once_they_are_no_reviewer_any_more(
    desk: Desk, task: int, alice: Reviewer, bob: Reviewer
) -> None:
    _, claim = claimed(desk, alice)
    desk.write(change_reviewer, alice.number, active=False, by=PLATFORM)
    assert claimed(desk, bob)[0].number == task
    with pytest.raises(UnknownError):
        desk.write(decide, alice, claim, CONFIRM)
