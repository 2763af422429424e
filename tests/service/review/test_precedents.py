"""Precedents: how items much like one in hand were decided, without a word of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tocsin.service.review.contract_testing import (
    BY,
    CONFIRM,
    DISMISS,
    ESCALATE,
    PLATFORM,
    FixedClock,
    claimed,
    decided,
    handed_in,
    judged,
    recipe,
)
from tocsin.service.review.decisions import (
    Appeal,
    AppealSource,
    Precedent,
    Said,
    appeal,
    decide,
    find_precedents,
    undo,
)
from tocsin.service.review.decisions import precedents as module
from tocsin.service.review.desk import Desk
from tocsin.service.review.intake import Expected
from tocsin.service.review.records import Reviewer, erase
from tocsin.service.review.tasks import claim_task

SOUP = recipe(1)


def decide_task(desk: Desk, by: Reviewer, task: int, said: Said = CONFIRM) -> int:
    claim = desk.jot(claim_task, by, task).claim
    assert claim is not None
    return desk.write(decide, by, claim, said).number


def found(desk: Desk, task: int) -> list[Precedent]:
    return desk.read(find_precedents, task)


def test_near_copies_that_were_decided_are_told_with_what_was_decided(
    desk: Desk, clock: FixedClock, alice: Reviewer
) -> None:
    handed_in(desk, judged("p1", SOUP), judged("p2", f"{SOUP} #zorbia"), judged("p3", SOUP), judged("p4"))
    decide_task(desk, alice, 1, replace(CONFIRM, note="too hot"))
    decide_task(desk, alice, 2, DISMISS)
    decide_task(desk, alice, 4)
    told = found(desk, 3)
    assert [(one.item, one.decision.said.verdict) for one in told] == [("p1", "confirm"), ("p2", "dismiss")]
    assert told[0].likeness == 1
    assert 0.8 <= told[1].likeness < 1
    assert told[0].decision.made_at == clock()


def test_of_each_item_its_latest_decision_that_stands_is_told(
    desk: Desk, alice: Reviewer, bob: Reviewer
) -> None:
    handed_in(desk, judged("p1", SOUP), judged("p2", SOUP))
    decide_task(desk, alice, 1)
    task = desk.write(appeal, "p1", Appeal("a1", AppealSource.AUTHOR), BY)
    made = decide_task(desk, bob, task, DISMISS)
    assert [one.decision.number for one in found(desk, 2)] == [made]
    desk.write(undo, bob, made)
    assert [one.decision.said for one in found(desk, 2)] == [CONFIRM]


def test_what_is_not_decided_or_was_undone_is_no_precedent(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, *(judged(f"p{number}", SOUP) for number in range(4)))
    made = decide_task(desk, alice, 1)
    desk.write(undo, alice, made)
    decide_task(desk, alice, 2, ESCALATE)
    assert found(desk, 4) == []


def test_an_item_is_no_precedent_of_itself(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p1", SOUP))
    decided(desk, alice)
    task = desk.write(appeal, "p1", Appeal("a1", AppealSource.AUTHOR), BY)
    assert found(desk, task) == []


def test_golden_items_are_nobodys_example(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("g1", SOUP, expected=Expected(None)), judged("p1", SOUP))
    decide_task(desk, alice, 1)
    assert found(desk, 2) == []


def test_what_was_erased_is_no_precedent_and_has_none(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p1", SOUP), judged("p2", SOUP), judged("p3", SOUP))
    decide_task(desk, alice, 1)
    decide_task(desk, alice, 2)
    desk.write(erase, "p1", PLATFORM)
    assert [one.item for one in found(desk, 3)] == ["p2"]
    desk.write(erase, "p3", PLATFORM)
    assert found(desk, 3) == []


@pytest.mark.parametrize(
    "text",
    [pytest.param("", id="blank"), pytest.param(SOUP * 120, id="longer than is ever judged")],
)
def test_texts_that_are_never_compared_have_none(desk: Desk, alice: Reviewer, text: str) -> None:
    handed_in(desk, judged("p1", text), judged("p2", text))
    decided(desk, alice)
    assert found(desk, 2) == found(desk, 99) == []


def test_the_work_is_bounded_and_the_latest_come_first(
    desk: Desk, alice: Reviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_in(desk, *(judged(f"p{number}", SOUP) for number in range(5)))
    for number in (1, 2, 3, 4):
        decide_task(desk, alice, number)
    monkeypatch.setattr(module, "_COMPARED_CHARACTERS", 2_000)
    assert [one.item for one in found(desk, 5)] == ["p3", "p2"]


def test_nothing_of_a_text_is_told(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p1", SOUP), judged("p2", SOUP))
    _, claim = claimed(desk, alice)
    desk.write(decide, alice, claim, CONFIRM)
    assert SOUP[:12] not in repr(found(desk, 2))
