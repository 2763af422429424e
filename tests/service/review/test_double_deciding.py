"""Second readings: they move nothing by themselves, can be undone, and weigh once they are made."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from tocsin.errors import InputError
from tocsin.service.review.care.exposure import exposure_of
from tocsin.service.review.compliance.file import read_compliance
from tocsin.service.review.compliance.retention import apply_retention
from tocsin.service.review.compliance.testing import kitchen_file
from tocsin.service.review.contract_testing import (
    BY,
    CONFIRM,
    DISMISS,
    ESCALATE,
    PLATFORM,
    SKIP,
    START,
    FixedClock,
    claimed,
    decided,
    endpoint,
    handed_in,
    judged,
    reviewer,
    rows,
)
from tocsin.service.review.decisions import (
    Appeal,
    AppealSource,
    appeal,
    decide,
    history,
    item_history,
    undo,
    undoable,
)
from tocsin.service.review.desk import Desk
from tocsin.service.review.double_testing import ALL, decided_first, decided_twice, second_tasks, wait
from tocsin.service.review.errors import ConflictError, ForbiddenError, ReviewError
from tocsin.service.review.intake import State
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import (
    Automation,
    Extent,
    Ground,
    Measure,
    MeasureKind,
    MeasureSource,
    Reviewer,
    erase,
    hold,
    raise_page,
    record,
    release_hold,
    reveal,
)
from tocsin.service.review.replay import find_item, replay
from tocsin.service.review.role import Role
from tocsin.service.review.store.double_tables import doubles
from tocsin.service.review.store.tables import decisions, items, outbox, tasks
from tocsin.service.review.tasks import claim_next, reassign


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk(endpoints=[endpoint()], double_share=ALL)


def told(desk: Desk) -> list[tuple[str, Any, Any, Any]]:
    """Return what the platform is told of decisions: what happened, to what verdict, in place of which."""
    bodies = [json.loads(row.body) for row in rows(desk, outbox, outbox.c.event != "lead.paged")]
    return [
        (one["type"], one["data"]["verdict"], one["data"]["queue"], one["data"]["replaces"]) for one in bodies
    ]


def test_a_second_reading_changes_nothing_and_the_platform_hears_nothing_of_it(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    first, second = decided_twice(desk, clock, alice, bob)
    assert (first.aside, second.aside) == (False, True)
    assert told(desk) == [("decision.made", "confirm", "urgent", None)]
    seen = desk.read(item_history, "p1")
    assert ([one.number for one in seen.decisions], seen.receipt.state) == ([first.number], State.DECIDED)
    assert handed_in(desk, judged("p1", level="urgent"))[0].queue is None


def test_no_measure_rests_on_a_second_reading_and_no_appeal_is_against_it(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    _, second = decided_twice(desk, clock, alice, bob, replace(CONFIRM, note="so it is"))
    measure = Measure(
        "m1",
        MeasureKind.REMOVED,
        Ground.ILLEGAL,
        "a law",
        MeasureSource.OWN_INITIATIVE,
        Automation.NONE,
        START,
        decision=second.number,
    )
    with pytest.raises(ConflictError, match="must rest on"):
        desk.write(record, "p1", measure, BY)
    with pytest.raises(ConflictError, match="no such one"):
        desk.write(appeal, "p1", Appeal("a1", AppealSource.AUTHOR, second.number), BY)


def test_whoever_read_it_twice_does_not_answer_its_appeal(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer, senior: Reviewer
) -> None:
    decided_twice(desk, clock, alice, bob, CONFIRM)
    desk.write(appeal, "p1", Appeal("a1", AppealSource.AUTHOR), BY)
    assert [desk.jot(claim_next, one) for one in (alice, bob)] == [None, None]
    assert claimed(desk, senior)[0].queue is Queue.APPEALS


def test_a_second_reading_is_not_escalated_but_may_be_skipped(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    decided_first(desk, alice)
    wait(clock, desk)
    _, claim = claimed(desk, bob)
    with pytest.raises(InputError, match="decided or skipped"):
        desk.write(decide, bob, claim, ESCALATE)
    desk.write(decide, bob, claim, SKIP)
    assert desk.jot(claim_next, bob) is None
    assert claimed(desk, reviewer(desk, "carl"))[0].queue is Queue.SECOND


def test_undone_it_waits_for_its_reader_who_is_as_blind_as_before(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    first, second = decided_twice(desk, clock, alice, bob)
    seen = desk.read(history, second.task, bob)
    assert ([one.number for one in seen.decisions], seen.task.assessment) == ([second.number], None)
    with pytest.raises(ForbiddenError):
        desk.read(history, first.task, bob)
    assert desk.read(undoable, bob) is not None

    claim = desk.write(undo, bob, second.number)
    assert rows(desk, tasks, tasks.c.queue == "adjudication", tasks.c.state == "open") == []
    assert [row.adjudication for row in rows(desk, doubles)] == [None]
    assert told(desk) == [("decision.made", "confirm", "urgent", None)]
    with pytest.raises(ForbiddenError):
        desk.read(history, first.task, bob)
    assert claim is not None
    desk.write(decide, bob, claim, CONFIRM)
    wait(clock, desk)
    assert [one.aside for one in desk.read(history, first.task, bob).decisions] == [False, True, True]


def test_a_lead_who_undoes_it_does_not_get_it(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer, lead: Reviewer
) -> None:
    _, second = decided_twice(desk, clock, alice, bob)
    assert desk.write(undo, lead, second.number) is None
    assert claimed(desk, bob)[0].number == second.task


def test_the_first_is_not_undone_under_the_second(make_desk: Callable[..., Desk], clock: FixedClock) -> None:
    desk = make_desk(double_share=ALL)
    alice, bob, lead = reviewer(desk), reviewer(desk, "bob"), reviewer(desk, "lead", Role.LEAD)
    first = decided_first(desk, alice)
    task = desk.write(reassign, lead, second_tasks(desk)[0], bob.number)
    assert task.claim is not None
    desk.write(decide, bob, task.claim, DISMISS)
    with pytest.raises(ConflictError, match="rests on it"):
        desk.write(undo, alice, first.number)
    assert desk.read(undoable, alice) is None


def test_undoing_the_first_and_deciding_the_second_at_once_never_both_count(
    make_desk: Callable[..., Desk],
) -> None:
    desk = make_desk(double_share=ALL, severe_a_shift=0, claims_each=50)
    alice, bob, lead = reviewer(desk), reviewer(desk, "bob"), reviewer(desk, "lead", Role.LEAD)
    for number in range(8):
        first = decided_first(desk, alice, item=f"p{number}")
        (second,) = second_tasks(desk)
        task = desk.write(reassign, lead, second, bob.number)
        at_once = Barrier(2)

        def run(work: Callable[[], object], at_once: Barrier = at_once) -> object:
            at_once.wait()
            try:
                return work()
            except ReviewError as error:
                return error

        with ThreadPoolExecutor(2) as pool:
            undone, made = pool.map(
                run,
                (
                    lambda first=first: desk.write(undo, alice, first.number),
                    lambda task=task: desk.write(decide, bob, str(task.claim), DISMISS),
                ),
            )
        assert isinstance(undone, ReviewError) != isinstance(made, ReviewError), (number, undone, made)
        assert len(rows(desk, doubles, doubles.c.first == first.number)) == isinstance(undone, ReviewError)
        if isinstance(undone, str):
            desk.write(decide, alice, undone, SKIP)


def test_it_counts_as_severe_for_its_reader_once_that_tells_nothing(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    decided_first(desk, alice)
    wait(clock, desk)
    task, claim = claimed(desk, bob)
    desk.write(reveal, bob, task.number, Extent.SENTENCE, 0)
    counted = [len(desk.read(exposure_of, bob).read)]
    for said in (CONFIRM, DISMISS):  # what breaks a policy is severe; what the model found is told later
        made = desk.write(decide, bob, claim, said)
        counted.append(len(desk.read(exposure_of, bob).read))
        claim = str(desk.write(undo, bob, made.number))
        counted.append(len(desk.read(exposure_of, bob).read))
    desk.write(decide, bob, claim, DISMISS)
    wait(clock, desk)
    assert [*counted, len(desk.read(exposure_of, bob).read)] == [0, 1, 0, 0, 0, 1]


def test_whoever_has_read_as_much_as_may_be_is_served_none_however_light_it_is(
    make_desk: Callable[..., Desk], clock: FixedClock
) -> None:
    desk = make_desk(double_share=ALL, severe_a_shift=1, shift_hours=48)
    alice, bob = reviewer(desk), reviewer(desk, "bob")
    handed_in(desk, judged("light"))
    decided(desk, alice)
    handed_in(desk, judged("hard", level="urgent"))
    task, claim = claimed(desk, bob, Queue.URGENT)
    desk.write(reveal, bob, task.number, Extent.SENTENCE, 0)
    desk.write(decide, bob, claim, CONFIRM)
    wait(clock, desk)
    assert desk.jot(claim_next, bob, [Queue.SECOND]) is None
    assert second_tasks(desk) != []


def test_where_a_life_is_in_danger_the_second_reading_becomes_the_leads_own(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer, lead: Reviewer
) -> None:
    first = decided_first(desk, alice, DISMISS)
    wait(clock, desk)
    task, _ = claimed(desk, bob, Queue.SECOND)
    desk.write(raise_page, bob, task.number)
    held, claim = claimed(desk, lead)
    assert (held.number, held.queue, held.blind) == (task.number, Queue.ADJUDICATION, False)
    assert held.assessment is not None
    made = desk.write(decide, lead, claim, CONFIRM)
    assert (made.aside, made.replaces) == (False, first.number)
    assert told(desk)[-1] == ("decision.made", "confirm", "adjudication", first.number)
    assert desk.write(undo, lead, made.number) is not None


def test_leads_who_saw_it_before_are_called_too_and_nothing_is_undone_under_them(
    desk: Desk, alice: Reviewer, bob: Reviewer, lead: Reviewer
) -> None:
    handed_in(desk, judged("p1", level="urgent"))
    task, claim = claimed(desk, alice)
    desk.write(reveal, lead, task.number, Extent.WHOLE)
    first = desk.write(decide, alice, claim, DISMISS)
    (second,) = second_tasks(desk)
    desk.write(raise_page, bob, second)
    with pytest.raises(ConflictError, match="rests on it"):
        desk.write(undo, alice, first.number)
    assert claimed(desk, lead)[0].number == second


def test_erasure_closes_a_second_reading_and_takes_its_note(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    decided_twice(desk, clock, alice, bob, replace(DISMISS, note="a stew"))
    decided_first(desk, alice, item="p2")
    for item in ("p1", "p2"):
        desk.write(erase, item, PLATFORM)
    assert second_tasks(desk) == rows(desk, tasks, tasks.c.state == "open") == []
    assert [row.note for row in rows(desk, decisions)] == [None, None, None]
    assert [row.text for row in rows(desk, items)] == [None, None]


def test_a_hold_keeps_what_waits_to_be_decided_twice(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer, lead: Reviewer
) -> None:
    decided_first(desk, alice)
    number = desk.write(hold, lead, "p1", "a court asks")
    desk.write(erase, "p1", PLATFORM)
    wait(clock, desk)
    decided(desk, bob, CONFIRM, Queue.SECOND)
    desk.write(release_hold, lead, number)
    assert [row.text for row in rows(desk, items)] == [None]


def test_a_second_reading_keeps_nothing_from_being_erased_by_schedule(
    make_desk: Callable[..., Desk], clock: FixedClock, tmp_path: Path
) -> None:
    desk = make_desk(double_share=ALL, compliance=read_compliance(kitchen_file(tmp_path)))
    decided_first(desk, reviewer(desk), DISMISS)
    clock.advance(hours=24 * 30)  # as long as dismissals are kept
    assert second_tasks(desk) != []
    assert apply_retention(desk).items.total() == 1
    assert second_tasks(desk) == []


def test_a_replay_tells_what_whoever_decided_second_had_before_them(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    first, _ = decided_twice(desk, clock, alice, bob)
    events = desk.read(replay, desk.read(find_item, "p1")).events
    one, other = (event for event in events if event.what == "decision.made")
    assert one.screen is not None
    assert other.screen is not None
    assert (one.screen.model_shown, other.screen.model_shown) == (True, False)
    assert (other.screen.earlier, other.told["aside"], other.told["decision"] > first.number) == (
        [],
        True,
        True,
    )


def test_of_many_who_ask_at_once_each_gets_another_and_none_gets_one_twice(
    desk: Desk, clock: FixedClock, alice: Reviewer
) -> None:
    people = [reviewer(desk, f"cook {number}") for number in range(6)]
    for number in range(4):
        decided_first(desk, alice, item=f"p{number}")
    wait(clock, desk)
    at_once = Barrier(len(people))

    def ask(one: Reviewer) -> Any:
        at_once.wait()
        return desk.jot(claim_next, one, [Queue.SECOND])

    with ThreadPoolExecutor(len(people)) as pool:
        found = [one.number for one in pool.map(ask, people) if one is not None]
    assert sorted(found) == second_tasks(desk)


def test_the_same_decision_of_a_second_reading_twice_is_one(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    decided_first(desk, alice)
    wait(clock, desk)
    _, claim = claimed(desk, bob)
    made = desk.write(decide, bob, claim, DISMISS)
    assert desk.write(decide, bob, claim, DISMISS) == made
    wait(clock, desk)
    assert len(rows(desk, tasks, tasks.c.queue == "adjudication")) == 1
