"""Counts: how much waits in each queue, for how long, and what is late."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, update
from sqlalchemy.dialects import sqlite

from tocsin.service.review.contract_testing import (
    CONFIRM,
    ESCALATE,
    POLICY,
    START,
    FixedClock,
    claimed,
    decided,
    handed_in,
    judged,
    open_desk_at,
    reviewer,
    rows,
)
from tocsin.service.review.desk import Desk
from tocsin.service.review.filling_testing import fill, fill_decided
from tocsin.service.review.intake import Expected, Notice, NoticeKind, NoticeSource
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import QueueCount, Reviewer, count_queues, counting
from tocsin.service.review.store.tables import tasks

ORDER = Notice("o1", NoticeKind.ORDER, NoticeSource.AUTHORITY)


def counted(desk: Desk, queue: Queue) -> QueueCount:
    return next(one for one in desk.read(count_queues) if one.queue is queue)


def test_every_queue_is_counted_the_empty_ones_too(desk: Desk) -> None:
    told = desk.read(count_queues)
    assert told == [QueueCount(queue, 0, 0, 0, None, None, 0) for queue in Queue]


def test_what_waits_is_counted_and_what_is_done_is_not(
    desk: Desk, clock: FixedClock, alice: Reviewer
) -> None:
    for number in range(4):
        handed_in(desk, judged(f"p{number}", priority=1 - number / 10))
        clock.advance(60)
    decided(desk, alice, CONFIRM)
    decided(desk, alice, ESCALATE)
    claimed(desk, alice)
    told = counted(desk, Queue.REVIEW)
    assert (told.open, told.held, told.escalated) == (3, 1, 1)
    assert told.oldest == START + timedelta(minutes=1)


def test_a_lapsed_claim_is_held_no_more(desk: Desk, clock: FixedClock, alice: Reviewer) -> None:
    handed_in(desk, judged("p1"))
    claimed(desk, alice)
    clock.advance(hours=1)
    assert counted(desk, Queue.REVIEW).held == 0


def test_what_is_past_its_deadline_is_late(desk: Desk, clock: FixedClock) -> None:
    handed_in(desk, judged("p1", notice=ORDER), judged("p2", notice=ORDER))
    told = counted(desk, Queue.ORDERS)
    assert (told.next_deadline, told.late) == (START + timedelta(hours=1), 0)
    clock.advance(hours=1, seconds=1)
    assert counted(desk, Queue.ORDERS).late == 2


def test_golden_tasks_are_counted_apart_and_to_reviewers_where_they_seem_to_lie(
    desk: Desk, clock: FixedClock, alice: Reviewer
) -> None:
    handed_in(desk, judged("known", priority=1.0, expected=Expected(POLICY)))
    clock.advance(60)
    handed_in(desk, judged("plain"))
    task, _ = claimed(desk, alice)
    assert task.item == "known"
    own = counted(desk, Queue.REVIEW)
    assert (own.open, own.held, own.oldest) == (1, 0, START + timedelta(minutes=1))
    golden = counted(desk, Queue.GOLDEN)
    assert (golden.open, golden.held, golden.oldest) == (1, 1, START)
    seen = {one.queue: one for one in desk.read(count_queues, shown=True)}
    assert Queue.GOLDEN not in seen
    assert (seen[Queue.REVIEW].open, seen[Queue.REVIEW].held, seen[Queue.REVIEW].oldest) == (2, 1, START)


@pytest.mark.parametrize("shown", [False, True], ids=["as they are", "as reviewers see them"])
@pytest.mark.parametrize("seed", range(3))
def test_whatever_lies_in_the_queues_counts_are_those_of_reading_every_task(
    make_desk: Callable[..., Desk], clock: FixedClock, seed: int, shown: bool
) -> None:
    desk = make_desk()
    cook = reviewer(desk, "cook").number
    fill(desk, 200, list(Queue), spread=timedelta(days=4))
    fill_decided(desk, 50, [cook], list(Queue), spread=timedelta(days=4))
    draw = random.Random(seed)  # noqa: S311

    def stir(tx: Connection) -> None:
        for number in draw.sample(range(1, 251), 90):
            until = clock.at + timedelta(hours=draw.choice([-1, 1]))
            changed: dict[str, object] = draw.choice(
                [
                    {"least_role": draw.choice([1, 2, 3])},
                    {"claim": f"c{number}", "claimed_by": cook, "claimed_at": until, "available_at": until},
                    {"deadline": until},
                ]
            )
            tx.execute(update(tasks).where(tasks.c.id == number).values(changed))

    desk.store.write(stir)
    named = "shown" if shown else "queue"
    for told in desk.read(count_queues, shown=shown):
        there = [
            one for one in rows(desk, tasks, tasks.c.state == "open") if one._mapping[named] == told.queue
        ]
        due = [one.deadline for one in there if one.deadline is not None]
        assert told == QueueCount(
            told.queue,
            len(there),
            sum(one.claim is not None and one.available_at > clock.at for one in there),
            sum(one.least_role > (2 if one.queue == "adjudication" else 1) for one in there),
            min((one.created_at for one in there), default=None),
            min(due, default=None),
            sum(one < clock.at for one in due),
        )


@pytest.mark.parametrize("seed", range(5))
def test_sqlite_counts_by_the_index_that_is_for_it_whichever_was_made_last(tmp_path: Path, seed: int) -> None:
    url = f"sqlite:///{tmp_path}/review.sqlite"
    open_desk_at(url).close()
    wanted = {
        counting._WAITING: "ix_tasks_oldest",
        counting._URGENT: "ix_tasks_deadline",
        counting._ESCALATED: "ix_tasks_escalated",
        counting._HELD: "ix_tasks_held",
    }
    with closing(sqlite3.connect(tmp_path / "review.sqlite")) as tx:
        made = "SELECT name, sql FROM sqlite_master WHERE tbl_name = 'tasks' AND type = 'index' AND sql != ''"
        indexes = tx.execute(made).fetchall()
        random.Random(seed).shuffle(indexes)  # noqa: S311
        for name, statement in indexes:
            tx.execute(f"DROP INDEX {name}")
            tx.execute(statement)
        for query, index in wanted.items():
            asked = str(query.compile(dialect=sqlite.dialect()))
            plan = tx.execute(f"EXPLAIN QUERY PLAN {asked}", [0] * asked.count("?")).fetchall()
            assert index in plan[0][-1], plan
