"""Blindness by every way: whoever may decide once more learns of nobody who decided, and of nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module

import pytest

from tocsin.service.review.compliance.order_clock import list_orders
from tocsin.service.review.contract_testing import (
    BY,
    CONFIRM,
    DISMISS,
    ESCALATE,
    PLATFORM,
    SKIP,
    FixedClock,
    claimed,
    decided,
    endpoint,
    handed_in,
    judged,
    reviewer,
    rows,
)
from tocsin.service.review.decisions import Appeal, AppealSource, appeal, decide, item_history, trail
from tocsin.service.review.desk import Desk
from tocsin.service.review.double_testing import ALL, decided_first, decided_twice, second_tasks, wait
from tocsin.service.review.errors import ForbiddenError, UnknownError
from tocsin.service.review.intake import Notice, NoticeKind, NoticeSource
from tocsin.service.review.log import disagreements
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Extent, Reviewer, erase, raise_page, view
from tocsin.service.review.records.searching import Filters, search
from tocsin.service.review.replay import find_item, replay
from tocsin.service.review.store.double_tables import takers
from tocsin.service.review.store.tables import log, tasks
from tocsin.service.review.tasks import claim_next, claim_task, reassign, release

ANY = Filters.parse({"state": "any"})


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk(endpoints=[endpoint()], double_share=ALL)


def order() -> Notice:
    return Notice("n1", NoticeKind.ORDER, NoticeSource.AUTHORITY)


def test_a_senior_who_may_decide_it_again_gives_no_task_of_it_away_and_learns_of_nobody(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer, senior: Reviewer, lead: Reviewer
) -> None:
    decided_first(desk, alice)
    wait(clock, desk)
    (second,) = second_tasks(desk)
    appealed = desk.write(appeal, "p1", Appeal("a1", AppealSource.AUTHOR), BY)
    refused = set()
    for task in (second, appealed):
        for one in (alice, bob, lead):
            with pytest.raises(ForbiddenError) as error:
                desk.write(reassign, senior, task, one.number)
            refused.add(str(error.value))
    assert refused == {
        "a task of an item that waits to be decided again is given away by those who cannot decide it"
    }
    assert desk.write(reassign, lead, second, bob.number).claimed_by == bob.number


@pytest.mark.parametrize("gives_back", [True, False], ids=["gave it back", "let it lapse"])
def test_whoever_took_it_before_saw_what_the_model_says_and_does_not_decide_it_again(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer, gives_back: bool
) -> None:
    handed_in(desk, judged("p1", level="urgent"))
    held, claim = claimed(desk, bob)
    assert held.assessment is not None
    if gives_back:
        desk.jot(release, bob, claim)
    else:
        clock.advance(desk.context.settings.lease_seconds + 1)
    decided(desk, alice)
    wait(clock, desk)
    (second,) = second_tasks(desk)
    assert desk.jot(claim_next, bob) is None
    assert claimed(desk, reviewer(desk, "carl"))[0].number == second


def test_who_took_what_is_kept_where_items_are_decided_twice_alone_and_goes_with_them(
    make_desk: Callable[..., Desk], desk: Desk, alice: Reviewer, bob: Reviewer, clock: FixedClock
) -> None:
    decided_twice(desk, clock, alice, bob)
    assert [row.reviewer for row in rows(desk, takers)] == [alice.number]  # blind, nothing is seen
    desk.write(erase, "p1", PLATFORM)
    assert rows(desk, takers) == []


def test_where_nothing_is_decided_twice_nobody_keeps_who_took_what(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk()
    decided_first(desk, reviewer(desk))
    assert rows(desk, takers) == []


def test_what_is_skipped_or_escalated_on_the_way_is_not_the_platforms_to_know(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer, senior: Reviewer, lead: Reviewer
) -> None:
    first = decided_first(desk, alice)
    wait(clock, desk)
    assert decided(desk, bob, SKIP, Queue.SECOND).aside
    decided(desk, reviewer(desk, "carl"), DISMISS, Queue.SECOND)
    wait(clock, desk)
    assert decided(desk, senior, ESCALATE, Queue.ADJUDICATION).aside
    third = decided(desk, lead, DISMISS, Queue.ADJUDICATION)
    assert [one.number for one in desk.read(item_history, "p1").decisions] == [first.number, third.number]
    assert desk.store.read(disagreements) == []
    bodies = [json.loads(row.body) for row in rows(desk, log, log.c.action == "decision.made")]
    assert [one.get("aside", False) for one in bodies] == [False, True, True, True, False]


def test_a_search_does_not_go_on_from_what_it_does_not_show(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer, lead: Reviewer
) -> None:
    first = decided_first(desk, alice)
    for number in range(3):
        handed_in(desk, judged(f"q{number}"))
    wait(clock, desk)
    (second,) = second_tasks(desk)
    for state in ("open", "done", "any"):
        with pytest.raises(UnknownError):  # else what lies before and after tells its priority
            desk.read(search, bob, Filters.parse({"state": state}), first.task)
    newest = rows(desk, tasks)[-1].id
    assert [one.number for one in desk.read(search, bob, ANY, newest).found][-1] == second
    assert [one.number for one in desk.read(search, lead, ANY, newest).found][-1] == first.task
    assert desk.read(search, bob, ANY, second).found == desk.read(search, lead, ANY, first.task).found == []


def test_a_search_that_runs_out_of_time_stops_at_nothing_that_it_does_not_show(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed_in(desk, judged("q0"), judged("q1"))
    first = decided_first(desk, alice)
    handed_in(desk, judged("q2"), judged("q3"))
    wait(clock, desk)
    for name in ("_FIRST_LOOK", "_LOOK"):
        monkeypatch.setattr(import_module("tocsin.service.review.records.searching.search"), name, 1)
    stops = [desk.read(search, bob, ANY, within_s=0).onward]
    while (last := stops[-1]) is not None:
        stops.append(desk.read(search, bob, ANY, last, within_s=0).onward)
    assert len(stops) > 2
    assert first.task not in stops


def test_a_lead_who_may_adjudicate_does_not_find_out_by_a_filter_who_decided(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer, lead: Reviewer
) -> None:
    first, _ = decided_twice(desk, clock, alice, bob)
    by_alice = Filters.parse({"state": "done", "decider": str(alice.number)})
    assert [one.number for one in desk.read(search, lead, by_alice).found] == [first.task]
    wait(clock, desk)
    assert desk.read(search, lead, by_alice).found == []
    decided(desk, lead, CONFIRM, Queue.ADJUDICATION)
    assert [one.number for one in desk.read(search, lead, by_alice).found] == [first.task]


def test_a_second_readers_look_is_no_look_at_an_order_that_they_are_not_shown(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    decided_first(desk, alice)
    wait(clock, desk)
    task, _ = claimed(desk, bob, Queue.SECOND)
    handed_in(desk, judged("p1", level="urgent", notice=order()))
    clock.advance(minutes=1)
    desk.write(view, bob, task.number, Extent.WHOLE)
    assert [one.first_view_at for one in desk.read(list_orders)] == [None]
    clock.advance(minutes=1)
    ordered, _ = claimed(desk, alice, Queue.ORDERS)
    desk.write(view, alice, ordered.number, Extent.WHOLE)
    assert [one.first_view_at for one in desk.read(list_orders)] == [clock.at]


def test_a_replay_tells_that_whoever_skipped_was_blind_although_leads_were_called_later(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer, lead: Reviewer
) -> None:
    decided_first(desk, alice)
    wait(clock, desk)
    task, claim = claimed(desk, bob, Queue.SECOND)
    desk.write(decide, bob, claim, SKIP)
    clock.advance(minutes=1)
    desk.write(raise_page, reviewer(desk, "carl"), task.number)
    clock.advance(minutes=1)
    decided(desk, lead, DISMISS)
    events = desk.read(replay, desk.read(find_item, "p1")).events
    screens = [one.screen for one in events if one.what == "decision.made" and one.screen is not None]
    assert [(one.queue_shown, one.model_shown, len(one.earlier)) for one in screens] == [
        ("urgent", True, 0),
        ("second", False, 0),
        ("adjudication", True, 2),
    ]


def test_an_item_that_waits_to_be_decided_again_is_hidden_whatever_comes_of_it_meanwhile(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    first = decided_first(desk, alice)
    wait(clock, desk)
    handed_in(desk, judged("p1", level="urgent", notice=order()))
    clock.advance(hours=1)
    desk.write(appeal, "p1", Appeal("a1", AppealSource.AUTHOR), BY)
    (second,) = second_tasks(desk)
    for task in rows(desk, tasks, tasks.c.id != second):
        with pytest.raises(ForbiddenError):
            desk.read(trail, task.id, bob)
    told = desk.read(trail, second, bob)
    assert (told.complaints, told.tasks, told.messages, told.history.decisions) == ((), (), (), [])
    assert [one.number for one in desk.read(search, bob, ANY).found] == [second]
    assert desk.jot(claim_task, bob, second).deadline is None
    assert first.made_at + timedelta(hours=1) < clock.at
