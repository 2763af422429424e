"""Many reviewers at once, each a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from multiprocessing.process import BaseProcess
from typing import Any, Final

from sqlalchemy import func, select

from tocsin.service.review.contract_testing import FixedClock, actions, reviewer, rows
from tocsin.service.review.desk import Desk
from tocsin.service.review.filling_testing import fill
from tocsin.service.review.log import Action, read_head, verify
from tocsin.service.review.records import Reviewer
from tocsin.service.review.store.tables import decisions, outbox, tasks
from tocsin.service.review.worker_testing import (
    ENDPOINTS,
    PATIENCE_S,
    Hasty,
    die_holding,
    processes,
    work_off,
)

REVIEWERS: Final = 32
ITEMS: Final = 5_000
LEASE: Final = timedelta(seconds=10)


def started(run: Callable[..., None], *given: Any) -> BaseProcess:
    process = processes().Process(target=run, args=given, daemon=True)
    process.start()
    return process


def ended(working: Sequence[BaseProcess]) -> list[int | None]:
    """Wait for processes to end; return how they did."""
    for process in working:
        process.join(PATIENCE_S)
    return [process.exitcode for process in working]


def team(desk: Desk, size: int) -> list[Reviewer]:
    return [reviewer(desk, f"cook {number}") for number in range(size)]


def left(desk: Desk) -> list[Any]:
    return rows(desk, tasks, tasks.c.state == "open")


def assert_each_was_decided_once(desk: Desk, items: int) -> None:
    made = rows(desk, decisions)
    assert sorted(one.task for one in made) == [one.id for one in rows(desk, tasks, tasks.c.state == "done")]
    assert len({one.item for one in made}) == len(made) == items
    assert actions(desk) == [Action.DECIDED] * items
    posted = select(outbox.c.endpoint, func.count(), func.count(outbox.c.item.distinct()))
    told = desk.store.read(lambda tx: tx.execute(posted.group_by(outbox.c.endpoint)).all())
    assert sorted(map(tuple, told)) == [(name, items, items) for name in sorted(ENDPOINTS)]
    checked = desk.store.read(lambda tx: verify(tx, desk.context.key, read_head(tx)))
    assert checked.whole, checked.findings


def test_32_reviewers_one_killed_with_a_claim_in_hand_decide_each_item_exactly_once(
    make_desk: Callable[..., Desk], ready_url: str, clock: FixedClock
) -> None:
    desk = make_desk()
    fill(desk, ITEMS)
    first, *others = team(desk, REVIEWERS)
    desk.close()  # a process that starts gets none of our connections
    begin = processes().Barrier(REVIEWERS)
    here, there = processes().Pipe()
    victim = started(die_holding, ready_url, first, clock, begin, there)
    working = [started(work_off, ready_url, one, clock, begin) for one in others]

    assert here.poll(PATIENCE_S)
    held = here.recv()
    victim.kill()

    assert ended([victim]) == [-9]
    assert ended(working) == [0] * len(working)
    assert [(one.id, one.claimed_by) for one in left(desk)] == [(held, first.number)]

    clock.advance(LEASE.total_seconds())
    alone = processes().Barrier(1)
    relief = started(work_off, ready_url, others[0], clock, alone)

    assert ended([relief]) == [0]
    assert rows(desk, decisions, decisions.c.task == held)[0].reviewer == others[0].number
    assert len({one.reviewer for one in rows(desk, decisions)}) > 1
    assert_each_was_decided_once(desk, ITEMS)


def test_leases_that_lapse_while_their_holders_decide_let_no_item_be_decided_twice(
    make_desk: Callable[..., Desk], ready_url: str, clock: FixedClock
) -> None:
    desk = make_desk()
    fill(desk, 400)
    hasty = [(one, Hasty(clock.at, 3)) for one in team(desk, 8)]
    desk.close()
    begin = processes().Barrier(len(hasty))
    working = [started(work_off, ready_url, one, its, begin) for one, its in hasty]

    assert ended(working) == [0] * len(working)
    assert left(desk) == []
    assert_each_was_decided_once(desk, 400)


def test_one_task_goes_to_one_of_those_who_want_it(
    make_desk: Callable[..., Desk], ready_url: str, clock: FixedClock
) -> None:
    desk = make_desk()
    fill(desk, 1)
    wanting = team(desk, 4)
    desk.close()
    begin = processes().Barrier(len(wanting))
    working = [started(work_off, ready_url, one, clock, begin) for one in wanting]

    assert ended(working) == [0] * len(working)
    assert_each_was_decided_once(desk, 1)
