"""Reveals: a text is shown by parts to whoever may see it; each is kept and logged, and may be hidden."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tocsin.errors import InputError
from tocsin.service.review.contract_testing import (
    BY,
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
from tocsin.service.review.decisions import Appeal, AppealSource, appeal, undo
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ConflictError, ForbiddenError, UnknownError
from tocsin.service.review.intake import Notice, NoticeKind, NoticeSource
from tocsin.service.review.records import (
    Extent,
    Revealed,
    Reviewer,
    complaints_about,
    erase,
    hide,
    reveal,
    revealed,
)
from tocsin.service.review.store.console_tables import reveals
from tocsin.service.review.store.tables import items, log, tasks
from tocsin.service.review.tasks import claim_task, release, renew

TEXT = "A Marker soup. Bread beside it!"
NOTICE = Notice("n1", NoticeKind.NOTICE, NoticeSource.USER, statement="Too hot.")
EVERY_PART = [
    pytest.param(Extent.WORD, 5, "words", id="a word"),
    pytest.param(Extent.SENTENCE, 1, "sentences", id="a sentence"),
    pytest.param(Extent.THREAD, 1, "thread", id="a text before it"),
    pytest.param(Extent.NOTICE, 1, "notices", id="what somebody complains of"),
]


@pytest.fixture
def task(desk: Desk) -> int:
    """Return the number of the one task that waits."""
    handed_in(desk, judged("p1", TEXT, "urgent", thread=("Tea?", "No."), notice=NOTICE))
    return 1


@pytest.mark.parametrize(("extent", "part", "kept"), EVERY_PART)
def test_a_part_is_shown_from_when_it_is_asked_for(
    desk: Desk, task: int, alice: Reviewer, extent: Extent, part: int, kept: str
) -> None:
    claimed(desk, alice)
    assert desk.read(revealed, alice, task) == Revealed()
    assert desk.write(reveal, alice, task, extent, part)
    only: dict[str, Any] = {kept: frozenset({part})}
    assert desk.read(revealed, alice, task) == Revealed(**only)


def test_the_whole_text_shows_none_of_the_thread(desk: Desk, task: int, alice: Reviewer) -> None:
    claimed(desk, alice)
    desk.write(reveal, alice, task, Extent.WHOLE)
    assert desk.read(revealed, alice, task) == Revealed(whole=True)


def test_each_reveal_is_one_row_under_its_claim_and_one_row_of_the_log(
    desk: Desk, task: int, clock: FixedClock, alice: Reviewer
) -> None:
    _, claim = claimed(desk, alice)
    desk.write(reveal, alice, task, Extent.SENTENCE, 1)
    desk.write(reveal, alice, task, Extent.WHOLE)
    (item,) = rows(desk, items)
    kept = rows(desk, reveals)
    assert [(one.extent, one.part, one.claim, one.severity) for one in kept] == [
        ("sentence", 1, claim, 2),
        ("whole", None, claim, 2),
    ]
    assert {(one.task, one.item, one.reviewer, one.at) for one in kept} == {
        (task, item.id, alice.number, clock())
    }
    seen = rows(desk, log, log.c.action == "text.viewed")
    assert [json.loads(row.body) for row in seen] == [
        {"task": task, "extent": "sentence", "part": 1, "digest": item.digest.hex()},
        {"task": task, "extent": "whole", "part": None, "digest": item.digest.hex()},
    ]
    assert {(row.actor, row.item) for row in seen} == {(f"reviewer:{alice.number}", item.id)}


def test_what_is_shown_already_is_not_kept_or_logged_again(desk: Desk, task: int, alice: Reviewer) -> None:
    claimed(desk, alice)
    for _ in range(2):
        desk.write(reveal, alice, task, Extent.THREAD, 0)
        desk.write(reveal, alice, task, Extent.WHOLE)
    assert not desk.write(reveal, alice, task, Extent.WORD, 0)
    assert len(rows(desk, reveals)) == 2
    assert actions(desk).count("text.viewed") == 2


def test_what_is_hidden_is_masked_again_and_stays_in_the_record(
    desk: Desk, task: int, clock: FixedClock, alice: Reviewer
) -> None:
    claimed(desk, alice)
    desk.write(reveal, alice, task, Extent.WHOLE)
    clock.advance(60)
    desk.write(hide, alice, task)
    assert desk.read(revealed, alice, task) == Revealed()
    assert [one.hidden_at for one in rows(desk, reveals)] == [clock()]
    desk.write(hide, alice, task)
    assert desk.write(reveal, alice, task, Extent.WHOLE)
    assert [one.hidden_at for one in rows(desk, reveals)] == [clock(), None]


def test_hiding_hides_nothing_of_others(desk: Desk, task: int, alice: Reviewer, lead: Reviewer) -> None:
    claimed(desk, alice)
    desk.write(reveal, alice, task, Extent.WHOLE)
    desk.write(hide, lead, task)
    assert desk.read(revealed, alice, task).whole


def test_a_renewed_claim_goes_on_showing(desk: Desk, task: int, clock: FixedClock, alice: Reviewer) -> None:
    _, claim = claimed(desk, alice)
    desk.write(reveal, alice, task, Extent.WHOLE)
    clock.advance(minutes=14)
    desk.jot(renew, alice, claim)
    clock.advance(minutes=14)
    assert desk.read(revealed, alice, task).whole


def test_a_lapsed_claim_shows_on_until_another_takes_it(
    desk: Desk, task: int, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    claimed(desk, alice)
    desk.write(reveal, alice, task, Extent.WHOLE)
    clock.advance(hours=1)
    assert desk.read(revealed, alice, task).whole
    claimed(desk, bob)
    assert desk.read(revealed, alice, task) == desk.read(revealed, bob, task) == Revealed()


@pytest.mark.parametrize("ends", ["given back", "decided", "decided and undone"])
def test_another_claim_begins_masked(desk: Desk, task: int, alice: Reviewer, ends: str) -> None:
    _, claim = claimed(desk, alice)
    desk.write(reveal, alice, task, Extent.WHOLE)
    if ends == "given back":
        desk.jot(release, alice, claim)
        desk.jot(claim_task, alice, task)
    else:
        desk.jot(release, alice, claim)
        made = decided(desk, alice, CONFIRM)
        if ends == "decided and undone":
            desk.write(undo, alice, made.number)
    assert desk.read(revealed, alice, task) == Revealed()


def test_a_lead_who_holds_nothing_is_shown_it_for_a_quarter_of_an_hour(
    desk: Desk, task: int, clock: FixedClock, lead: Reviewer
) -> None:
    desk.write(reveal, lead, task, Extent.WHOLE)
    assert rows(desk, reveals)[0].claim is None
    clock.advance(minutes=14)
    assert desk.read(revealed, lead, task).whole
    clock.advance(minutes=1)
    assert desk.read(revealed, lead, task) == Revealed()
    assert desk.write(reveal, lead, task, Extent.WHOLE)


def test_a_lead_who_claims_what_they_looked_at_begins_masked(desk: Desk, task: int, lead: Reviewer) -> None:
    desk.write(reveal, lead, task, Extent.WHOLE)
    claimed(desk, lead)
    assert desk.read(revealed, lead, task) == Revealed()


def test_nobody_else_is_shown_anything(
    desk: Desk, task: int, alice: Reviewer, bob: Reviewer, senior: Reviewer
) -> None:
    claimed(desk, alice)
    desk.write(reveal, alice, task, Extent.WHOLE)
    for one in (bob, senior):
        with pytest.raises(ForbiddenError):
            desk.write(reveal, one, task, Extent.WORD, 0)
        assert desk.read(revealed, one, task) == Revealed()
    assert actions(desk).count("text.viewed") == len(rows(desk, reveals)) == 1


@pytest.mark.parametrize(
    ("extent", "part", "error"),
    [
        pytest.param(Extent.WORD, 6, UnknownError, id="a word past the last"),
        pytest.param(Extent.WORD, -1, UnknownError, id="one before the first"),
        pytest.param(Extent.WORD, 2**40, UnknownError, id="more than a column holds"),
        pytest.param(Extent.SENTENCE, 2, UnknownError, id="a sentence past the last"),
        pytest.param(Extent.THREAD, 2, UnknownError, id="no text before it"),
        pytest.param(Extent.NOTICE, 2, UnknownError, id="a notice on another item"),
        pytest.param(Extent.NOTICE, 3, UnknownError, id="a notice that says nothing"),
        pytest.param(Extent.APPEAL, 1, UnknownError, id="no appeal"),
        pytest.param(Extent.WORD, None, InputError, id="no part"),
        pytest.param(Extent.WHOLE, 0, InputError, id="a part of the whole"),
    ],
)
def test_a_part_that_is_none_is_refused(
    desk: Desk, task: int, alice: Reviewer, extent: Extent, part: int | None, error: type[Exception]
) -> None:
    handed_in(desk, judged("p2", notice=NOTICE))
    handed_in(desk, judged("p1", TEXT, "urgent", notice=Notice("n2", NoticeKind.NOTICE, NoticeSource.USER)))
    desk.jot(claim_task, alice, task)
    with pytest.raises(error):
        desk.write(reveal, alice, task, extent, part)
    assert rows(desk, reveals) == []


def test_a_new_complaint_is_masked_whatever_was_shown_before(
    desk: Desk, alice: Reviewer, bob: Reviewer
) -> None:
    handed_in(desk, judged("p1", TEXT, notice=NOTICE))
    decided(desk, alice)
    said = Appeal("a1", AppealSource.AUTHOR, statement="It was only soup.")
    number = desk.write(appeal, "p1", said, BY)
    desk.jot(claim_task, bob, number)
    desk.write(reveal, bob, number, Extent.APPEAL, 1)
    more = Notice("n2", NoticeKind.NOTICE, NoticeSource.USER, statement="Still too hot.")
    handed_in(desk, judged("p1", TEXT, notice=more))
    shown = desk.read(revealed, bob, number)
    assert (set(shown.appeals), set(shown.notices)) == ({1}, set())


def test_complaints_are_told_with_their_statements_kept_out_of_sight(desk: Desk, alice: Reviewer) -> None:
    order = Notice("o1", NoticeKind.ORDER, NoticeSource.AUTHORITY, policy="soup", statement="Remove it.")
    handed_in(desk, judged("p1", TEXT, notice=order))
    decided(desk, alice)
    desk.write(appeal, "p1", Appeal("a1", AppealSource.AUTHOR, statement="It was only soup."), BY)
    told = desk.read(complaints_about, 1)
    assert [(one.kind, one.extent, one.number, one.source, one.statement) for one in told] == [
        ("order", Extent.NOTICE, 1, "authority", "Remove it."),
        ("appeal", Extent.APPEAL, 1, "author", "It was only soup."),
    ]
    assert (told[0].policy, told[1].decision) == ("soup", 1)
    assert "soup." not in repr(told)


def test_what_was_erased_is_shown_to_nobody(desk: Desk, task: int, alice: Reviewer, lead: Reviewer) -> None:
    claimed(desk, alice)
    desk.write(reveal, alice, task, Extent.WHOLE)
    desk.write(erase, "p1", PLATFORM)
    with pytest.raises(ConflictError, match="erased"):
        desk.write(reveal, lead, task, Extent.WHOLE)
    with pytest.raises((ConflictError, ForbiddenError)):
        desk.write(reveal, alice, task, Extent.WHOLE)


def test_a_task_that_is_none_is_unknown_and_shows_nothing(desk: Desk, lead: Reviewer) -> None:
    with pytest.raises(UnknownError):
        desk.write(reveal, lead, 9, Extent.WHOLE)
    assert desk.read(revealed, lead, 9) == Revealed()


def test_severity_is_that_of_the_task(desk: Desk, alice: Reviewer) -> None:
    given: list[Any] = [judged("a", level="review"), judged("b", level="urgent")]
    handed_in(desk, *given)
    for number in (1, 2):
        desk.jot(claim_task, alice, number)
        desk.write(reveal, alice, number, Extent.WHOLE)
    assert [one.severity for one in rows(desk, reveals)] == [one.severity for one in rows(desk, tasks)]
    assert [one.severity for one in rows(desk, reveals)] == [1, 2]
