"""Undoing: a slip is put right while it is fresh and nothing rests on it."""

from __future__ import annotations

import json

import pytest

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
    handed_in,
    judged,
    rows,
)
from tocsin.service.review.decisions import Appeal, AppealSource, Said, appeal, decide, undo
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ConflictError, ForbiddenError, UnknownError
from tocsin.service.review.intake import State
from tocsin.service.review.records import Reviewer, erase, raise_page
from tocsin.service.review.role import Role
from tocsin.service.review.store.tables import decisions, outbox, tasks
from tocsin.service.review.tasks import claim_next

UNDO_S = 600


@pytest.fixture(autouse=True)
def item(desk: Desk) -> str:
    """Return the one item that waits."""
    return handed_in(desk, judged("p1"))[0].id


def test_whoever_undoes_a_decision_holds_its_task_again(desk: Desk, alice: Reviewer, bob: Reviewer) -> None:
    made = decided(desk, alice, CONFIRM)
    claim = desk.write(undo, alice, made.number)
    assert claim is not None
    assert desk.jot(claim_next, bob) is None
    again = desk.write(decide, alice, claim, DISMISS)
    assert (again.task, again.said) == (made.task, DISMISS)
    assert handed_in(desk, judged("p1"))[0].state is State.DECIDED


def test_a_reversal_is_told_and_logged(desk: Desk, alice: Reviewer) -> None:
    made = decided(desk, alice, CONFIRM)
    desk.write(undo, alice, made.number)
    assert actions(desk) == ["decision.made", "decision.undone"]
    told = rows(desk, outbox)
    assert [row.event for row in told] == ["decision.made", "decision.reversed"]
    assert json.loads(told[1].body)["data"] == json.loads(told[0].body)["data"]


def test_an_undone_decision_stays_and_says_by_whom(desk: Desk, alice: Reviewer, lead: Reviewer) -> None:
    made = decided(desk, alice, CONFIRM)
    desk.write(undo, lead, made.number)
    assert [(row.undone_by, row.verdict) for row in rows(desk, decisions)] == [(lead.number, "confirm")]
    assert handed_in(desk, judged("p1"))[0].state is State.WAITING


def test_the_claim_of_an_undone_decision_is_worth_nothing(desk: Desk, alice: Reviewer) -> None:
    _, claim = claimed(desk, alice)
    made = desk.write(decide, alice, claim, CONFIRM)
    desk.write(undo, alice, made.number)
    with pytest.raises(ConflictError):
        desk.write(decide, alice, claim, CONFIRM)


def test_a_decision_is_undone_within_the_window_alone(desk: Desk, clock: FixedClock, alice: Reviewer) -> None:
    made = decided(desk, alice, CONFIRM)
    clock.advance(UNDO_S + 1)
    with pytest.raises(ConflictError, match="older"):
        desk.write(undo, alice, made.number)
    clock.advance(-1)
    assert desk.write(undo, alice, made.number)


def test_only_who_made_it_and_leads_undo_a_decision(
    desk: Desk, alice: Reviewer, bob: Reviewer, senior: Reviewer, lead: Reviewer
) -> None:
    made = decided(desk, alice, CONFIRM)
    for one in (bob, senior):
        with pytest.raises(ForbiddenError):
            desk.write(undo, one, made.number)
    assert desk.write(undo, lead, made.number)


def test_a_decision_is_undone_once(desk: Desk, alice: Reviewer) -> None:
    made = decided(desk, alice, CONFIRM)
    desk.write(undo, alice, made.number)
    with pytest.raises(ConflictError, match="was undone"):
        desk.write(undo, alice, made.number)
    with pytest.raises(UnknownError):
        desk.write(undo, alice, made.number + 1)


def test_what_was_appealed_is_not_undone(desk: Desk, alice: Reviewer) -> None:
    made = decided(desk, alice, CONFIRM)
    desk.write(appeal, "p1", Appeal("a1", AppealSource.AUTHOR), BY)
    with pytest.raises(ConflictError, match="rests on it"):
        desk.write(undo, alice, made.number)


def test_a_skip_is_not_undone(desk: Desk, alice: Reviewer) -> None:
    made = decided(desk, alice, SKIP)
    with pytest.raises(ConflictError):
        desk.write(undo, alice, made.number)


def test_an_escalation_is_undone_untold(desk: Desk, alice: Reviewer, senior: Reviewer) -> None:
    made = decided(desk, alice, ESCALATE)
    claim = desk.write(undo, alice, made.number)
    assert claim is not None
    assert desk.jot(claim_next, senior) is None
    assert desk.write(decide, alice, claim, CONFIRM).task == made.task
    assert [row.event for row in rows(desk, outbox)] == ["decision.made"]


def test_an_undone_escalation_leaves_the_task_to_peers_once_it_is_released(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    made = decided(desk, alice, ESCALATE)
    desk.write(undo, alice, made.number)
    assert [Role(row.least_role) for row in rows(desk, tasks)] == [Role.REVIEWER]
    clock.advance(hours=1)
    assert desk.jot(claim_next, bob) is not None


def test_an_escalation_that_somebody_took_is_not_undone(
    desk: Desk, alice: Reviewer, senior: Reviewer
) -> None:
    made = decided(desk, alice, ESCALATE)
    _, claim = claimed(desk, senior)
    with pytest.raises(ConflictError):
        desk.write(undo, alice, made.number)
    desk.write(decide, senior, claim, CONFIRM)
    with pytest.raises(ConflictError):
        desk.write(undo, alice, made.number)


def test_an_escalation_over_which_leads_were_paged_is_not_undone(
    desk: Desk, alice: Reviewer, lead: Reviewer
) -> None:
    made = decided(desk, alice, ESCALATE)
    desk.write(raise_page, alice, made.task)
    with pytest.raises(ConflictError):
        desk.write(undo, alice, made.number)
    assert claimed(desk, lead)[0].number == made.task


@pytest.mark.parametrize("said", [CONFIRM, ESCALATE], ids=["decided", "escalated"])
def test_nothing_is_undone_on_an_erased_item(desk: Desk, alice: Reviewer, said: Said) -> None:
    made = decided(desk, alice, said)
    desk.write(erase, "p1", PLATFORM)
    with pytest.raises(ConflictError, match="erased"):
        desk.write(undo, alice, made.number)
    assert [row.state for row in rows(desk, tasks)] == ["done"]
