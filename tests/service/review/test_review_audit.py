"""The random audit: a share of what the model does not flag, drawn so that nobody can steer it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from math import sqrt

from tocsin.service.review.contract_testing import (
    KEY,
    PLATFORM,
    assessed,
    decided,
    handed_in,
    judged,
    reviewer,
    rows,
    unscorable,
)
from tocsin.service.review.desk import Desk
from tocsin.service.review.intake import Expected, Notice, NoticeKind, NoticeSource, State, Submission
from tocsin.service.review.intake.placing import place
from tocsin.service.review.log import LogKey
from tocsin.service.review.queue import PATIENCE_HOURS, Queue
from tocsin.service.review.records import erase
from tocsin.service.review.rules import Rules
from tocsin.service.review.store.tables import items, tasks

SHARE = 0.02
RULES = Rules(PATIENCE_HOURS, SHARE, 0, timedelta(hours=1))
NOTICE = Notice("n1", NoticeKind.NOTICE, NoticeSource.USER)


def test_the_share_that_is_drawn_is_the_one_that_was_set() -> None:
    count = 20_000
    drawn = sum(_is_drawn(KEY, f"post-{number}") for number in range(count))
    spread = sqrt(count * SHARE * (1 - SHARE))
    assert abs(drawn - count * SHARE) < 4 * spread  # missed by chance once in 16,000 keys


def test_draws_of_neighbouring_ids_have_nothing_to_do_with_each_other() -> None:
    count = 20_000
    drawn = [_is_drawn(KEY, f"{number}") for number in range(count)]
    both = sum(one and other for one, other in itertools.pairwise(drawn))
    assert abs(both - count * SHARE**2) < 4 * sqrt(count * SHARE**2)


def test_another_key_draws_others() -> None:
    names = [f"post-{number}" for number in range(5_000)]
    other = LogKey(bytes(32))
    assert {one for one in names if _is_drawn(KEY, one)} != {one for one in names if _is_drawn(other, one)}


def test_what_is_drawn_waits_with_its_probability_and_the_rest_keeps_it(
    make_desk: Callable[..., Desk],
) -> None:
    desk = make_desk(audit_share=0.3)
    receipts = handed_in(desk, *(judged(f"p{number}", level="none") for number in range(200)))
    waiting = [one.id for one in receipts if one.state is State.WAITING]
    assert 30 < len(waiting) < 90
    assert {one.queue for one in receipts} == {Queue.RANDOM, None}
    assert {row.inclusion for row in rows(desk, items)} == {0.3}
    assert [row.inclusion for row in rows(desk, tasks)] == [0.3] * len(waiting)


def test_handing_in_again_cannot_draw_again(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(audit_share=0.3)
    batch = [judged(f"p{number}", level="none") for number in range(100)]
    first = [one.state for one in handed_in(desk, *batch)]
    for _ in range(3):
        assert [one.state for one in handed_in(desk, *batch)] == first


def test_an_erased_id_that_comes_again_is_drawn_as_before(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(audit_share=0.5)
    batch = [judged(f"p{number}", level="none") for number in range(12)]
    first = [one.state for one in handed_in(desk, *batch)]
    for one in batch:
        desk.write(erase, one.submission.id, PLATFORM)
    assert [one.state for one in handed_in(desk, *batch)] == first


def test_what_the_model_flags_or_cannot_judge_or_whose_answer_is_known_is_never_drawn(
    make_desk: Callable[..., Desk],
) -> None:
    desk = make_desk(audit_share=1)
    handed_in(
        desk,
        judged("a", level="review"),
        judged("b", level="urgent"),
        judged("c", assessment=unscorable("c")),
        judged("d", level="none", expected=Expected(None)),
        judged("e", level="urgent", notice=NOTICE),
    )
    assert {row.inclusion for row in rows(desk, items)} == {None}
    assert {row.inclusion for row in rows(desk, tasks)} == {None}


def test_what_is_reported_and_drawn_stays_in_the_audit(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(audit_share=1)
    handed_in(desk, judged("at once", level="none", notice=NOTICE), judged("later", level="none"))
    handed_in(desk, judged("later", level="none", notice=NOTICE))
    assert [(row.queue, row.inclusion) for row in rows(desk, tasks)] == [("notices", 1.0)] * 2


def test_what_is_reported_and_not_drawn_keeps_its_probability_and_is_no_part_of_the_sample(
    make_desk: Callable[..., Desk],
) -> None:
    desk = make_desk(audit_share=1e-9)
    handed_in(desk, judged("a", level="none", notice=NOTICE))
    assert [row.inclusion for row in rows(desk, items)] == [1e-9]
    assert [row.inclusion for row in rows(desk, tasks)] == [None]


def test_a_notice_on_what_the_audit_has_decided_is_not_counted_twice(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(audit_share=1)
    handed_in(desk, judged("a", level="none"))
    decided(desk, reviewer(desk))
    handed_in(desk, judged("a", level="none", notice=NOTICE))
    assert [row.inclusion for row in rows(desk, tasks)] == [1.0, None]


def _is_drawn(key: LogKey, name: str) -> bool:
    submission = Submission(name, "A soup.")
    return place(submission, assessed(name, "none"), key.draw(name), RULES).queue is Queue.RANDOM
