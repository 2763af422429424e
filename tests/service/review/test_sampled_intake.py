"""An audit's sample in the queue: in once, in its order, behind all else, and out again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tocsin.service.review.contract_testing import (
    PLATFORM,
    FixedClock,
    actions,
    claimed,
    hand_in,
    handed_in,
    judged,
    recipe,
    rows,
)
from tocsin.service.review.decisions import Appeal, AppealSource, answered, appeal, decide, item_history
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ConflictError, UnknownError
from tocsin.service.review.intake.sampling import put_sample, withdraw_samples
from tocsin.service.review.log import OPERATOR, disagreements
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Erasure, Extent, Reviewer, erase, hold, release_hold, view
from tocsin.service.review.sampling_testing import SAMPLE, sample_of, sampled_post, sampled_posts
from tocsin.service.review.store.sample_tables import sampled, samples
from tocsin.service.review.store.tables import flags, items, metadata, near_bands, outbox, tasks
from tocsin.service.review.tasks import claim_next
from tocsin.service.review.verdict import Verdict

NAME = "audit:dddddddddddd:0:7"
NONE = answered(Verdict.DISMISS)


def test_a_sample_comes_in_once_however_often_it_is_put(desk: Desk) -> None:
    assert sampled_posts(desk, 7, 3) == 2
    assert sampled_posts(desk, 7, 3, 5) == 1

    assert [row.platform_id for row in rows(desk, items)] == [f"audit:dddddddddddd:0:{n}" for n in (7, 3, 5)]
    (sample,) = rows(desk, samples)
    assert (sample.design, sample.policies) == (SAMPLE.design, ["hate", "incitement"])
    assert [(row.place, row.probability, row.own_id) for row in rows(desk, sampled)] == [
        (7, 0.25, "post-7"),
        (3, 0.25, "post-3"),
        (5, 0.25, "post-5"),
    ]
    assert actions(desk) == ["sample.received"] * 2


def test_those_who_put_it_in_at_once_put_it_in_once(desk: Desk) -> None:
    numbers = range(30)
    with ThreadPoolExecutor(3) as pool:
        new = list(pool.map(lambda _: sampled_posts(desk, *numbers), range(3)))

    assert sorted(new) == [0, 0, 30]
    assert [row.place for row in rows(desk, sampled)] == list(numbers)


def test_two_samples_of_one_audit_have_rows_of_their_own(desk: Desk) -> None:
    sampled_posts(desk, 7)
    assert sampled_posts(desk, 7, sample=sample_of("e")) == 1
    assert len(rows(desk, tasks)) == 2


def test_nothing_of_the_model_is_kept_of_a_sampled_post(desk: Desk) -> None:
    sampled_posts(desk, 7)

    (item,), (task,) = rows(desk, items), rows(desk, tasks)
    kept = {name for name, value in item._mapping.items() if value is not None}
    assert kept == {"id", "platform_id", "received_at", "text", "salt", "digest"}
    told = (task.queue, task.shown, task.priority, task.severity, task.level, task.language, task.inclusion)
    assert told == ("sample", "sample", 0.0, 0, None, None, None)
    assert rows(desk, flags) == rows(desk, near_bands) == []


def test_a_sample_is_served_in_its_order_behind_whatever_else_waits(
    desk: Desk, clock: FixedClock, alice: Reviewer
) -> None:
    sampled_posts(desk, 7, 3)
    clock.advance(hours=24 * 300)  # and as many days later
    sampled_posts(desk, 5)
    handed_in(desk, judged("dull", level="review", priority=0.0), judged("p1", level="urgent"))

    served = [claimed(desk, alice)[0].item for _ in range(5)]
    assert served == ["p1", "dull", *(f"audit:dddddddddddd:0:{number}" for number in (7, 3, 5))]


def test_whoever_asks_for_the_sample_is_served_it_at_once(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p1", level="urgent"))
    sampled_posts(desk, 7)
    assert claimed(desk, alice, Queue.SAMPLE)[0].item == NAME


def test_a_post_that_the_platform_handed_in_itself_is_sampled_beside_it(desk: Desk, alice: Reviewer) -> None:
    text = recipe(1)
    handed_in(desk, judged("p-17", text))
    desk.write(put_sample, SAMPLE, [sampled_post(7, text, "p-17")], OPERATOR)

    task, claim = claimed(desk, alice, Queue.SAMPLE)
    desk.write(decide, alice, claim, NONE)
    assert task.item == NAME
    assert [row.state for row in rows(desk, tasks)] == ["open", "done"]
    assert desk.read(item_history, "p-17").decisions == []


def test_what_no_database_keeps_of_a_text_is_replaced(desk: Desk, alice: Reviewer) -> None:
    desk.write(put_sample, SAMPLE, [sampled_post(7, "soup\0 and \ud83c bread 🍲", "p\0")], OPERATOR)

    task, _ = claimed(desk, alice)
    assert desk.write(view, alice, task.number, Extent.WHOLE).text == "soup� and � bread 🍲"


def test_an_empty_text_waits_like_any_other(desk: Desk, alice: Reviewer) -> None:
    desk.write(put_sample, SAMPLE, [sampled_post(7, "")], OPERATOR)
    task, claim = claimed(desk, alice)
    assert task.characters == 0
    assert desk.write(decide, alice, claim, NONE).task == task.number


def test_to_the_platform_a_sampled_post_is_no_item(desk: Desk, alice: Reviewer) -> None:
    sampled_posts(desk, 7)
    _, claim = claimed(desk, alice)
    desk.write(decide, alice, claim, NONE)

    (refused,) = hand_in(desk, judged(NAME, recipe(7)))
    assert isinstance(refused, ConflictError)
    with pytest.raises(UnknownError):
        desk.read(item_history, NAME)
    with pytest.raises(UnknownError):
        desk.write(appeal, NAME, Appeal("a-1", AppealSource.AUTHOR), "key")
    assert rows(desk, outbox) == []


@pytest.mark.parametrize("name", [NAME, "post-7"], ids=["by its own name", "by the platform's id"])
def test_erasing_a_post_erases_it_from_the_sample(desk: Desk, alice: Reviewer, name: str) -> None:
    mark = "Zmarkerz"
    desk.write(put_sample, SAMPLE, [sampled_post(7, f"{mark} soup"), sampled_post(8)], OPERATOR)
    claimed(desk, alice)

    assert desk.write(erase, name, PLATFORM) is Erasure.ERASED

    left = [str(row._mapping) for table in metadata.sorted_tables for row in rows(desk, table)]
    assert not [row for row in left if mark in row or NAME in row or "post-7" in row]
    assert [row.state for row in rows(desk, tasks)] == ["done", "open"]
    with pytest.raises(UnknownError):
        desk.write(erase, name, PLATFORM)
    assert sampled_posts(desk, 7, 8) == 0  # and it does not come back
    assert desk.store.read(disagreements) == []


def test_an_id_that_stands_for_both_is_erased_in_both_but_where_a_hold_keeps_one(
    desk: Desk, lead: Reviewer
) -> None:
    handed_in(desk, judged("post-7", recipe(7)))
    sampled_posts(desk, 7)
    kept = desk.write(hold, lead, NAME, "a court asks")

    assert desk.write(erase, "post-7", PLATFORM) is Erasure.HELD
    assert [row.platform_id for row in rows(desk, items)] == [None, NAME]

    desk.write(release_hold, lead, kept)
    assert [row.platform_id for row in rows(desk, items)] == [None, None]


def test_a_withdrawn_sample_leaves_its_decisions_and_no_text(
    desk: Desk, alice: Reviewer, lead: Reviewer
) -> None:
    sampled_posts(desk, 1, 2, 3)
    sampled_posts(desk, 4, sample=sample_of("e"))
    sampled_posts(desk, 5, sample=sample_of("f", audit="b"))
    _, claim = claimed(desk, alice, Queue.SAMPLE)
    desk.write(decide, alice, claim, NONE)
    desk.write(hold, lead, "audit:dddddddddddd:0:2", "a court asks")

    assert desk.write(withdraw_samples, SAMPLE.audit, OPERATOR, but=sample_of("e").design) == 3
    assert desk.write(withdraw_samples, SAMPLE.audit, OPERATOR, but=sample_of("e").design) == 0

    assert [row.text is None for row in rows(desk, items)] == [True, False, True, False, False]
    assert [row.state for row in rows(desk, tasks)] == ["done", "open", "done", "open", "open"]
    assert actions(desk).count("item.erased") == 2
    assert desk.write(withdraw_samples, SAMPLE.audit, OPERATOR) == 1  # the other sample of the audit
    assert desk.jot(claim_next, alice, [Queue.SAMPLE]) is not None
