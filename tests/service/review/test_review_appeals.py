"""Appeals: another reviewer looks anew, and what they say replaces what was said."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from tocsin.service.review.contract_testing import (
    BY,
    CONFIRM,
    DISMISS,
    ESCALATE,
    SKIP,
    FixedClock,
    actions,
    claimed,
    decided,
    handed_in,
    judged,
    reviewer,
    rows,
    unscorable,
)
from tocsin.service.review.decisions import Appeal, AppealSource, Said, appeal, decide, item_history, undo
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ConflictError, ForbiddenError, ReviewError, UnknownError
from tocsin.service.review.intake import Notice, NoticeKind, NoticeSource, State
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Extent, Reviewer, view
from tocsin.service.review.role import Role
from tocsin.service.review.store.tables import appeals, decisions, outbox, tasks
from tocsin.service.review.tasks import claim_next, reassign, release

APPEAL = Appeal("a1", AppealSource.AUTHOR)


@pytest.fixture(autouse=True)
def item(desk: Desk) -> str:
    """Return the one item that waits."""
    return handed_in(desk, judged("p1", priority=0.7))[0].id


def test_an_appeal_is_a_task_for_another_reviewer(desk: Desk, alice: Reviewer, bob: Reviewer) -> None:
    decided(desk, alice)
    number = desk.write(appeal, "p1", APPEAL, BY)
    assert desk.jot(claim_next, alice) is None
    task, _ = claimed(desk, bob)
    assert (task.number, task.queue, task.priority) == (number, Queue.APPEALS, 0.7)
    assert handed_in(desk, judged("p1", priority=0.7))[0].state is State.WAITING


def test_nobody_who_ever_decided_of_the_item_takes_its_appeal(
    desk: Desk, alice: Reviewer, bob: Reviewer, senior: Reviewer, lead: Reviewer
) -> None:
    decided(desk, alice)
    desk.write(appeal, "p1", APPEAL, BY)
    decided(desk, bob)
    second = desk.write(appeal, "p1", Appeal("a2", AppealSource.NOTIFIER), BY)
    for one in (alice, bob):
        assert desk.jot(claim_next, one) is None
        with pytest.raises(ForbiddenError, match="decided the item"):
            desk.write(reassign, lead, second, one.number)
    assert claimed(desk, senior)[0].number == second


def test_what_the_appeal_comes_to_replaces_what_was_said(desk: Desk, alice: Reviewer, bob: Reviewer) -> None:
    first = decided(desk, alice, CONFIRM)
    desk.write(appeal, "p1", APPEAL, BY)
    second = decided(desk, bob, DISMISS)
    assert (first.replaces, second.replaces) == (None, first.number)
    told = [json.loads(row.body)["data"] for row in rows(desk, outbox)]
    assert [(one["replaces"], one["appeals"], one["queue"]) for one in told] == [
        (None, [], "review"),
        (first.number, ["a1"], "appeals"),
    ]


def test_another_appeal_joins_the_one_that_waits_and_both_are_answered_alike(
    desk: Desk, alice: Reviewer, bob: Reviewer
) -> None:
    first = decided(desk, alice, CONFIRM)
    task = desk.write(appeal, "p1", APPEAL, BY)
    assert desk.write(appeal, "p1", Appeal("a2", AppealSource.NOTIFIER), BY) == task
    second = decided(desk, bob, DISMISS)
    assert (second.task, second.replaces) == (task, first.number)
    assert json.loads(rows(desk, outbox)[-1].body)["data"]["appeals"] == ["a1", "a2"]


def test_the_same_appeal_twice_is_one(desk: Desk, alice: Reviewer, bob: Reviewer) -> None:
    decided(desk, alice)
    first = desk.write(appeal, "p1", APPEAL, BY)
    assert desk.write(appeal, "p1", APPEAL, BY) == first
    decided(desk, bob)
    assert desk.write(appeal, "p1", APPEAL, BY) == first
    assert len(rows(desk, appeals)) == actions(desk).count("appeal.received") == 1


def test_the_same_appeal_at_once_is_one(desk: Desk, alice: Reviewer) -> None:
    decided(desk, alice)
    at_once = Barrier(4)

    def ask(_: int) -> int:
        at_once.wait()
        return desk.write(appeal, "p1", APPEAL, BY)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(ask, range(4)))) == 1
    assert len(rows(desk, appeals)) == len(rows(desk, tasks, tasks.c.queue == "appeals")) == 1


def test_an_appeal_and_an_undoing_at_once_never_both_count(desk: Desk, alice: Reviewer) -> None:
    for number in range(12):
        name = f"q{number}"
        handed_in(desk, judged(name, level="urgent"))
        made = decided(desk, alice, CONFIRM, Queue.URGENT)
        outcomes = _at_once(
            lambda name=name: desk.write(appeal, name, APPEAL, BY),
            lambda made=made: desk.write(undo, alice, made.number),
        )
        assert sum(isinstance(one, ConflictError) for one in outcomes) == 1, name
        if isinstance(outcomes[1], str):
            desk.write(release, alice, outcomes[1])
    kept = rows(desk, appeals)
    undone = {row.id for row in rows(desk, decisions) if row.undone_at}
    assert not undone & {row.decision for row in kept}


@pytest.mark.parametrize("said", [ESCALATE, SKIP], ids=["escalated", "skipped"])
def test_what_nobody_has_decided_is_not_appealed(desk: Desk, alice: Reviewer, said: Said) -> None:
    decided(desk, alice, said)
    with pytest.raises(ConflictError, match="no such one"):
        desk.write(appeal, "p1", APPEAL, BY)


def test_an_undone_decision_is_not_appealed(desk: Desk, alice: Reviewer) -> None:
    made = decided(desk, alice)
    desk.write(undo, alice, made.number)
    for wanted in (None, made.number):
        with pytest.raises(ConflictError):
            desk.write(appeal, "p1", Appeal("a1", AppealSource.AUTHOR, wanted), BY)
    assert rows(desk, appeals) == []


def test_an_appeal_may_name_its_decision_of_this_item_alone(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    first = decided(desk, alice)
    handed_in(
        desk,
        judged("p2"),
        judged("p1", priority=0.7, notice=Notice("n", NoticeKind.NOTICE, NoticeSource.USER)),
    )
    latest = decided(desk, bob, DISMISS, Queue.NOTICES)
    other = decided(desk, bob, DISMISS, Queue.REVIEW)
    for reference, wanted, expected in (("a", None, latest), ("b", first.number, first)):
        desk.write(appeal, "p1", Appeal(reference, AppealSource.AUTHOR, wanted), BY)
        assert rows(desk, appeals)[-1].decision == expected.number
    with pytest.raises(ConflictError):
        desk.write(appeal, "p1", Appeal("c", AppealSource.AUTHOR, other.number), BY)


def test_an_appeal_on_an_unknown_item_is_refused(desk: Desk) -> None:
    with pytest.raises(UnknownError):
        desk.write(appeal, "p9", APPEAL, BY)


def test_whoever_decides_an_appeal_sees_what_it_says(desk: Desk, alice: Reviewer, bob: Reviewer) -> None:
    decided(desk, alice)
    desk.write(appeal, "p1", Appeal("a1", AppealSource.AUTHOR, statement="It was a stew."), BY)
    task, _ = claimed(desk, bob)
    assert list(desk.write(view, bob, task.number, Extent.WHOLE).statements) == ["It was a stew."]


def test_an_appeal_of_what_could_not_be_judged_has_a_middle_priority(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("u", assessment=unscorable("u")))
    decided(desk, alice, DISMISS, Queue.UNSCORABLE)
    desk.write(appeal, "u", APPEAL, BY)
    assert [row.priority for row in rows(desk, tasks, tasks.c.queue == "appeals")] == [0.5]


def test_the_platform_sees_decisions_and_complaints_of_its_item(
    desk: Desk, alice: Reviewer, bob: Reviewer
) -> None:
    first = decided(desk, alice)
    desk.write(appeal, "p1", APPEAL, BY)
    second = decided(desk, bob, DISMISS)
    told = desk.read(item_history, "p1")
    assert [one.number for one in told.decisions] == [first.number, second.number]
    assert (told.receipt.state, list(told.appeals)) == (State.DECIDED, ["a1"])


def test_an_escalated_appeal_never_comes_to_a_lead_who_decided_before(desk: Desk, lead: Reviewer) -> None:
    decided(desk, lead)
    desk.write(appeal, "p1", APPEAL, BY)
    decided(desk, reviewer(desk, "s", Role.SENIOR), ESCALATE)
    assert desk.jot(claim_next, lead) is None
    assert desk.jot(claim_next, reviewer(desk, "l", lead.role)) is not None


def _at_once(*works: Any) -> list[Any]:
    at_once = Barrier(len(works))

    def run(work: Any) -> Any:
        at_once.wait()
        try:
            return work()
        except ReviewError as error:
            return error

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_nobody_decides_their_own_appeal_by_undoing_anothers_answer(
    desk: Desk, bob: Reviewer, lead: Reviewer
) -> None:
    decided(desk, lead)
    desk.write(appeal, "p1", APPEAL, BY)
    answer = decided(desk, bob, DISMISS)
    assert desk.write(undo, lead, answer.number) is None
    assert desk.jot(claim_next, lead) is None
    assert claimed(desk, bob)[0].queue is Queue.APPEALS


def test_whoever_decides_another_task_of_the_item_may_not_decide_its_appeal_any_more(
    desk: Desk, alice: Reviewer, bob: Reviewer
) -> None:
    decided(desk, alice)
    desk.write(appeal, "p1", APPEAL, BY)
    _, claim = claimed(desk, bob, Queue.APPEALS)
    notice = Notice("n1", NoticeKind.NOTICE, NoticeSource.USER)
    handed_in(desk, judged("p1", notice=notice))
    decided(desk, bob, CONFIRM, Queue.NOTICES)
    with pytest.raises(ForbiddenError, match="decided nothing else of the item"):
        desk.write(decide, bob, claim, DISMISS)
