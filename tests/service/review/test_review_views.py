"""Views: a text leaves by one door, and the log says for whom."""

from __future__ import annotations

import json

import pytest

from tocsin.service.review.contract_testing import (
    CONFIRM,
    PLATFORM,
    FixedClock,
    actions,
    claimed,
    decided,
    handed_in,
    judged,
    rows,
)
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ConflictError, ForbiddenError, UnknownError
from tocsin.service.review.intake import Notice, NoticeKind, NoticeSource
from tocsin.service.review.records import Extent, Reviewer, erase, hold, view
from tocsin.service.review.store.tables import items, log


@pytest.fixture
def task(desk: Desk) -> int:
    """Return the number of the one task that waits."""
    notice = Notice("n1", NoticeKind.NOTICE, NoticeSource.USER, statement="Too hot.")
    handed_in(desk, judged("p1", "A Marker soup.", thread=("Tea?", "No."), notice=notice))
    return 1


def test_whoever_holds_a_task_sees_all_that_belongs_to_it(desk: Desk, task: int, alice: Reviewer) -> None:
    claimed(desk, alice)
    shown = desk.write(view, alice, task, Extent.WHOLE)
    assert (shown.text, list(shown.thread), list(shown.statements)) == (
        "A Marker soup.",
        ["Tea?", "No."],
        ["Too hot."],
    )
    assert "Marker" not in repr(shown)


def test_nobody_else_sees_it_but_leads(
    desk: Desk, task: int, alice: Reviewer, bob: Reviewer, senior: Reviewer, lead: Reviewer
) -> None:
    claimed(desk, alice)
    for one in (bob, senior):
        with pytest.raises(ForbiddenError):
            desk.write(view, one, task, Extent.WORD)
    assert desk.write(view, lead, task, Extent.WORD).text
    assert actions(desk)[1:] == ["text.viewed"]


def test_a_task_that_nobody_holds_is_shown_to_leads_alone(
    desk: Desk, task: int, alice: Reviewer, lead: Reviewer
) -> None:
    with pytest.raises(ForbiddenError):
        desk.write(view, alice, task, Extent.WORD)
    assert desk.write(view, lead, task, Extent.WORD).text


def test_a_lapsed_claim_shows_the_text_until_another_takes_it(
    desk: Desk, task: int, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    claimed(desk, alice)
    clock.advance(hours=1)
    assert desk.write(view, alice, task, Extent.WORD).text
    claimed(desk, bob)
    with pytest.raises(ForbiddenError):
        desk.write(view, alice, task, Extent.WORD)


def test_what_is_decided_is_shown_to_its_reviewer_no_more(desk: Desk, task: int, alice: Reviewer) -> None:
    decided(desk, alice, CONFIRM)
    with pytest.raises(ForbiddenError):
        desk.write(view, alice, task, Extent.WORD)


def test_each_view_is_logged_with_what_was_seen_and_how_much(desk: Desk, task: int, alice: Reviewer) -> None:
    claimed(desk, alice)
    for extent in (Extent.WORD, Extent.SENTENCE, Extent.WHOLE):
        desk.write(view, alice, task, extent)
    (item,) = rows(desk, items)
    seen = rows(desk, log, log.c.action == "text.viewed")
    assert [json.loads(row.body) for row in seen] == [
        {"task": task, "extent": extent, "digest": item.digest.hex()}
        for extent in ("word", "sentence", "whole")
    ]
    assert {(row.actor, row.item) for row in seen} == {(f"reviewer:{alice.number}", item.id)}


def test_a_view_that_is_refused_is_not_logged(desk: Desk, task: int, alice: Reviewer) -> None:
    with pytest.raises(ForbiddenError):
        desk.write(view, alice, task, Extent.WORD)
    assert actions(desk) == ["notice.received"]


def test_what_was_erased_is_shown_to_nobody(desk: Desk, task: int, alice: Reviewer, lead: Reviewer) -> None:
    claimed(desk, alice)
    desk.write(erase, "p1", PLATFORM)
    with pytest.raises(ConflictError, match="erased"):
        desk.write(view, lead, task, Extent.WORD)
    with pytest.raises((ConflictError, ForbiddenError)):
        desk.write(view, alice, task, Extent.WORD)


def test_what_is_held_though_its_erasure_was_asked_is_shown_still(
    desk: Desk, task: int, lead: Reviewer
) -> None:
    desk.write(hold, lead, "p1", "court file 12")
    desk.write(erase, "p1", PLATFORM)
    assert desk.write(view, lead, task, Extent.WORD).text


def test_a_task_that_is_none_is_unknown(desk: Desk, lead: Reviewer) -> None:
    with pytest.raises(UnknownError):
        desk.write(view, lead, 9, Extent.WORD)
