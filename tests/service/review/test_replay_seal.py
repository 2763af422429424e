"""Whoever changed the log or the tables of an item is told by its replay."""

from __future__ import annotations

import pytest

from tocsin.service.review.contract_testing import FixedClock, handed_in, judged, rows
from tocsin.service.review.desk import Desk
from tocsin.service.review.records import Reviewer
from tocsin.service.review.replay import find_item, replay
from tocsin.service.review.replay.sealed import Seal
from tocsin.service.review.replay.testing import whole_story
from tocsin.service.review.store.tables import log
from tocsin.service.review.tampering_testing import change, tamper

CHANGED = "UPDATE log SET {} WHERE seq = {}"
GONE = "DELETE FROM log WHERE seq = {}"


@pytest.fixture
def busy(desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer) -> Desk:
    """Return a desk with the whole story of an item, and one that nothing happened to."""
    whole_story(desk, clock, alice, bob)
    handed_in(desk, judged("z"))
    return desk


def number(desk: Desk, name: str) -> int:
    return desk.read(find_item, name)


def seal(desk: Desk, name: str = "p1") -> Seal:
    return desk.read(replay, number(desk, name)).seal


def row_of(desk: Desk, action: str) -> int:
    return int(rows(desk, log, log.c.action == action)[0].seq)


def own(desk: Desk) -> list[str]:
    return [one.what for one in seal(desk).own_findings]


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param("at = at + 1", id="a time"),
        pytest.param("actor = 'reviewer:2'", id="an actor"),
        pytest.param("body = '{\"decision\":1}'", id="a body"),
        pytest.param("body = '[]'", id="a body of another kind"),
        pytest.param("body = 'soup'", id="a body that is no JSON"),
    ],
)
def test_a_changed_row_is_told_and_the_rest_still_replays(busy: Desk, changed: str) -> None:
    row = row_of(busy, "decision.made")
    tamper(busy, CHANGED.format(changed, row))

    told = busy.read(replay, number(busy, "p1"))

    assert not told.seal.whole
    assert {one.seq for one in told.seal.own_findings} == {row}
    assert sum(event.what == "decision.made" for event in told.events) in {3, 4}


def test_a_row_that_is_gone_is_told_and_what_it_told_of_is_told_without_one(busy: Desk) -> None:
    row = row_of(busy, "notice.received")
    tamper(busy, GONE.format(row))

    told = busy.read(replay, number(busy, "p1"))

    assert told.seal.findings[0].what == f"row {row} is gone"
    assert "notice 1 stands in no row of the log" in [one.what for one in told.seal.own_findings]
    (notice,) = (event for event in told.events if event.what == "notice.received")
    assert (notice.row, notice.told["policy"]) == (None, "soup")


def test_a_row_that_another_item_was_given_is_told(busy: Desk) -> None:
    row = row_of(busy, "decision.made")
    changed = f"item = {number(busy, 'z')}"
    tamper(busy, CHANGED.format(changed, row))

    assert "decision 1 stands in no row of the log" in own(busy)
    assert {one.seq for one in seal(busy, "z").own_findings} == {row}


def test_anothers_broken_row_is_told_apart_from_the_items_own(busy: Desk) -> None:
    tamper(busy, "UPDATE log SET actor = 'reviewer:9' WHERE seq = 1")  # of a reviewer's making

    told = seal(busy)
    assert not told.whole
    assert not told.own_findings
    assert [one.seq for one in told.findings] == [1]


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        pytest.param(
            "UPDATE decisions SET policy = 'stew' WHERE id = 1",
            "decision 1 is not as it was logged",
            id="a decision",
        ),
        pytest.param(
            "UPDATE notices SET source = 'authority' WHERE id = 1",
            "notice 1 is not as it was logged",
            id="a notice",
        ),
        pytest.param("DELETE FROM measures", "measure 1 is gone", id="a measure taken out"),
        pytest.param("UPDATE appeals SET decision = 1", "appeal 1 is not as it was logged", id="an appeal"),
        pytest.param(
            "UPDATE reveals SET extent = 'whole', part = NULL WHERE extent = 'word'",
            "1 looks at the text stand in no row of the log",
            id="a look",
        ),
    ],
)
def test_a_table_that_says_another_thing_is_told(busy: Desk, statement: str, what: str) -> None:
    assert own(busy) == []
    change(busy, statement)

    assert own(busy) == [what]
    assert not seal(busy).whole


def test_a_text_that_was_exchanged_is_told(busy: Desk) -> None:
    change(busy, "UPDATE items SET text = 'Stew.' WHERE id = 1")

    assert seal(busy).text_is_same is False
    assert not seal(busy).whole


def test_an_untouched_items_replay_is_whole_beside_a_busy_one(busy: Desk) -> None:
    assert seal(busy, "z") == Seal(seal(busy).rows, 0, [], [], text_is_same=True)
