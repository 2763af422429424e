"""Deciding of sampled texts: every policy is answered, nothing follows for the post, labels come of it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, update

from tocsin.errors import InputError
from tocsin.service.review.care import exposure_of
from tocsin.service.review.care.testing import put_lighter, put_severe, reads
from tocsin.service.review.context import Context
from tocsin.service.review.contract_testing import (
    CONFIRM,
    DISMISS,
    ESCALATE,
    SKIP,
    FixedClock,
    claimed,
    decided,
    handed_in,
    judged,
    rows,
)
from tocsin.service.review.decisions import Said, answered, decide, decide_together, find_alike, undo
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ConflictError, ForbiddenError
from tocsin.service.review.intake.sampling import put_sample
from tocsin.service.review.log import OPERATOR, disagreements
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Extent, Reviewer, acknowledge, list_pages, raise_page, reveal
from tocsin.service.review.records.labels import SampleLabel, sample_labels
from tocsin.service.review.sampling_testing import SAMPLE, sampled_post, sampled_posts
from tocsin.service.review.store.tables import decisions, outbox, tasks
from tocsin.service.review.tasks import claim_next, claim_task, find_tasks, reassign, release, withheld
from tocsin.service.review.verdict import Verdict

BOTH = answered(Verdict.CONFIRM, ["incitement", "hate"])
NONE = answered(Verdict.DISMISS)


def labels(desk: Desk) -> list[SampleLabel]:
    found = desk.read(sample_labels, SAMPLE.design)
    assert found is not None
    return list(found)


def answers(desk: Desk) -> dict[int, dict[str, bool | None]]:
    return {one.place: one.answers for one in labels(desk)}


def test_a_decision_names_every_policy_that_is_broken(desk: Desk, alice: Reviewer) -> None:
    sampled_posts(desk, 7)
    _, claim = claimed(desk, alice)

    made = desk.write(decide, alice, claim, BOTH)

    assert made.said.policies == ("hate", "incitement")
    assert made.said.policy == "hate"
    assert desk.write(decide, alice, claim, answered(Verdict.CONFIRM, ["hate", "incitement"])) == made
    with pytest.raises(ConflictError):
        desk.write(decide, alice, claim, answered(Verdict.CONFIRM, ["hate"]))
    (row,) = rows(desk, decisions)
    assert (row.policy, row.policies, row.unsure) == ("hate", ["hate", "incitement"], None)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        pytest.param(Said(Verdict.CONFIRM, "hate"), "named in policies", id="one, as of other texts"),
        pytest.param(answered(Verdict.CONFIRM, ["soup"]), "one of hate, incitement", id="not asked about"),
        pytest.param(answered(Verdict.DISMISS, unsure=["soup"]), "one of hate", id="not asked about, open"),
        pytest.param(answered(Verdict.CONFIRM, ["hate"], ["hate"]), "not both", id="broken and open"),
        pytest.param(answered(Verdict.DISMISS, ["hate"]), "to confirm", id="dismissed and broken"),
        pytest.param(
            answered(Verdict.SKIP, unsure=["hate"], reason="r"), "with a decision", id="skipped, open"
        ),
        pytest.param(answered(Verdict.CONFIRM), "must be named", id="confirmed, nothing broken"),
    ],
)
def test_what_answers_otherwise_is_refused_and_the_task_stays(
    desk: Desk, alice: Reviewer, said: Said, why: str
) -> None:
    sampled_posts(desk, 7)
    task, claim = claimed(desk, alice)
    with pytest.raises(InputError, match=why):
        desk.write(decide, alice, claim, said)
    assert desk.write(decide, alice, claim, NONE).task == task.number


def test_of_any_other_text_one_policy_is_named(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p1"))
    _, claim = claimed(desk, alice)
    for said in (BOTH, answered(Verdict.DISMISS, unsure=["hate"])):
        with pytest.raises(InputError, match="sampled texts alone"):
            desk.write(decide, alice, claim, said)
    assert desk.write(decide, alice, claim, CONFIRM).said == CONFIRM


def test_the_policies_are_the_audits_whatever_the_house_has(make_desk: Callable[..., Desk]) -> None:
    from tocsin.service.review.contract_testing import reviewer

    desk = make_desk(policies=frozenset({"soup"}))
    alice = reviewer(desk)
    sampled_posts(desk, 7)
    assert decided(desk, alice, BOTH).said == BOTH


def test_nothing_is_sent_of_a_label_nor_of_its_undoing(desk: Desk, alice: Reviewer) -> None:
    sampled_posts(desk, 7)
    made = decided(desk, alice, BOTH)
    desk.write(undo, alice, made.number)
    assert rows(desk, outbox) == []


def test_the_log_holds_every_answer(desk: Desk, alice: Reviewer) -> None:
    sampled_posts(desk, 7, 8)
    decided(desk, alice, answered(Verdict.CONFIRM, ["hate"], ["incitement"]))
    decided(desk, alice, NONE)
    assert desk.store.read(disagreements) == []

    for changed in ({"unsure": ["hate"]}, {"policies": ["incitement"]}):

        def work(tx: Connection, context: Context, values: dict[str, list[str]] = changed) -> None:
            del context
            tx.execute(update(decisions).where(decisions.c.id == 2).values(values))

        desk.write(work)
        assert [one.what for one in desk.store.read(disagreements)] == ["decision 2 is not as it was logged"]


def test_labels_are_what_was_decided_last_and_stands(
    desk: Desk, alice: Reviewer, bob: Reviewer, senior: Reviewer
) -> None:
    sampled_posts(desk, *range(1, 8))
    decided(desk, alice, BOTH)
    decided(desk, alice, answered(Verdict.CONFIRM, ["incitement"], ["hate"]))
    decided(desk, alice, NONE)
    decided(desk, alice, ESCALATE)
    decided(desk, alice, SKIP)
    undone = decided(desk, alice, BOTH)
    desk.write(undo, alice, undone.number)

    assert answers(desk) == {
        1: {"hate": True, "incitement": True},
        2: {"hate": None, "incitement": True},
        3: {"hate": False, "incitement": False},
        4: {"hate": None, "incitement": None},
    }
    assert decided(desk, senior, NONE, Queue.SAMPLE).task == 4
    assert decided(desk, bob, BOTH, Queue.SAMPLE).task == 5
    assert answers(desk)[4] == {"hate": False, "incitement": False}
    assert answers(desk)[5] == {"hate": True, "incitement": True}
    assert desk.read(sample_labels, "sha256:" + "e" * 64) is None


def test_labels_outlive_their_posts(desk: Desk, alice: Reviewer) -> None:
    from tocsin.service.review.intake.sampling import withdraw_samples

    sampled_posts(desk, 1, 2)
    decided(desk, alice, BOTH)
    desk.write(withdraw_samples, SAMPLE.audit, OPERATOR)
    assert answers(desk) == {1: {"hate": True, "incitement": True}}


def test_an_escalated_text_waits_behind_all_else_too(desk: Desk, alice: Reviewer, senior: Reviewer) -> None:
    sampled_posts(desk, 7)
    decided(desk, alice, ESCALATE)
    handed_in(desk, judged("p1", priority=0.0))
    assert claimed(desk, senior)[0].item == "p1"


def test_a_life_in_danger_reaches_the_leads_with_the_platforms_id(
    desk: Desk, alice: Reviewer, lead: Reviewer
) -> None:
    sampled_posts(desk, 7)
    handed_in(desk, judged("p1", level="urgent"))
    task, _ = claimed(desk, alice, Queue.SAMPLE)
    before = desk.store.read(find_tasks)[-1]
    assert before.own_id_for(lead.role) is None

    page = desk.write(raise_page, alice, task.number)

    (message,) = rows(desk, outbox)
    told = json.loads(message.body)["data"]
    assert (told["item"], told["sampled_id"]) == ("audit:dddddddddddd:0:7", "post-7")
    assert [one.own_id for one in desk.read(list_pages)] == ["post-7"]
    assert claimed(desk, lead)[0].number == task.number  # before what is urgent
    after = next(one for one in desk.store.read(find_tasks) if one.number == task.number)
    assert (after.own_id_for(lead.role), after.own_id_for(alice.role)) == ("post-7", None)
    desk.write(acknowledge, lead, page)


def test_leads_are_told_the_platforms_id_of_what_is_decided(
    desk: Desk, alice: Reviewer, lead: Reviewer
) -> None:
    sampled_posts(desk, 7)
    decided(desk, alice, BOTH)
    (task,) = desk.store.read(lambda tx: find_tasks(tx, tasks.c.state == "done"))
    assert (task.own_id_for(lead.role), task.own_id_for(alice.role)) == ("post-7", None)


def test_near_copies_of_a_sampled_text_are_decided_of_each_alone(desk: Desk, senior: Reviewer) -> None:
    text = "the same soup is served at noon in the Zorbian kitchen by the old mill, with bread and butter"
    handed_in(desk, judged("p1", text))
    desk.write(put_sample, SAMPLE, [sampled_post(7, text), sampled_post(8, text)], OPERATOR)
    for queue in (Queue.REVIEW, Queue.SAMPLE):
        _, claim = claimed(desk, senior, queue)
        assert desk.read(find_alike, senior, claim) == []
    with pytest.raises(ConflictError):
        desk.write(decide_together, senior, claim, [1, 3], DISMISS)


@pytest.fixture
def spared(make_desk: Callable[..., Desk]) -> Desk:
    """Return a desk at which two severe texts are enough for a shift."""
    return make_desk(severe_a_shift=2, severe_in_a_row=0, shift_hours=8)


def reads_sampled(desk: Desk, by: Reviewer, said: Said) -> int:
    task, claim = claimed(desk, by, Queue.SAMPLE)
    desk.write(reveal, by, task.number, Extent.WHOLE)
    return desk.write(decide, by, claim, said).number


def counted(desk: Desk, by: Reviewer) -> int:
    return len(desk.read(exposure_of, by).read)


def test_a_sampled_text_counts_once_a_person_found_that_it_breaks_a_policy(spared: Desk) -> None:
    from tocsin.service.review.contract_testing import reviewer

    alice = reviewer(spared)
    sampled_posts(spared, 1, 2)
    reads_sampled(spared, alice, NONE)
    assert counted(spared, alice) == 0
    number = reads_sampled(spared, alice, BOTH)
    assert counted(spared, alice) == 1
    spared.write(undo, alice, number)
    assert counted(spared, alice) == 0


def test_an_undone_label_leaves_a_life_in_danger_as_hard_to_read_as_it_was(spared: Desk) -> None:
    from tocsin.service.review.contract_testing import reviewer
    from tocsin.service.review.role import Role

    lead = reviewer(spared, "lena", Role.LEAD)
    sampled_posts(spared, 1)
    task, _ = claimed(spared, lead)
    spared.write(raise_page, lead, task.number)
    number = reads_sampled(spared, lead, BOTH)
    spared.write(undo, lead, number)
    assert counted(spared, lead) == 1


def test_whoever_has_read_enough_is_served_none_of_the_sample_whatever_is_in_it(
    spared: Desk, clock: FixedClock
) -> None:
    from tocsin.service.review.contract_testing import reviewer
    from tocsin.service.review.role import Role

    alice, sanna = reviewer(spared), reviewer(spared, "sanna", Role.SENIOR)
    sampled_posts(spared, 1, 2)
    put_severe(spared, "one", "two")
    reads(spared, alice, 2, Queue.URGENT)
    (lighter,) = put_lighter(spared, "lighter")

    task, claim = claimed(spared, alice)
    assert task.number == lighter
    spared.jot(release, alice, claim)
    assert spared.jot(claim_next, alice, [Queue.SAMPLE]) is None
    assert spared.read(withheld, alice, [Queue.SAMPLE]) is not None
    for number in (1, 2):
        with pytest.raises(ConflictError, match="severe texts"):
            spared.jot(claim_task, alice, number)
        with pytest.raises(ForbiddenError, match="a lead alone"):
            spared.write(reassign, sanna, number, alice.number)
    clock.advance(hours=9)
    assert claimed(spared, alice, Queue.SAMPLE)[0].number == 1
