"""Notices and orders: they find the text again, join what waits, and move it forward."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from tocsin.service.review.contract_testing import (
    CONFIRM,
    ESCALATE,
    START,
    FixedClock,
    actions,
    claimed,
    decided,
    handed_in,
    judged,
    rows,
)
from tocsin.service.review.decisions import appeal, decide
from tocsin.service.review.decisions.appealing import Appeal, AppealSource
from tocsin.service.review.desk import Desk
from tocsin.service.review.intake import Expected, Judged, Notice, NoticeKind, NoticeSource, State
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Extent, Reviewer, acknowledge, list_pages, view
from tocsin.service.review.store.tables import items, near_bands, notices, pages, tasks
from tocsin.service.review.tasks import claim_next


def noticed(
    item: str = "p1", reference: str = "n1", kind: str = "notice", level: str = "review", **told: Any
) -> Judged:
    notice = Notice(reference, NoticeKind(kind), NoticeSource.USER, **told)
    return judged(item, f"The soup of {item}.", level, notice=notice)


def plain(item: str = "p1", level: str = "review", **told: Any) -> Judged:
    return judged(item, f"The soup of {item}.", level, **told)


def test_a_notice_brings_back_the_text_that_was_not_kept(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, plain(level="none"))
    assert [row.text for row in rows(desk, items)] == [None]
    (receipt,) = handed_in(desk, noticed(level="none", statement="It is too hot."))
    assert (receipt.state, receipt.queue) == (State.WAITING, Queue.NOTICES)
    task, _ = claimed(desk, alice)
    shown = desk.write(view, alice, task.number, Extent.WHOLE)
    assert (shown.text, list(shown.statements)) == ("The soup of p1.", ["It is too hot."])
    assert rows(desk, near_bands)


@pytest.mark.parametrize(
    ("level", "kind", "queue"),
    [
        ("review", "notice", "notices"),
        ("review", "order", "orders"),
        ("urgent", "notice", "urgent"),
        ("urgent", "order", "orders"),
    ],
)
def test_a_notice_joins_the_task_that_waits_in_the_queue_that_is_served_sooner(
    desk: Desk, clock: FixedClock, level: str, kind: str, queue: str
) -> None:
    handed_in(desk, plain(level=level))
    (before,) = rows(desk, tasks)
    clock.advance(hours=1)
    handed_in(desk, noticed(kind=kind))
    (after,) = rows(desk, tasks)
    assert (after.id, after.queue, after.created_at) == (before.id, queue, before.created_at)
    assert after.serve_by <= before.serve_by


def test_a_notice_never_moves_a_task_back(desk: Desk, clock: FixedClock) -> None:
    handed_in(desk, noticed(kind="order"))
    (before,) = rows(desk, tasks)
    clock.advance(hours=2)
    handed_in(desk, noticed(reference="n2"), noticed(reference="o2", kind="order"))
    (after,) = rows(desk, tasks)
    assert (after.queue, after.serve_by, after.deadline) == ("orders", before.serve_by, before.deadline)


def test_an_order_that_names_no_deadline_has_an_hour_from_its_receipt_and_not_from_ours(desk: Desk) -> None:
    received = START - timedelta(minutes=40)
    (receipt,) = handed_in(desk, noticed(kind="order", received_at=received))
    assert receipt.deadline == received + timedelta(hours=1)
    (task,) = rows(desk, tasks)
    assert task.serve_by <= START + timedelta(minutes=5)  # a quarter of what is left


def test_an_order_keeps_the_deadline_that_it_names(desk: Desk) -> None:
    named = START + timedelta(minutes=12)
    (receipt,) = handed_in(desk, noticed(kind="order", deadline=named))
    assert receipt.deadline == named


def test_a_notice_has_a_deadline_only_where_it_names_one(desk: Desk) -> None:
    named = START + timedelta(days=1)
    one, other = handed_in(desk, noticed("p1"), noticed("p2", deadline=named))
    assert (one.deadline, other.deadline) == (None, named)


def test_orders_wait_behind_no_backlog_and_the_soonest_deadline_comes_first(
    desk: Desk, alice: Reviewer, clock: FixedClock
) -> None:
    handed_in(desk, *(judged(f"q{number}", level="urgent", priority=1.0) for number in range(5)))
    clock.advance(hours=24 * 30)
    handed_in(desk, noticed("p1", kind="order"))
    handed_in(desk, noticed("p2", kind="order", received_at=clock() - timedelta(hours=3)))
    assert [claimed(desk, alice)[0].item for _ in range(3)] == ["p2", "p1", "q0"]


def test_the_soonest_deadline_counts(desk: Desk) -> None:
    soon, late = START + timedelta(hours=1), START + timedelta(hours=9)
    handed_in(desk, noticed(deadline=soon), noticed(reference="n2", deadline=late))
    assert [row.deadline for row in rows(desk, tasks)] == [soon]


def test_the_same_notice_twice_is_one(desk: Desk) -> None:
    handed_in(desk, noticed(), noticed())
    handed_in(desk, noticed(statement="Again."))
    assert [row.statement for row in rows(desk, notices)] == [None]
    assert len(rows(desk, tasks)) == 1
    assert actions(desk) == ["notice.received"]


def test_an_order_and_a_notice_of_one_reference_are_two(desk: Desk) -> None:
    handed_in(desk, noticed(), noticed(kind="order"))
    assert [row.kind for row in rows(desk, notices)] == ["notice", "order"]


def test_a_notice_on_what_was_decided_is_a_task_of_its_own(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, plain())
    decided(desk, alice)
    (receipt,) = handed_in(desk, noticed())
    assert (receipt.state, receipt.queue) == (State.WAITING, Queue.NOTICES)
    assert [row.state for row in rows(desk, tasks)] == ["done", "open"]


def test_a_notice_handed_in_again_after_its_decision_opens_nothing(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, noticed())
    decided(desk, alice)
    (receipt,) = handed_in(desk, noticed())
    assert receipt.state is State.DECIDED
    assert len(rows(desk, tasks)) == 1


def test_a_notice_leaves_golden_items_and_appeals_as_they_are(
    desk: Desk, alice: Reviewer, bob: Reviewer
) -> None:
    handed_in(desk, plain("g", expected=Expected(None)), plain("a"))
    decided(desk, alice, CONFIRM, Queue.REVIEW)
    desk.write(appeal, "a", Appeal("a1", AppealSource.AUTHOR), "k")
    handed_in(desk, noticed("g"), noticed("a"))
    waiting = rows(desk, tasks, tasks.c.state == "open")
    assert sorted(row.queue for row in waiting) == ["appeals", "golden", "notices", "notices"]


def test_a_notice_on_what_a_reviewer_holds_leaves_it_theirs(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, plain())
    _, claim = claimed(desk, alice)
    handed_in(desk, noticed())
    assert desk.write(decide, alice, claim, CONFIRM).reviewer == alice.number


def test_a_notice_on_what_was_escalated_leaves_it_with_whoever_has_more_say(
    desk: Desk, alice: Reviewer, bob: Reviewer
) -> None:
    handed_in(desk, plain())
    decided(desk, alice, ESCALATE)
    handed_in(desk, noticed(kind="order"))
    assert desk.jot(claim_next, bob) is None


def test_a_threat_to_life_pages_a_lead_and_is_served_first(desk: Desk, lead: Reviewer) -> None:
    handed_in(desk, noticed("o", kind="order"), plain("u", "urgent"))
    handed_in(desk, noticed("t", threat_to_life=True))
    (page,) = desk.read(list_pages)
    assert (page.item, page.acknowledged_by) == ("t", None)
    task, _ = claimed(desk, lead)
    assert (task.item, task.number) == ("t", page.task)
    assert actions(desk) == ["notice.received", "lead.paged", "notice.received"]


def test_a_threat_on_another_task_of_the_item_pages_too(desk: Desk, alice: Reviewer, lead: Reviewer) -> None:
    handed_in(desk, noticed(threat_to_life=True))
    decided(desk, lead)
    handed_in(desk, plain("u", "urgent"), noticed(reference="n2", threat_to_life=True))
    (waiting,) = rows(desk, tasks, tasks.c.state == "open", tasks.c.queue == "notices")
    assert desk.jot(claim_next, alice, [Queue.NOTICES]) is None
    assert claimed(desk, lead)[0].number == waiting.id
    assert [row.task for row in rows(desk, pages)] == [1, waiting.id]


def test_a_threat_after_a_page_was_answered_pages_again(desk: Desk, lead: Reviewer) -> None:
    handed_in(desk, noticed(threat_to_life=True))
    desk.write(acknowledge, lead, 1)
    handed_in(desk, noticed(reference="n2", threat_to_life=True))
    assert len(rows(desk, pages)) == 2


def test_a_batch_locks_the_log_after_all_else_or_it_would_wait_for_who_waits_for_it(desk: Desk) -> None:
    handed_in(desk, plain("p1"), plain("p2"))
    said: list[str] = []

    def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        said.append("log" if re.search(r"\b(FROM|INTO|UPDATE) log(_head)?\b", statement) else "else")

    event.listen(desk.store.engine, "before_cursor_execute", note)
    handed_in(desk, noticed("p1", threat_to_life=True), noticed("p2"), noticed("p3"))
    event.remove(desk.store.engine, "before_cursor_execute", note)
    assert "else" not in said[said.index("log") :]


def test_what_is_urgent_stays_urgent_whether_its_notice_comes_with_it_or_later(desk: Desk) -> None:
    handed_in(desk, plain("p2", level="urgent"))
    receipts = handed_in(desk, noticed("p1", level="urgent"), noticed("p2", level="urgent"))
    assert [one.queue for one in receipts] == [Queue.URGENT, Queue.URGENT]


def test_an_order_frees_the_task_that_it_joins_from_whoever_holds_it(
    desk: Desk, alice: Reviewer, bob: Reviewer
) -> None:
    handed_in(desk, plain())
    task, _ = claimed(desk, alice)
    handed_in(desk, noticed(kind="order"))
    assert claimed(desk, bob)[0].number == task.number
