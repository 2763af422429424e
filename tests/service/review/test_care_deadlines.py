"""Deadlines that come near: leads are paged over what nobody took, once, and anybody may still take it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tocsin.service.review.care import is_pressing, page_pressing
from tocsin.service.review.care.testing import newest_task, put_severe, reads
from tocsin.service.review.contract_testing import (
    PLATFORM,
    START,
    FixedClock,
    actions,
    claimed,
    decided,
    endpoint,
    handed_in,
    judged,
    reviewer,
    rows,
)
from tocsin.service.review.desk import Desk
from tocsin.service.review.intake import Notice, NoticeKind, NoticeSource
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import (
    Cause,
    Reviewer,
    acknowledge,
    count_unanswered,
    erase,
    list_pages,
    page_again,
    raise_page,
)
from tocsin.service.review.role import Role
from tocsin.service.review.store.tables import outbox, pages, tasks
from tocsin.service.review.tasks import claim_next, claim_task
from tocsin.service.review.webhooks.courier import Couriers

NEAR_MINUTES = 30


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    """Return a desk at which one severe text is enough, and deadlines press half an hour ahead."""
    return make_desk(endpoints=[endpoint()], severe_a_shift=1, deadline_minutes=NEAR_MINUTES, claims_each=9)


def ordered(desk: Desk, item: str = "ordered", level: str = "urgent", **told: Any) -> int:
    """Return the task of an order, which by itself has an hour."""
    order = Notice(f"o-{item}", NoticeKind.ORDER, NoticeSource.AUTHORITY, **told)
    handed_in(desk, judged(item, level=level, notice=order))
    return newest_task(desk, item)


def test_a_severe_order_that_is_passed_over_is_paged_over_half_an_hour_before_its_deadline(
    desk: Desk, alice: Reviewer, clock: FixedClock
) -> None:
    put_severe(desk, "s1")
    reads(desk, alice)
    task = ordered(desk)
    assert desk.jot(claim_next, alice) is None
    clock.advance(minutes=NEAR_MINUTES, seconds=-1)
    assert not desk.read(is_pressing)
    assert desk.write(page_pressing) == 0
    clock.advance(1)
    assert desk.read(is_pressing)
    assert desk.write(page_pressing) == 1
    (page,) = desk.read(list_pages)
    assert (page.task, page.why, page.raised_at) == (task, Cause.DEADLINE, clock())
    (message,) = rows(desk, outbox, outbox.c.event == "lead.paged")
    assert json.loads(message.body)["data"] == {
        "page": page.number,
        "item": "ordered",
        "task": task,
        "why": "deadline",
    }
    assert actions(desk)[-1] == "lead.paged"


def test_no_claim_needs_to_come_for_a_deadline_to_be_noticed(desk: Desk, clock: FixedClock) -> None:
    ordered(desk)
    clock.advance(hours=9)
    assert desk.write(page_pressing) == 1


def test_a_deadline_is_paged_over_once_even_when_it_was_answered(
    desk: Desk, lead: Reviewer, clock: FixedClock
) -> None:
    ordered(desk)
    clock.advance(minutes=NEAR_MINUTES)
    assert [desk.write(page_pressing) for _ in range(3)] == [1, 0, 0]
    desk.write(acknowledge, lead, 1)
    clock.advance(minutes=NEAR_MINUTES)
    assert desk.write(page_pressing) == 0
    assert len(rows(desk, pages)) == 1


def test_whoever_may_take_it_still_may_and_it_comes_before_all_other_work(
    desk: Desk, bob: Reviewer, clock: FixedClock
) -> None:
    soon = Notice("n1", NoticeKind.NOTICE, NoticeSource.USER, deadline=START + timedelta(hours=9))
    handed_in(desk, judged("reported", level="urgent", notice=soon, priority=0.1))
    clock.advance(hours=9, minutes=-NEAR_MINUTES)
    ordered(desk, "an order")
    handed_in(desk, judged("urgent", level="urgent", priority=1))
    assert desk.write(page_pressing) == 1
    assert claimed(desk, bob)[0].item == "reported"


def test_a_lead_is_served_what_they_were_paged_over_whatever_they_have_read(
    desk: Desk, lead: Reviewer, clock: FixedClock
) -> None:
    put_severe(desk, "s1")
    reads(desk, lead)
    task = ordered(desk)
    assert desk.jot(claim_next, lead) is None
    clock.advance(minutes=NEAR_MINUTES)
    desk.write(page_pressing)
    assert claimed(desk, lead)[0].number == task


def test_what_somebody_holds_is_left_to_them_until_their_claim_lapses(
    desk: Desk, bob: Reviewer, clock: FixedClock
) -> None:
    ordered(desk)
    clock.advance(minutes=NEAR_MINUTES)
    claimed(desk, bob)
    assert desk.write(page_pressing) == 0
    clock.advance(desk.context.settings.lease_seconds)
    assert desk.write(page_pressing) == 1


def test_what_is_lighter_or_has_no_deadline_is_paged_over_by_nobody(desk: Desk, clock: FixedClock) -> None:
    ordered(desk, "lighter", level="review")
    put_severe(desk, "severe")
    clock.advance(hours=9)
    assert desk.write(page_pressing) == 0


def test_a_short_deadline_presses_once_half_of_its_time_is_gone(desk: Desk, clock: FixedClock) -> None:
    ordered(desk, deadline=START + timedelta(minutes=20))
    assert desk.write(page_pressing) == 0
    clock.advance(minutes=10, seconds=-1)
    assert desk.write(page_pressing) == 0
    clock.advance(1)
    assert desk.write(page_pressing) == 1


def test_what_comes_late_already_presses_at_once(desk: Desk) -> None:
    ordered(desk, received_at=START - timedelta(hours=2))
    assert desk.write(page_pressing) == 1


def test_nobody_is_paged_where_the_setting_says_so(make_desk: Callable[..., Desk], clock: FixedClock) -> None:
    desk = make_desk(deadline_minutes=0)
    ordered(desk)
    clock.advance(hours=9)
    assert not desk.read(is_pressing)
    assert desk.write(page_pressing) == 0


def test_leads_are_paged_again_while_nobody_has_the_task_and_not_once_somebody_has(
    desk: Desk, bob: Reviewer, clock: FixedClock
) -> None:
    again = desk.context.settings.page_minutes
    ordered(desk)
    clock.advance(minutes=NEAR_MINUTES)
    desk.write(page_pressing)
    clock.advance(minutes=again)
    assert desk.write(page_again) == 1
    claimed(desk, bob)
    clock.advance(minutes=again)
    assert desk.write(page_again) == 0
    clock.advance(desk.context.settings.lease_seconds)
    assert desk.write(page_again) == 1


def test_whoever_decides_the_task_answers_the_page(desk: Desk, bob: Reviewer, clock: FixedClock) -> None:
    ordered(desk)
    clock.advance(minutes=NEAR_MINUTES)
    desk.write(page_pressing)
    assert desk.read(count_unanswered) == 1
    decided(desk, bob)
    (page,) = desk.read(list_pages)
    assert (page.acknowledged_by, page.acknowledged_at) == (bob.number, clock())
    assert desk.read(count_unanswered) == 0


def test_a_page_over_a_life_is_raised_beside_one_over_a_deadline(
    desk: Desk, bob: Reviewer, lead: Reviewer, clock: FixedClock
) -> None:
    task = ordered(desk)
    clock.advance(minutes=NEAR_MINUTES)
    desk.write(page_pressing)
    desk.write(raise_page, bob, task)
    assert sorted(page.why for page in desk.read(list_pages)) == [Cause.DEADLINE, Cause.LIFE]
    assert desk.jot(claim_next, bob) is None
    decided(desk, lead)
    unanswered = [page.why for page in desk.read(list_pages) if page.acknowledged_by is None]
    assert unanswered == [Cause.LIFE]


def test_an_erased_text_presses_nobody(desk: Desk, clock: FixedClock) -> None:
    ordered(desk)
    desk.write(erase, "ordered", PLATFORM)
    clock.advance(hours=2)
    assert desk.write(page_pressing) == 0


def test_servers_that_look_at_once_raise_one_page(
    desk: Desk, make_desk: Callable[..., Desk], clock: FixedClock
) -> None:
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    ordered(desk)
    clock.advance(minutes=NEAR_MINUTES)
    at_once = Barrier(4)

    def look(_: int) -> int:
        at_once.wait()
        return desk.write(page_pressing)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(look, range(4))) == 1
    assert len(rows(desk, pages)) == 1


def test_couriers_look_for_deadlines(desk: Desk, clock: FixedClock) -> None:
    ordered(desk)
    clock.advance(minutes=NEAR_MINUTES)
    Couriers(desk)._page()
    assert [row.why for row in rows(desk, pages)] == ["deadline"]
    assert [row.shown for row in rows(desk, tasks)] == [Queue.ORDERS.value]


def test_a_reviewer_over_the_limit_may_not_take_it_by_its_number_either(
    desk: Desk, alice: Reviewer, clock: FixedClock
) -> None:
    from tocsin.service.review.errors import ConflictError

    put_severe(desk, "s1")
    reads(desk, alice)
    task = ordered(desk)
    clock.advance(minutes=NEAR_MINUTES)
    desk.write(page_pressing)
    assert desk.jot(claim_next, alice) is None
    with pytest.raises(ConflictError):
        desk.jot(claim_task, alice, task)
    assert desk.jot(claim_task, reviewer(desk, "lena", Role.LEAD), task).number == task
