"""Rotation: after several severe texts in a row comes a lighter one, where one waits."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tocsin.service.review.care import exposure_of
from tocsin.service.review.care.testing import put_lighter, put_severe, reads, reveals_some
from tocsin.service.review.contract_testing import FixedClock, claimed, handed_in, judged, reviewer
from tocsin.service.review.desk import Desk
from tocsin.service.review.intake import Notice, NoticeKind, NoticeSource
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Reviewer, raise_page
from tocsin.service.review.role import Role


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    """Return a desk at which a lighter text follows two severe ones."""
    return make_desk(severe_a_shift=0, severe_in_a_row=2, claims_each=9)


def test_after_several_severe_ones_comes_a_lighter_one(
    desk: Desk, alice: Reviewer, clock: FixedClock
) -> None:
    severe = put_severe(desk, "s1", "s2", "s3", "s4", "s5")
    lighter = put_lighter(desk, "l1", "l2")
    read = []
    for _ in range(7):
        read += reads(desk, alice)
        clock.advance(minutes=1)
    assert [task in lighter for task in read] == [False, False, True, False, False, True, False]
    assert sorted(read) == sorted([*severe, *lighter])


def test_where_nothing_lighter_waits_the_severe_one_is_served(desk: Desk, alice: Reviewer) -> None:
    severe = put_severe(desk, "s1", "s2", "s3")
    assert reads(desk, alice, 3) == severe


def test_only_what_was_read_last_counts_and_only_of_this_shift(
    desk: Desk, alice: Reviewer, clock: FixedClock
) -> None:
    put_severe(desk, "s1", "s2", "s3")
    put_lighter(desk, "l1")
    reads(desk, alice, 2)
    assert desk.read(exposure_of, alice).in_a_row == 2
    clock.advance(hours=desk.context.settings.shift_hours)
    assert desk.read(exposure_of, alice).in_a_row == 0
    assert claimed(desk, alice)[0].shown is Queue.URGENT


def test_severe_ones_that_are_held_unread_count(desk: Desk, alice: Reviewer) -> None:
    put_severe(desk, "s1", "s2", "s3")
    (lighter,) = put_lighter(desk, "l1")
    for _ in range(2):
        claimed(desk, alice)
    assert claimed(desk, alice)[0].number == lighter


def test_somebody_elses_row_is_not_mine(desk: Desk, alice: Reviewer, bob: Reviewer) -> None:
    put_severe(desk, "s1", "s2", "s3")
    (lighter,) = put_lighter(desk, "l1")
    reads(desk, alice, 2)
    assert claimed(desk, bob)[0].shown is Queue.URGENT
    assert claimed(desk, alice)[0].number == lighter


def test_an_order_is_not_put_off_for_something_lighter(
    desk: Desk, alice: Reviewer, clock: FixedClock
) -> None:
    put_severe(desk, "s1", "s2", "s3")
    put_lighter(desk, "l1")
    reads(desk, alice, 2)
    order = Notice("o1", NoticeKind.ORDER, NoticeSource.AUTHORITY)
    handed_in(desk, judged("ordered", level="urgent", notice=order))
    assert claimed(desk, alice)[0].item == "ordered"


def test_what_a_page_was_raised_for_is_not_put_off(desk: Desk, alice: Reviewer) -> None:
    lead = reviewer(desk, "lena", Role.LEAD)
    put_severe(desk, "s1", "s2")
    put_lighter(desk, "l1")
    reads(desk, lead, 2)
    (paged,) = put_severe(desk, "s3")
    desk.write(raise_page, alice, paged)
    assert claimed(desk, lead)[0].number == paged


def test_from_named_queues_the_lighter_one_comes_from_these(desk: Desk, alice: Reviewer) -> None:
    *_, third = put_severe(desk, "s1", "s2", "s3")
    (lighter,) = put_lighter(desk, "l1")
    reads(desk, alice, 2)
    task, _ = claimed(desk, alice, Queue.URGENT)
    assert task.number == third
    reveals_some(desk, alice, third)
    assert claimed(desk, alice, Queue.URGENT, Queue.REVIEW)[0].number == lighter


def test_a_row_of_any_length_where_the_setting_says_so(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(severe_a_shift=100, severe_in_a_row=0)
    alice = reviewer(desk)
    severe = put_severe(desk, *(f"s{number}" for number in range(8)))
    put_lighter(desk, "l1")
    assert reads(desk, alice, 8) == severe
