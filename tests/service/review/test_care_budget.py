"""The budget of severe texts: whoever has read enough of them in a shift is served lighter ones, or none."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from tocsin.service.review.care import exposure_of
from tocsin.service.review.care.testing import newest_task, put_lighter, put_severe, reads, reveals_some
from tocsin.service.review.contract_testing import (
    BY,
    CONFIRM,
    ESCALATE,
    START,
    FixedClock,
    claimed,
    decided,
    handed_in,
    judged,
    reviewer,
    rows,
    unscorable,
)
from tocsin.service.review.decisions import Appeal, AppealSource, appeal, decide
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ConflictError, ForbiddenError
from tocsin.service.review.intake import Expected, Notice, NoticeKind, NoticeSource
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Extent, Revealed, Reviewer, raise_page, reveal, revealed, view
from tocsin.service.review.role import Role
from tocsin.service.review.store.console_tables import reveals
from tocsin.service.review.store.tables import log, tasks
from tocsin.service.review.tasks import claim_next, claim_task, reassign, release, withheld

SHIFT_HOURS = 8


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    """Return a desk at which two severe texts are enough for a shift, in any order."""
    return make_desk(severe_a_shift=2, severe_in_a_row=0, shift_hours=SHIFT_HOURS, claims_each=9)


@pytest.fixture
def full(desk: Desk, alice: Reviewer) -> Reviewer:
    """Return a reviewer who has read as many severe texts as may be."""
    put_severe(desk, "read 1", "read 2")
    reads(desk, alice, 2)
    return alice


def test_whoever_has_read_enough_is_served_what_is_lighter(desk: Desk, full: Reviewer, bob: Reviewer) -> None:
    (severe,) = put_severe(desk, "severe")
    (lighter,) = put_lighter(desk, "lighter")
    assert claimed(desk, full)[0].number == lighter
    assert claimed(desk, bob)[0].number == severe


def test_where_only_severe_ones_wait_there_is_nothing_and_it_is_said_why(
    desk: Desk, full: Reviewer, clock: FixedClock
) -> None:
    put_severe(desk, "severe")
    clock.advance(minutes=10)
    assert desk.jot(claim_next, full) is None
    exposure = desk.read(withheld, full)
    assert exposure is not None
    assert (len(exposure.read), exposure.most) == (2, 2)
    assert exposure.frees_at == START + timedelta(hours=SHIFT_HOURS)


def test_nothing_is_withheld_where_nothing_waits_or_something_lighter_does(
    desk: Desk, full: Reviewer, bob: Reviewer
) -> None:
    assert desk.read(withheld, full) is None
    put_severe(desk, "severe")
    assert desk.read(withheld, bob) is None
    assert desk.read(withheld, full, [Queue.REVIEW]) is None
    assert desk.read(withheld, full, [Queue.URGENT]) is not None
    put_lighter(desk, "lighter")
    assert desk.read(withheld, full) is None
    assert desk.read(withheld, full, [Queue.URGENT, Queue.NOTICES]) is not None


def test_the_window_rolls_and_each_text_leaves_it_a_shift_after_it_was_read(
    desk: Desk, alice: Reviewer, clock: FixedClock
) -> None:
    put_severe(desk, "s1", "s2", "s3", "s4")
    reads(desk, alice)
    clock.advance(hours=3)
    reads(desk, alice)
    clock.advance(hours=SHIFT_HOURS - 3, seconds=-1)
    assert desk.jot(claim_next, alice) is None
    clock.advance(1)
    reads(desk, alice)
    assert desk.jot(claim_next, alice) is None
    clock.advance(hours=3)
    assert desk.jot(claim_next, alice) is not None


def test_a_text_counts_once_however_much_of_it_is_revealed(desk: Desk, alice: Reviewer) -> None:
    (task,) = put_severe(desk, "s1")
    _, claim = claimed(desk, alice)
    for _ in range(3):
        reveals_some(desk, alice, task)
    desk.write(decide, alice, claim, CONFIRM)
    assert list(desk.read(exposure_of, alice).read) == [task]


def test_what_is_decided_unread_does_not_count_and_what_is_held_unread_does(
    desk: Desk, alice: Reviewer
) -> None:
    put_severe(desk, "s1", "s2", "s3", "s4")
    decided(desk, alice)
    decided(desk, alice)
    claims = [claimed(desk, alice)[1] for _ in range(2)]
    assert desk.jot(claim_next, alice) is None
    exposure = desk.read(exposure_of, alice)
    assert (len(exposure.read), len(exposure.held), exposure.frees_at) == (0, 2, None)
    desk.jot(release, alice, claims[0])
    assert desk.jot(claim_next, alice) is not None


def test_a_lapsed_claim_on_an_unread_text_counts_no_more(
    desk: Desk, alice: Reviewer, clock: FixedClock
) -> None:
    put_severe(desk, "s1", "s2", "s3")
    for _ in range(2):
        claimed(desk, alice)
    clock.advance(desk.context.settings.lease_seconds)
    assert desk.jot(claim_next, alice) is not None


def test_a_reveal_on_the_console_counts(desk: Desk, alice: Reviewer) -> None:
    put_severe(desk, "s1")
    task, _ = claimed(desk, alice)
    desk.write(reveal, alice, task.number, Extent.WORD, 0)
    assert list(desk.read(exposure_of, alice).read) == [task.number]


def test_a_view_by_the_interface_counts_and_leaves_nothing_revealed_on_a_page(
    desk: Desk, alice: Reviewer
) -> None:
    put_severe(desk, "s1")
    task, claim = claimed(desk, alice)
    desk.write(view, alice, task.number, Extent.WHOLE)
    assert list(desk.read(exposure_of, alice).read) == [task.number]
    (row,) = rows(desk, reveals)
    assert (row.claim, row.extent, row.severity, row.hidden_at) == (claim, "whole", 2, row.at)
    assert desk.read(revealed, alice, task.number) == Revealed()


def test_a_severe_task_by_its_number_is_refused_with_the_reason_and_the_time(
    desk: Desk, full: Reviewer
) -> None:
    (severe,) = put_severe(desk, "severe")
    (lighter,) = put_lighter(desk, "lighter")
    with pytest.raises(ConflictError, match=r"at most 2 severe .* in 8 h, .* again from 2026-03-02T17:00Z"):
        desk.jot(claim_task, full, severe)
    assert desk.jot(claim_task, full, lighter).number == lighter


def test_a_refusal_for_what_is_held_says_what_frees_it(desk: Desk, alice: Reviewer) -> None:
    *_, last = put_severe(desk, "s1", "s2", "s3")
    for _ in range(2):
        claimed(desk, alice)
    with pytest.raises(ConflictError, match="holds 2 unread: decide or release one"):
        desk.jot(claim_task, alice, last)


def test_a_text_that_was_read_already_may_be_taken_again(desk: Desk, alice: Reviewer) -> None:
    first, second, third = put_severe(desk, "s1", "s2", "s3")
    for task in (first, second):
        claim = desk.jot(claim_task, alice, task).claim
        reveals_some(desk, alice, task)
        desk.jot(release, alice, str(claim))
    assert desk.jot(claim_task, alice, first).number == first
    with pytest.raises(ConflictError):
        desk.jot(claim_task, alice, third)


def test_without_a_limit_everything_is_served(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(severe_a_shift=0, severe_in_a_row=0)
    alice = reviewer(desk)
    put_severe(desk, *(f"s{number}" for number in range(6)))
    assert len(reads(desk, alice, 6)) == 6
    exposure = desk.read(exposure_of, alice)
    assert (len(exposure.read), exposure.used_up) == (6, False)


def test_named_queues_are_searched_for_what_is_lighter(desk: Desk, full: Reviewer) -> None:
    put_severe(desk, "severe")
    (lighter,) = put_lighter(desk, "lighter")
    noticed = Notice("n1", NoticeKind.NOTICE, NoticeSource.USER)
    handed_in(desk, judged("reported", level="none", notice=noticed))
    assert desk.jot(claim_next, full, [Queue.URGENT]) is None
    assert desk.jot(claim_next, full, [Queue.URGENT, Queue.APPEALS]) is None
    assert claimed(desk, full, Queue.URGENT, Queue.REVIEW)[0].number == lighter
    assert claimed(desk, full, Queue.NOTICES)[0].item == "reported"


def test_what_the_model_cannot_judge_is_not_taken_for_severe(desk: Desk, full: Reviewer) -> None:
    handed_in(desk, judged("Zorbian", assessment=unscorable("Zorbian")))
    assert claimed(desk, full)[0].item == "Zorbian"


def test_a_golden_text_counts_and_is_withheld_like_any_other(
    desk: Desk, alice: Reviewer, bob: Reviewer
) -> None:
    handed_in(desk, judged("g1", level="urgent", expected=Expected(None)), judged("s1", level="urgent"))
    golden = newest_task(desk, "g1")
    assert golden in reads(desk, alice, 2)
    assert len(desk.read(exposure_of, alice).read) == 2
    handed_in(desk, judged("g2", level="urgent", expected=Expected(None)))
    assert desk.jot(claim_next, alice) is None
    assert desk.read(withheld, alice) is not None
    with pytest.raises(ConflictError) as of_golden:
        desk.jot(claim_task, alice, newest_task(desk, "g2"))
    (plain,) = put_severe(desk, "s2")
    with pytest.raises(ConflictError) as of_plain:
        desk.jot(claim_task, alice, plain)
    assert str(of_golden.value) == str(of_plain.value)
    assert claimed(desk, bob)[0].shown is Queue.URGENT


def test_an_appeal_about_a_severe_text_is_severe(desk: Desk, full: Reviewer, bob: Reviewer) -> None:
    put_severe(desk, "s1")
    decided(desk, bob)
    task = desk.write(appeal, "s1", Appeal("a1", AppealSource.AUTHOR), BY)
    assert desk.jot(claim_next, full) is None
    with pytest.raises(ConflictError, match="severe"):
        desk.jot(claim_task, full, task)
    carol = reviewer(desk, "carol")
    assert reads(desk, carol) == [task]
    assert list(desk.read(exposure_of, carol).read) == [task]


def test_a_text_that_somebody_says_endangers_a_life_is_severe_whatever_the_model_finds(desk: Desk) -> None:
    threat = Notice("n1", NoticeKind.NOTICE, NoticeSource.USER, threat_to_life=True)
    handed_in(desk, judged("quiet", level="none", notice=threat))
    assert rows(desk, tasks)[0].severity == 2
    lead = reviewer(desk, "lena", Role.LEAD)
    assert reads(desk, lead) == [1]
    task = desk.write(appeal, "quiet", Appeal("a1", AppealSource.AUTHOR), BY)
    assert rows(desk, tasks, tasks.c.id == task)[0].severity == 2


def test_what_a_reviewer_finds_endangers_a_life_counts_as_severe_for_whoever_read_it(
    desk: Desk, alice: Reviewer
) -> None:
    put_lighter(desk, "quiet")
    task, _ = claimed(desk, alice)
    reveals_some(desk, alice, task.number)
    assert desk.read(exposure_of, alice).read == {}
    desk.write(raise_page, alice, task.number)
    assert list(desk.read(exposure_of, alice).read) == [task.number]


def test_a_lead_is_called_to_a_page_whatever_they_have_read(desk: Desk, bob: Reviewer) -> None:
    lead = reviewer(desk, "lena", Role.LEAD)
    put_severe(desk, "s1", "s2", "s3", "s4")
    reads(desk, lead, 2)
    assert desk.jot(claim_next, lead) is None
    paged, other = 3, 4
    desk.write(raise_page, bob, paged)
    with pytest.raises(ConflictError):
        desk.jot(claim_task, lead, other)
    assert desk.jot(claim_next, lead, [Queue.NOTICES, Queue.REVIEW]) is None
    task, claim = claimed(desk, lead)
    assert task.number == paged
    desk.jot(release, lead, claim)
    assert desk.jot(claim_task, lead, paged).number == paged
    assert desk.jot(claim_next, lead) is None


def test_only_a_lead_gives_somebody_more_than_enough_and_the_log_says_so(
    desk: Desk, full: Reviewer, senior: Reviewer, lead: Reviewer
) -> None:
    first, second = put_severe(desk, "s1", "s2")
    with pytest.raises(ForbiddenError, match="a lead alone"):
        desk.write(reassign, senior, first, full.number)
    assert desk.write(reassign, lead, first, full.number).claimed_by == full.number
    assert desk.write(reassign, senior, second, senior.number).claimed_by == senior.number
    bodies = [json.loads(row.body) for row in rows(desk, log, log.c.action == "task.reassigned")]
    assert [one.get("over_limit") for one in bodies] == [True, None]


def test_a_senior_too_is_spared_and_what_was_escalated_waits_for_another(
    desk: Desk, alice: Reviewer, senior: Reviewer
) -> None:
    put_severe(desk, "s1", "s2", "s3")
    reads(desk, senior, 2)
    decided(desk, alice, ESCALATE)
    assert desk.jot(claim_next, senior) is None
    assert claimed(desk, reviewer(desk, "sol", Role.SENIOR))[0].item == "s3"


def test_each_reviewer_has_a_budget_of_their_own(desk: Desk, alice: Reviewer, bob: Reviewer) -> None:
    put_severe(desk, *(f"s{number}" for number in range(5)))
    assert len({*reads(desk, alice, 2), *reads(desk, bob, 2)}) == 4
    assert [desk.jot(claim_next, one) for one in (alice, bob)] == [None, None]
