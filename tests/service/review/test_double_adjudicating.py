"""Adjudication: where two decided apart and differ, somebody who made neither says which of both holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

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
    endpoint,
    handed_in,
    judged,
    reviewer,
    rows,
)
from tocsin.service.review.decisions import Appeal, AppealSource, Said, appeal, decide, history, trail, undo
from tocsin.service.review.desk import Desk
from tocsin.service.review.double.comparing import compare_due
from tocsin.service.review.double_testing import ALL, decided_first, decided_twice, wait
from tocsin.service.review.errors import ForbiddenError, UnknownError
from tocsin.service.review.intake import Notice, NoticeKind, NoticeSource, State
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Reviewer, count_queues, erase
from tocsin.service.review.records.searching import Filters, search
from tocsin.service.review.role import Role
from tocsin.service.review.store.tables import decisions, outbox, tasks
from tocsin.service.review.tasks import claim_next, reassign
from tocsin.service.review.verdict import Verdict

BROTH = Said(Verdict.CONFIRM, "broth")


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk(endpoints=[endpoint()], double_share=ALL)


def adjudications(desk: Desk) -> list[Any]:
    return rows(desk, tasks, tasks.c.queue == "adjudication", tasks.c.state == "open")


def told(desk: Desk) -> list[tuple[str, Any, Any, Any]]:
    bodies = [json.loads(row.body) for row in rows(desk, outbox)]
    return [
        (one["type"], one["data"]["verdict"], one["data"]["policy"], one["data"]["replaces"])
        for one in bodies
    ]


def escalated(desk: Desk) -> int:
    (told,) = (one for one in desk.read(count_queues) if one.queue is Queue.ADJUDICATION)
    return told.escalated


@pytest.mark.parametrize(
    ("said", "differs"), [(CONFIRM, 0), (DISMISS, 1), (BROTH, 1)], ids=["the same", "verdict", "policy"]
)
def test_it_is_asked_for_where_verdict_or_policy_differs(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer, said: Said, differs: int
) -> None:
    decided_twice(desk, clock, alice, bob, said)
    assert adjudications(desk) == []  # it would tell the second how the first decided
    wait(clock, desk)
    assert len(adjudications(desk)) == differs


def test_seniors_and_leads_who_decided_neither_take_it(
    desk: Desk, clock: FixedClock, alice: Reviewer, senior: Reviewer, lead: Reviewer
) -> None:
    other = reviewer(desk, "sam", Role.SENIOR)
    decided_twice(desk, clock, senior, other)
    wait(clock, desk)
    (task,) = adjudications(desk)
    assert (task.least_role, task.level, task.priority) == (int(Role.SENIOR), "urgent", 0.5)
    assert [desk.jot(claim_next, one) for one in (alice, senior, other)] == [None] * 3
    with pytest.raises(ForbiddenError, match="decided the item"):
        desk.write(reassign, lead, task.id, other.number)
    found, _ = claimed(desk, lead)
    assert (found.number, found.assessment is not None) == (task.id, True)


def test_both_decisions_and_their_notes_are_shown_without_whose_they_are(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer, senior: Reviewer, lead: Reviewer
) -> None:
    first, second = decided_twice(desk, clock, alice, bob, replace(DISMISS, note="a stew"))
    wait(clock, desk)
    task, claim = claimed(desk, senior)
    for number in (task.number, first.task, second.task):
        for one in (senior, lead):
            seen = desk.read(trail, number, one)
            assert [(each.number, each.reviewer) for each in seen.history.decisions] == [
                (first.number, None),
                (second.number, None),
            ]
            assert [each.said.note for each in seen.history.decisions] == [None, "a stew"]
            assert list(seen.seen) == []
    assert [one.reviewer for one in desk.read(history, first.task, alice).decisions] == [alice.number, None]
    done = Filters.parse({"state": "done"})
    assert {one.decider for one in desk.read(search, lead, done).found} == {None}
    desk.write(decide, senior, claim, CONFIRM)
    assert {one.decider for one in desk.read(search, lead, done).found} >= {alice.number}
    shown = [one.reviewer for one in desk.read(history, first.task, lead).decisions]
    assert shown == [alice.number, bob.number, senior.number]


def test_upheld_nothing_changes_and_the_platform_hears_nothing(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer, senior: Reviewer
) -> None:
    first, _ = decided_twice(desk, clock, alice, bob)
    wait(clock, desk)
    made = decided(desk, senior, CONFIRM, Queue.ADJUDICATION)
    assert (made.aside, made.replaces) == (True, None)
    assert told(desk) == [("decision.made", "confirm", "soup", None)]
    desk.write(undo, senior, made.number)
    assert len(told(desk)) == 1
    assert len(adjudications(desk)) == 1
    assert rows(desk, decisions, decisions.c.aside.is_(False))[0].id == first.number


@pytest.mark.parametrize("said", [DISMISS, BROTH], ids=["as the second said", "as neither said"])
def test_overturned_it_replaces_the_first_as_an_appeal_does_and_can_be_undone(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer, senior: Reviewer, said: Said
) -> None:
    first, _ = decided_twice(desk, clock, alice, bob)
    wait(clock, desk)
    made = decided(desk, senior, said, Queue.ADJUDICATION)
    assert (made.aside, made.replaces) == (False, first.number)
    assert told(desk)[1:] == [("decision.made", said.verdict.value, said.policy, first.number)]
    desk.write(undo, senior, made.number)
    assert told(desk)[2:] == [("decision.reversed", said.verdict.value, said.policy, first.number)]
    assert [row.id for row in adjudications(desk)] == [made.task]


def test_a_senior_may_leave_it_to_a_lead(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer, senior: Reviewer, lead: Reviewer
) -> None:
    first, _ = decided_twice(desk, clock, alice, bob)
    wait(clock, desk)
    counted = [escalated(desk)]
    decided(desk, senior, ESCALATE, Queue.ADJUDICATION)
    assert [*counted, escalated(desk)] == [0, 1]
    assert decided(desk, lead, DISMISS).replaces == first.number


def test_two_who_compare_at_once_ask_once(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    for item in ("p1", "p2", "p3"):
        decided_twice(desk, clock, alice, bob, item=item)
    clock.advance(desk.context.settings.undo_seconds + 1)
    at_once = Barrier(4)

    def compare(_: int) -> int:
        at_once.wait()
        return desk.write(compare_due)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(compare, range(4))) == 1  # of the others, `decided_twice` waited already
    assert len(adjudications(desk)) == 3


def test_an_appeal_asks_the_same_and_ends_it(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer, senior: Reviewer
) -> None:
    first, _ = decided_twice(desk, clock, alice, bob)
    wait(clock, desk)
    assert len(adjudications(desk)) == 1
    desk.write(appeal, "p1", Appeal("a1", AppealSource.AUTHOR), BY)
    assert adjudications(desk) == []
    assert decided(desk, senior, DISMISS).replaces == first.number


def test_none_is_asked_for_where_an_appeal_waits_already(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    decided_first(desk, alice)
    desk.write(appeal, "p1", Appeal("a1", AppealSource.AUTHOR), BY)
    wait(clock, desk)
    decided(desk, bob, DISMISS, Queue.SECOND)
    wait(clock, desk)
    assert adjudications(desk) == []


def test_a_later_decision_on_the_item_ends_it(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    decided_twice(desk, clock, alice, bob)
    wait(clock, desk)
    receipt = handed_in(
        desk, judged("p1", level="urgent", notice=Notice("n1", NoticeKind.NOTICE, NoticeSource.USER))
    )[0]
    assert (receipt.state, receipt.queue) == (State.WAITING, Queue.URGENT)
    decided(desk, reviewer(desk, "carl"), DISMISS, Queue.URGENT)
    assert adjudications(desk) == []


def test_who_decided_another_task_of_the_item_meanwhile_does_not_adjudicate(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer, senior: Reviewer
) -> None:
    decided_twice(desk, clock, alice, bob)
    wait(clock, desk)
    _, claim = claimed(desk, senior, Queue.ADJUDICATION)
    handed_in(desk, judged("p1", level="urgent", notice=Notice("n1", NoticeKind.ORDER, NoticeSource.USER)))
    decided(desk, senior, DISMISS, Queue.ORDERS)
    with pytest.raises(UnknownError):
        desk.write(decide, senior, claim, CONFIRM)


def test_erasure_closes_it(desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer) -> None:
    decided_twice(desk, clock, alice, bob)
    wait(clock, desk)
    desk.write(erase, "p1", PLATFORM)
    assert adjudications(desk) == []


def test_of_what_was_erased_meanwhile_nothing_is_asked(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    decided_twice(desk, clock, alice, bob)
    desk.write(erase, "p1", PLATFORM)
    wait(clock, desk)
    assert adjudications(desk) == []
