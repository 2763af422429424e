"""The budget at its edge: whoever asks several times at once gets no more than may be."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tocsin.service.review.care import exposure_of
from tocsin.service.review.care.testing import put_lighter, put_severe, reads, reveals_some
from tocsin.service.review.contract_testing import claimed, reviewer
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ConflictError
from tocsin.service.review.records import Reviewer
from tocsin.service.review.tasks import Task, claim_next, claim_task

AT_ONCE = 6


def all_at_once(work: Callable[[int], Task | None]) -> list[Task]:
    """Return the tasks that several threads get that begin together; refusals are none."""
    begin = Barrier(AT_ONCE)

    def one(number: int) -> Task | None:
        begin.wait()
        try:
            return work(number)
        except ConflictError:
            return None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [task for task in pool.map(one, range(AT_ONCE)) if task is not None]


def test_claims_at_once_at_the_edge_get_one_severe_task(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(severe_a_shift=3, severe_in_a_row=0, claims_each=20)
    alice = reviewer(desk)
    put_severe(desk, *(f"s{number}" for number in range(12)))
    reads(desk, alice, 2)
    lighter = put_lighter(desk, "l1", "l2")
    got = all_at_once(lambda _: desk.jot(claim_next, alice))
    assert sorted(task.number in lighter for task in got) == [False, True, True]


def test_named_tasks_claimed_at_once_at_the_edge_come_to_one(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(severe_a_shift=1, severe_in_a_row=0, claims_each=20)
    alice = reviewer(desk)
    severe = put_severe(desk, *(f"s{number}" for number in range(AT_ONCE)))
    assert len(all_at_once(lambda number: desk.jot(claim_task, alice, severe[number]))) == 1


def test_a_text_that_is_read_while_others_are_claimed_counts_throughout(
    make_desk: Callable[..., Desk],
) -> None:
    desk = make_desk(severe_a_shift=1, severe_in_a_row=0, claims_each=20)
    alice = reviewer(desk)
    put_severe(desk, "s1", "s2", "s3")
    first, _ = claimed(desk, alice)

    def work(number: int) -> Task | None:
        if number:
            return desk.jot(claim_next, alice)
        reveals_some(desk, alice, first.number)
        return None

    assert all_at_once(work) == []


def test_a_team_at_once_keeps_to_the_budget_of_each(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(severe_a_shift=2, severe_in_a_row=0, claims_each=20)
    team: list[Reviewer] = [reviewer(desk, f"r{number}") for number in range(3)]
    put_severe(desk, *(f"s{number}" for number in range(12)))
    got = all_at_once(lambda number: desk.jot(claim_next, team[number % 3]))
    got += all_at_once(lambda number: desk.jot(claim_next, team[number % 3]))
    assert len({task.number for task in got}) == len(got) == 6
    assert [len(desk.read(exposure_of, one).held) for one in team] == [2, 2, 2]
