"""Pages: where a life may be in danger, a lead knows at once, and again until one answers."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from tocsin.service.review.contract_testing import (
    CONFIRM,
    PLATFORM,
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
from tocsin.service.review.decisions import decide
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ConflictError, UnknownError
from tocsin.service.review.records import Reviewer, acknowledge, erase, list_pages, page_again, raise_page
from tocsin.service.review.role import Role
from tocsin.service.review.store.tables import log, outbox, pages, tasks
from tocsin.service.review.tasks import claim_next
from tocsin.service.review.webhooks import Delivered
from tocsin.service.review.webhooks.courier import deliver

AGAIN_MINUTES = 5


@pytest.fixture(autouse=True)
def task(desk: Desk) -> int:
    """Return the number of the last of three tasks."""
    handed_in(desk, judged("a", level="urgent"), judged("b", level="urgent", priority=1), judged("p1"))
    return 3


def test_a_paged_task_is_a_leads_and_first_of_all(
    desk: Desk, task: int, senior: Reviewer, lead: Reviewer
) -> None:
    desk.write(raise_page, senior, task)
    assert task not in {claimed(desk, senior)[0].number for _ in range(2)}
    assert desk.jot(claim_next, senior) is None
    assert claimed(desk, lead)[0].number == task


def test_a_page_takes_the_task_from_whoever_holds_it(desk: Desk, alice: Reviewer, lead: Reviewer) -> None:
    held, claim = claimed(desk, alice)
    desk.write(raise_page, alice, held.number)
    with pytest.raises(UnknownError):
        desk.write(decide, alice, claim, CONFIRM)
    assert claimed(desk, lead)[0].number == held.number


def test_a_page_is_told_logged_and_raised_once_while_nobody_answers(
    desk: Desk, task: int, alice: Reviewer, bob: Reviewer
) -> None:
    number = desk.write(raise_page, alice, task)
    assert desk.write(raise_page, bob, task) == number
    assert actions(desk) == ["lead.paged"]
    (message,) = rows(desk, outbox)
    assert json.loads(message.body)["data"] == {
        "page": number,
        "item": "p1",
        "task": task,
        "why": "life",
    }
    (row,) = rows(desk, log, log.c.action == "lead.paged")
    said = {"page": number, "task": task, "why": "life"}
    assert (row.actor, json.loads(row.body)) == (f"reviewer:{alice.number}", said)


def test_a_page_raised_at_once_by_many_is_one(desk: Desk, task: int) -> None:
    people = [reviewer(desk, f"r{number}") for number in range(4)]
    at_once = Barrier(4)

    def page(one: Reviewer) -> int:
        at_once.wait()
        return desk.write(raise_page, one, task)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(page, people))) == 1
    assert len(rows(desk, pages)) == len(rows(desk, outbox)) == 1


def test_an_answered_page_may_be_raised_anew(desk: Desk, task: int, alice: Reviewer, lead: Reviewer) -> None:
    first = desk.write(raise_page, alice, task)
    desk.write(acknowledge, lead, first)
    assert desk.write(raise_page, alice, task) != first


def test_leads_are_paged_again_until_one_answers(
    desk: Desk, task: int, clock: FixedClock, alice: Reviewer, lead: Reviewer
) -> None:
    number = desk.write(raise_page, alice, task)
    _deliver(desk)
    clock.advance(minutes=AGAIN_MINUTES, seconds=-1)
    assert desk.write(page_again) == 0
    clock.advance(1)
    assert [desk.write(page_again), desk.write(page_again)] == [1, 0]
    _deliver(desk)
    clock.advance(minutes=AGAIN_MINUTES)
    assert desk.write(page_again) == 1
    desk.write(acknowledge, lead, number)
    clock.advance(minutes=AGAIN_MINUTES)
    assert desk.write(page_again) == 0
    assert [row.event for row in rows(desk, outbox)] == ["lead.paged"] * 3


def test_a_page_that_is_not_delivered_yet_is_tried_again_and_not_told_twice(
    desk: Desk, task: int, clock: FixedClock, alice: Reviewer
) -> None:
    desk.write(raise_page, alice, task)
    clock.advance(minutes=AGAIN_MINUTES)
    assert desk.write(page_again) == 1
    assert [row.due_at for row in rows(desk, outbox)] == [clock()]


def _deliver(desk: Desk) -> None:
    assert deliver(desk, endpoint(), lambda *_: Delivered(200)) == 1


def test_one_lead_answers_and_the_others_learn_who(
    desk: Desk, task: int, clock: FixedClock, alice: Reviewer, lead: Reviewer
) -> None:
    number = desk.write(raise_page, alice, task)
    clock.advance(30)
    answered = desk.write(acknowledge, lead, number)
    assert (answered.acknowledged_by, answered.acknowledged_at) == (lead.number, clock())
    clock.advance(30)
    assert desk.write(acknowledge, lead, number) == answered
    with pytest.raises(ConflictError, match=f"reviewer {lead.number}"):
        desk.write(acknowledge, reviewer(desk, "liv", Role.LEAD), number)
    assert actions(desk) == ["lead.paged", "page.acknowledged"]


def test_of_leads_who_answer_at_once_one_has_it(desk: Desk, task: int, alice: Reviewer) -> None:
    number = desk.write(raise_page, alice, task)
    leads = [reviewer(desk, f"l{one}", Role.LEAD) for one in range(4)]
    at_once = Barrier(4)

    def answer(one: Reviewer) -> Any:
        at_once.wait()
        try:
            return desk.write(acknowledge, one, number)
        except ConflictError:
            return None

    with ThreadPoolExecutor(4) as pool:
        assert sum(one is not None for one in pool.map(answer, leads)) == 1
    assert actions(desk).count("page.acknowledged") == 1


def test_unanswered_pages_are_listed_first(
    desk: Desk, task: int, clock: FixedClock, alice: Reviewer, lead: Reviewer
) -> None:
    for number in (1, 2, 3):
        desk.write(raise_page, alice, number)
        clock.advance(1)
    desk.write(acknowledge, lead, 3)
    assert [one.number for one in desk.read(list_pages)] == [2, 1, 3]


def test_what_is_no_task_or_no_page_is_unknown(desk: Desk, alice: Reviewer, lead: Reviewer) -> None:
    with pytest.raises(UnknownError):
        desk.write(raise_page, alice, 9)
    with pytest.raises(UnknownError):
        desk.write(acknowledge, lead, 9)


def test_a_page_over_what_was_decided_changes_no_decision(
    desk: Desk, alice: Reviewer, lead: Reviewer
) -> None:
    made = decided(desk, alice)
    desk.write(raise_page, alice, made.task)
    assert [row.state for row in rows(desk, tasks, tasks.c.id == made.task)] == ["done"]
    assert desk.read(list_pages)[0].task == made.task


def test_an_erased_items_page_names_no_item_any_more(desk: Desk, task: int, alice: Reviewer) -> None:
    desk.write(raise_page, alice, task)
    desk.write(erase, "p1", PLATFORM)
    assert [(one.item, one.task) for one in desk.read(list_pages)] == [(None, task)]
