"""What is drawn to be decided twice: with which chance, what never is, and who may not decide it again."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import update

from tocsin.service.review.contract_testing import (
    BY,
    CONFIRM,
    DISMISS,
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
from tocsin.service.review.decisions import Appeal, AppealSource, Said, appeal, decide, decide_together, undo
from tocsin.service.review.desk import Desk
from tocsin.service.review.double_testing import ALL, decided_first, second_tasks, wait
from tocsin.service.review.errors import ConflictError, ForbiddenError, UnknownError
from tocsin.service.review.intake import Notice, NoticeKind, NoticeSource
from tocsin.service.review.intake.submission import Expected
from tocsin.service.review.log import disagreements
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Extent, Reviewer, raise_page, reveal
from tocsin.service.review.role import Role
from tocsin.service.review.store.double_tables import doubles
from tocsin.service.review.store.tables import decisions, exclusions, log, tasks
from tocsin.service.review.tasks import claim_next, claim_task, reassign, release


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk(endpoints=[endpoint()], double_share=ALL)


def test_nothing_is_decided_twice_unless_an_operator_says_so(
    make_desk: Callable[..., Desk],
) -> None:
    desk = make_desk()
    made = decided_first(desk, reviewer(desk))
    assert second_tasks(desk) == rows(desk, doubles) == []
    assert rows(desk, decisions, decisions.c.id == made.number)[0].chance is None


@pytest.mark.parametrize(
    ("share", "said", "chance"),
    [(0.1, CONFIRM, 0.4), (0.1, DISMISS, 0.1), (0.5, CONFIRM, 1.0), (0.5, SKIP, None)],
    ids=["confirmed", "dismissed", "at most all", "nothing is decided"],
)
def test_confirmations_are_drawn_four_times_as_often(
    make_desk: Callable[..., Desk], share: float, said: Said, chance: float | None
) -> None:
    desk = make_desk(double_share=share)
    made = decided_first(desk, reviewer(desk), said)
    (row,) = rows(desk, decisions, decisions.c.id == made.number)
    assert row.chance == (None if chance is None else pytest.approx(chance))


@pytest.mark.parametrize("ready_url", ["sqlite"], indirect=True)
def test_of_many_as_many_are_drawn_as_the_chance_says(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(double_share=0.05, claims_each=1_000)
    alice, count = reviewer(desk), 400
    handed_in(desk, *(judged(f"p{number}", "Soup", level="urgent") for number in range(count)))
    for number in range(count):
        decided(desk, alice, CONFIRM if number % 2 else DISMISS, Queue.URGENT)
    confirmed = {row.id: row.verdict == "confirm" for row in rows(desk, decisions)}
    drawn = [confirmed[row.first] for row in rows(desk, doubles)]
    # 200 each with 0.2 and 0.05: 40 and 10, give or take three standard deviations.
    assert 23 <= drawn.count(True) <= 57
    assert 1 <= drawn.count(False) <= 19


def test_the_chance_is_logged_and_the_log_knows_it(desk: Desk, alice: Reviewer) -> None:
    decided_first(desk, alice)
    (row,) = rows(desk, log, log.c.action == "decision.made")
    assert (json.loads(row.body)["chance"], json.loads(row.body)["second"]) == (1.0, second_tasks(desk)[0])


def test_a_second_reading_waits_until_the_first_cannot_be_undone(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    decided_first(desk, alice)
    assert desk.jot(claim_next, bob) is None
    wait(clock, desk)
    task, _ = claimed(desk, bob)
    assert (task.queue, task.shown, task.priority) == (Queue.SECOND, Queue.SECOND, 0.0)
    assert (task.assessment, task.language, task.blind) == (None, None, True)


def test_its_row_tells_nothing_of_the_model(desk: Desk, alice: Reviewer) -> None:
    decided_first(desk, alice)
    (row,) = rows(desk, tasks, tasks.c.queue == "second")
    assert (row.level, row.language, row.severity, row.priority, row.inclusion) == (None, None, 0, 0.0, None)


def test_undoing_the_first_takes_the_second_back_and_deciding_it_again_draws_again(
    desk: Desk, alice: Reviewer
) -> None:
    made = decided_first(desk, alice)
    claim = desk.write(undo, alice, made.number)
    assert second_tasks(desk) == rows(desk, doubles) == []
    assert claim is not None
    again = desk.write(decide, alice, claim, DISMISS)
    assert [row.first for row in rows(desk, doubles)] == [again.number]
    assert len(second_tasks(desk)) == 1


def notice(kind: NoticeKind = NoticeKind.NOTICE, *, life: bool = False) -> Notice:
    return Notice("n1", kind, NoticeSource.USER, threat_to_life=life)


@pytest.mark.parametrize(
    ("given", "queue"),
    [
        ({"notice": notice(NoticeKind.ORDER)}, Queue.ORDERS),
        ({"notice": notice(life=True)}, Queue.NOTICES),
        ({"expected": Expected(None)}, Queue.GOLDEN),
    ],
    ids=["an order", "a threat to life", "a golden item"],
)
def test_what_is_never_decided_twice(
    desk: Desk, lead: Reviewer, given: dict[str, object], queue: Queue
) -> None:
    handed_in(desk, judged("p1", **given))  # type: ignore[arg-type]
    made = decided(desk, lead)
    assert rows(desk, tasks, tasks.c.id == made.task)[0].queue == queue.value
    assert rows(desk, doubles) == []


def test_nor_is_a_text_over_which_leads_were_called(desk: Desk, alice: Reviewer, lead: Reviewer) -> None:
    handed_in(desk, judged("p1"))
    task, _ = claimed(desk, alice)
    desk.write(raise_page, alice, task.number)
    decided(desk, lead)
    assert rows(desk, doubles) == []


def test_an_answer_to_an_appeal_is_no_first_decision(desk: Desk, alice: Reviewer, bob: Reviewer) -> None:
    first = decided_first(desk, alice)
    desk.write(appeal, "p1", Appeal("a1", AppealSource.AUTHOR), BY)
    decided(desk, bob, DISMISS, Queue.APPEALS)
    assert [row.first for row in rows(desk, doubles)] == [first.number]


def test_an_item_is_decided_twice_once(desk: Desk, alice: Reviewer, bob: Reviewer) -> None:
    first = decided_first(desk, alice)
    handed_in(desk, judged("p1", level="urgent", notice=notice()))
    again = decided(desk, bob, DISMISS, Queue.URGENT)
    assert [row.first for row in rows(desk, doubles)] == [first.number]
    assert rows(desk, decisions, decisions.c.id == again.number)[0].chance is None


def test_of_near_copies_decided_together_the_one_in_hand_may_be_drawn(desk: Desk, senior: Reviewer) -> None:
    handed_in(desk, *(judged(f"p{number}", "Soup with barley and parsley for all") for number in range(3)))
    task, claim = claimed(desk, senior)
    others = [row.id for row in rows(desk, tasks) if row.id != task.number]
    made = desk.write(decide_together, senior, claim, others, CONFIRM)
    assert [row.first for row in rows(desk, doubles)] == [made[0].number]


def test_whoever_decided_skipped_or_saw_it_does_not_decide_it_again_and_no_lead_does(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer, senior: Reviewer, lead: Reviewer
) -> None:
    carl = reviewer(desk, "carl")
    handed_in(desk, judged("p1", level="urgent"))
    decided(desk, bob, SKIP)
    task, claim = claimed(desk, carl)
    desk.write(reveal, carl, task.number, Extent.SENTENCE, 0)
    desk.jot(release, carl, claim)
    decided(desk, alice)
    (number,) = second_tasks(desk)
    barred = {row.reviewer: row.why for row in rows(desk, exclusions, exclusions.c.task == number)}
    assert barred == {alice.number: "decided", bob.number: "seen", carl.number: "seen"}
    wait(clock, desk)
    for one in (alice, bob, carl, lead):
        assert desk.jot(claim_next, one) is None
        with pytest.raises(ConflictError):
            desk.jot(claim_task, one, number)
        with pytest.raises(ForbiddenError, match=f"reviewer {one.number}"):
            desk.write(reassign, lead, number, one.number)
    assert claimed(desk, senior)[0].number == number


def test_whoever_takes_another_task_of_the_item_sees_it_and_loses_its_second_reading(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    decided_first(desk, alice)
    wait(clock, desk)
    _, claim = claimed(desk, bob, Queue.SECOND)
    handed_in(desk, judged("p1", level="urgent", notice=notice(NoticeKind.ORDER)))
    order, _ = claimed(desk, bob, Queue.ORDERS)
    assert order.assessment is not None
    with pytest.raises(UnknownError):
        desk.write(decide, bob, claim, DISMISS)
    assert desk.jot(claim_next, bob, [Queue.SECOND]) is None
    (number,) = second_tasks(desk)
    assert rows(desk, tasks, tasks.c.id == number)[0].claim is None


def test_who_became_a_lead_meanwhile_does_not_decide_it(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    decided_first(desk, alice)
    wait(clock, desk)
    _, claim = claimed(desk, bob, Queue.SECOND)
    with pytest.raises(ForbiddenError, match="seen nothing"):
        desk.write(decide, replace(bob, role=Role.LEAD), claim, DISMISS)


def test_the_log_agrees_with_the_tables_and_finds_a_second_reading_that_was_made_to_count(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer, senior: Reviewer
) -> None:
    decided_first(desk, alice)
    wait(clock, desk)
    second = decided(desk, bob, DISMISS, Queue.SECOND)
    wait(clock, desk)
    decided(desk, senior, CONFIRM, Queue.ADJUDICATION)
    assert desk.store.read(disagreements) == []
    forged = update(decisions).where(decisions.c.id == second.number).values(aside=False)
    desk.store.write(lambda tx: tx.execute(forged))
    assert [one.what for one in desk.store.read(disagreements)] == [
        f"decision {second.number} is not as it was logged"
    ]
