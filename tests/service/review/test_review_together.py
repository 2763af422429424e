"""Near-copies: shown beside the task in hand, and decided with it, all of them or none."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tocsin.errors import InputError
from tocsin.service.review.contract_testing import (
    BY,
    CONFIRM,
    DISMISS,
    ESCALATE,
    PLATFORM,
    SKIP,
    FixedClock,
    actions,
    claimed,
    decided,
    hand_in,
    handed_in,
    judged,
    recipe,
    reviewer,
    rows,
)
from tocsin.service.review.decisions import (
    Appeal,
    AppealSource,
    Said,
    appeal,
    decide,
    decide_together,
    find_alike,
    undo,
)
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ConflictError, UnknownError
from tocsin.service.review.intake import Expected, Notice, NoticeKind, NoticeSource
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Reviewer, erase, raise_page
from tocsin.service.review.role import Role
from tocsin.service.review.store.tables import decisions, outbox, tasks
from tocsin.service.review.tasks import claim_task

SOUP = recipe(1)
COPIES = [SOUP, SOUP.upper(), f"  {SOUP}!", f"{SOUP} #zorbia"]


@pytest.fixture
def claim(desk: Desk, alice: Reviewer) -> str:
    """Return the claim of the first of four near-copies, beside two other texts."""
    handed_in(desk, *(judged(f"c{number}", text) for number, text in enumerate(COPIES)))
    handed_in(desk, judged("other", recipe(2)), judged("none", "", level="review"))
    return str(desk.jot(claim_task, alice, 1).claim)


def test_near_copies_are_shown_and_other_texts_are_not(desk: Desk, alice: Reviewer, claim: str) -> None:
    found = desk.read(find_alike, alice, claim)
    assert {one.item for one in found} == {"c1", "c2", "c3"}
    assert [one.likeness for one in found] == sorted((one.likeness for one in found), reverse=True)
    assert all(0.8 <= one.likeness <= 1 for one in found)


def test_what_measures_by_itself_is_left_out(desk: Desk, alice: Reviewer, bob: Reviewer, claim: str) -> None:
    handed_in(desk, judged("golden", SOUP, expected=Expected(None)), judged("u", SOUP, "urgent"))
    decided(desk, bob, CONFIRM, Queue.URGENT)
    desk.write(appeal, "u", Appeal("a1", AppealSource.AUTHOR), BY)
    assert {one.item for one in desk.read(find_alike, alice, claim)} == {"c1", "c2", "c3"}


def test_what_others_hold_or_have_decided_or_is_above_or_barred_is_left_out(
    desk: Desk, alice: Reviewer, bob: Reviewer, claim: str
) -> None:
    escalated = str(desk.jot(claim_task, bob, 2).claim)
    desk.write(decide, bob, escalated, ESCALATE)
    skipped = str(desk.jot(claim_task, alice, 3).claim)
    desk.write(decide, alice, skipped, SKIP)
    desk.jot(claim_task, bob, 4)
    assert desk.read(find_alike, alice, claim) == []


def test_all_are_decided_each_for_itself(desk: Desk, alice: Reviewer, claim: str) -> None:
    made = desk.write(decide_together, alice, claim, [4, 2, 3], CONFIRM)
    assert [one.task for one in made] == [1, 2, 3, 4]
    assert [one.together_with for one in made] == [None, *[made[0].number] * 3]
    assert len(rows(desk, decisions)) == 4
    assert actions(desk) == ["decision.made"] * 4
    told = [json.loads(row.body)["data"] for row in rows(desk, outbox)]
    assert [one["item"] for one in told] == ["c0", "c1", "c2", "c3"]
    assert [one["together_with"] for one in told] == [None, *[made[0].number] * 3]
    assert [row.state for row in rows(desk, tasks)] == ["done"] * 4 + ["open"] * 2


def test_the_same_request_again_is_the_same_decisions(desk: Desk, alice: Reviewer, claim: str) -> None:
    made = desk.write(decide_together, alice, claim, [2, 3], CONFIRM)
    assert desk.write(decide_together, alice, claim, [3, 2], CONFIRM) == made
    assert len(rows(desk, decisions)) == 3
    for chosen, said in (([2], CONFIRM), ([2, 3, 4], CONFIRM), ([2, 3], DISMISS)):
        with pytest.raises(ConflictError):
            desk.write(decide_together, alice, claim, chosen, said)


@pytest.mark.parametrize(
    ("chosen", "lost"),
    [
        pytest.param([2, 5], "5", id="another text"),
        pytest.param([2, 1], "1", id="the task in hand itself"),
        pytest.param([2, 99], "99", id="no task"),
        pytest.param([2, 6, 5], "5, 6", id="several"),
    ],
)
def test_what_is_no_near_copy_is_named_and_nothing_is_decided(
    desk: Desk, alice: Reviewer, claim: str, chosen: list[int], lost: str
) -> None:
    with pytest.raises(ConflictError, match=f"these are not: {lost}$"):
        desk.write(decide_together, alice, claim, chosen, CONFIRM)
    assert rows(desk, decisions) == rows(desk, outbox) == []


def test_what_another_took_meanwhile_refuses_all(
    desk: Desk, alice: Reviewer, bob: Reviewer, claim: str
) -> None:
    shown = [one.task for one in desk.read(find_alike, alice, claim)]
    desk.jot(claim_task, bob, 3)
    with pytest.raises(ConflictError, match=r"these are not: 3$"):
        desk.write(decide_together, alice, claim, shown, CONFIRM)
    assert rows(desk, decisions) == []


def test_what_leads_were_paged_over_meanwhile_refuses_all(
    desk: Desk, alice: Reviewer, bob: Reviewer, claim: str
) -> None:
    desk.write(raise_page, bob, 3)
    with pytest.raises(ConflictError, match=r"these are not: 3$"):
        desk.write(decide_together, alice, claim, [2, 3], CONFIRM)


def test_what_lapsed_from_others_may_be_decided_together(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer, claim: str
) -> None:
    _, theirs = desk.jot(claim_task, bob, 3), rows(desk, tasks)[2].claim
    clock.advance(hours=1)
    assert len(desk.write(decide_together, alice, claim, [2, 3], CONFIRM)) == 3
    with pytest.raises(UnknownError):
        desk.write(decide, bob, theirs, DISMISS)


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        pytest.param([2], ESCALATE, id="escalate several"),
        pytest.param([2], SKIP, id="skip several"),
        pytest.param([], CONFIRM, id="none"),
        pytest.param(list(range(2, 300)), CONFIRM, id="too many"),
    ],
)
def test_only_a_verdict_on_a_few_is_said_together(
    desk: Desk, alice: Reviewer, claim: str, chosen: list[int], said: Said
) -> None:
    with pytest.raises(InputError):
        desk.write(decide_together, alice, claim, chosen, said)


def test_a_claim_of_anothers_shows_and_decides_nothing(desk: Desk, bob: Reviewer, claim: str) -> None:
    works: list[Any] = [
        lambda: desk.read(find_alike, bob, claim),
        lambda: desk.write(decide_together, bob, claim, [2], CONFIRM),
    ]
    for work in works:
        with pytest.raises(UnknownError):
            work()


def test_each_is_undone_for_itself(desk: Desk, alice: Reviewer, claim: str) -> None:
    made = desk.write(decide_together, alice, claim, [2, 3], CONFIRM)
    desk.write(undo, alice, made[1].number)
    assert [row.state for row in rows(desk, tasks)][:3] == ["done", "open", "done"]


def test_an_erased_copy_is_found_no_more(desk: Desk, alice: Reviewer, claim: str) -> None:
    desk.write(erase, "c1", PLATFORM)
    assert {one.item for one in desk.read(find_alike, alice, claim)} == {"c2", "c3"}


def test_two_tasks_of_one_item_are_no_copies(desk: Desk, alice: Reviewer, bob: Reviewer) -> None:
    handed_in(desk, judged("x", SOUP))
    hand_in(desk, judged("x", SOUP))
    _, mine = claimed(desk, alice)
    assert desk.read(find_alike, alice, mine) == []


def test_what_the_random_audit_drew_is_looked_at_alone_whatever_queue_a_notice_moved_it_to(
    make_desk: Callable[..., Desk],
) -> None:
    desk = make_desk(audit_share=1.0)
    senior = reviewer(desk, "sanna", Role.SENIOR)
    text = recipe(3)
    handed_in(desk, judged("p1", text, "none"), judged("p2", text, "review"))
    notice = Notice("n1", NoticeKind.NOTICE, NoticeSource.USER)
    handed_in(desk, judged("p1", text, "none", notice=notice))
    _, claim = claimed(desk, senior, Queue.REVIEW)
    assert desk.read(find_alike, senior, claim) == []
