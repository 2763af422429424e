"""Counts: how much waits in each queue, for how long, and what is late."""

from __future__ import annotations

from datetime import timedelta

from tocsin.service.review.contract_testing import (
    CONFIRM,
    ESCALATE,
    START,
    FixedClock,
    claimed,
    decided,
    handed_in,
    judged,
)
from tocsin.service.review.desk import Desk
from tocsin.service.review.intake import Notice, NoticeKind, NoticeSource
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import QueueCount, Reviewer, count_queues

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
