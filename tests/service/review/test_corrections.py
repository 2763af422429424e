"""Corrections: a line of the feedback box becomes an item for a person, once, and no label by itself."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import select

from tocsin.errors import InputError
from tocsin.service.review.contract_testing import (
    BY,
    CONFIRM,
    DISMISS,
    PLATFORM,
    START,
    FixedClock,
    actions,
    claimed,
    decided,
    hand_in,
    handed_in,
    judged,
    open_desk_at,
    rows,
)
from tocsin.service.review.correction_testing import correction, taken
from tocsin.service.review.decisions import (
    Appeal,
    AppealSource,
    appeal,
    decide_together,
    find_alike,
    find_precedents,
    history,
    item_history,
    undo,
)
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ConflictError, UnknownError
from tocsin.service.review.intake import correcting
from tocsin.service.review.log import disagreements, read_head, verify
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Erasure, Extent, Reviewer, erase, hold, release_hold, view
from tocsin.service.review.records.complaints import complaints_about
from tocsin.service.review.replay import find_item, replay
from tocsin.service.review.store.correction_tables import corrections
from tocsin.service.review.store.tables import items, near_bands, notices, outbox, tasks
from tocsin.service.scan.testing import WordAssessor

SPANS = [{"start": 0, "end": 4, "value": 1.0}, {"start": 5, "end": 9, "value": 0}]
LATER = "2026-03-01T12:00:09+00:00"


def test_a_line_waits_for_a_reviewer_as_an_item_that_is_no_platforms(desk: Desk, alice: Reviewer) -> None:
    line = correction(scores={"HATE": {"value": 1, "spans": SPANS}, "THREAT": {"value": 0.125, "spans": []}},
                      text="hot soup, [link]")  # fmt: skip
    done, _ = taken(desk, line, assessor=WordAssessor({"soup,": 0.9}))

    assert (done.new.total(), done.known, done.malformed) == (1, 0, 0)
    (item,), (task,) = rows(desk, items), rows(desk, tasks)
    assert item.platform_id.startswith("correction:")
    assert (item.text, item.level, item.language, item.hint) == ("hot soup, [link]", "urgent", "en", "en")
    assert (item.received_at, item.inclusion, task.inclusion) == (START, None, None)
    assert item.assessment["spans"], "what moved the score is kept for whoever decides"
    assert (task.queue, task.shown, task.state) == ("corrections", "corrections", "open")
    (told,) = desk.read(complaints_about, item.id)
    assert (told.kind, told.source, told.policy) == ("correction", "client", None)
    assert told.received_at.isoformat() == line["time"]
    assert told.statement == (
        "Suggested: HATE 1; HATE 1 for characters 0 to 4; HATE 0 for characters 5 to 9; THREAT 0.125."
    )
    mine, _ = claimed(desk, alice)
    assert mine.assessment is not None
    assert desk.write(view, alice, mine.number, Extent.WHOLE).statements == [told.statement]
    assert actions(desk) == ["notice.received", "text.viewed"]


def test_of_many_spans_the_first_are_told(desk: Desk) -> None:
    spans = [{"start": place, "end": place + 1, "value": 0.5} for place in range(30)]
    taken(desk, correction(scores={"THREAT": {"value": None, "spans": spans}}))
    (told,) = rows(desk, notices)
    assert told.statement.count("characters") == 20
    assert told.statement.endswith("; THREAT for 10 more spans.")


def test_the_same_again_adds_nothing_and_is_not_scored_again(desk: Desk, alice: Reviewer) -> None:
    assessor = WordAssessor({})
    lines = [correction(1), correction(2), correction(1), correction(1, time=LATER)]
    first, _ = taken(desk, *lines, assessor=assessor)
    decided(desk, alice, DISMISS)
    again, _ = taken(desk, *lines, assessor=assessor)

    assert (first.new.total(), first.known) == (2, 2)
    assert (again.new.total(), again.known) == (0, 4)
    assert sum(assessor.batches) == 2
    assert len(rows(desk, items)) == len(rows(desk, notices)) == len(rows(desk, tasks)) == 2


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({"scores": {"THREAT": {"value": 0.5, "spans": []}}}, id="another score"),
        pytest.param({"scores": {"HATE": {"value": 0.125, "spans": []}}}, id="another attribute"),
        pytest.param({"community": "other.example"}, id="elsewhere"),
    ],
)
def test_what_differs_is_another_item_of_the_same_text(desk: Desk, told: dict[str, Any]) -> None:
    done, _ = taken(desk, correction(1), correction(1, **told))
    assert done.new.total() == 2


@pytest.mark.parametrize(
    ("told", "why"),
    [
        pytest.param({"state": "done"}, "state", id="not waiting"),
        pytest.param({"time": "noon"}, "time", id="no time"),
        pytest.param({"time": "2026-03-01T12:00:00"}, "time", id="no zone"),
        pytest.param({"text": 7}, "text", id="no text"),
        pytest.param({"scores": {}}, "scores", id="no scores"),
        pytest.param({"scores": {"Ms Ladle": {"value": 1.0, "spans": []}}}, "scores", id="no attribute"),
        pytest.param({"scores": {"THREAT": {"value": None, "spans": []}}}, "a value or a span", id="empty"),
        pytest.param({"scores": {"THREAT": {"value": 1.5, "spans": []}}}, "value", id="above one"),
        pytest.param({"scores": {"THREAT": {"value": True, "spans": []}}}, "value", id="no number"),
        pytest.param(
            {"scores": {"THREAT": {"value": None, "spans": [{"start": 4, "end": 4, "value": 1}]}}},
            "spans must lie within",
            id="an empty span",
        ),
        pytest.param(
            {"scores": {"THREAT": {"value": None, "spans": [{"start": 0, "end": 9_999, "value": 1}]}}},
            "spans must lie within",
            id="past the end",
        ),
        pytest.param({"sender": "Ms Ladle"}, "sender", id="what no line has"),
    ],
)
def test_a_malformed_line_is_told_without_its_words_and_the_others_are_taken(
    desk: Desk, told: dict[str, Any], why: str
) -> None:
    done, (fault,) = taken(desk, correction(1), correction(2, **told), correction(3))
    assert (done.new.total(), done.malformed) == (2, 1)
    assert fault.startswith("box, row 2: ")
    assert why in fault
    assert "Ladle" not in fault
    assert correction(2)["text"] not in fault


def test_what_no_database_keeps_is_replaced(desk: Desk) -> None:
    done, _ = taken(desk, correction(text="soup\0 and \ud800bread", community="a\0b"))
    assert done.new.total() == 1
    (item,) = rows(desk, items)
    assert (item.text, item.community) == ("soup\ufffd and \ufffdbread", "a\ufffdb")


@pytest.mark.parametrize(
    ("languages", "hint"),
    [
        pytest.param([], None, id="none"),
        pytest.param(["de-AT"], "de-AT", id="one"),
        pytest.param(["en", "de"], None, id="several"),
        pytest.param(["?"], None, id="none that is one"),
    ],
)
def test_one_language_that_was_named_is_a_hint(desk: Desk, languages: list[str], hint: str | None) -> None:
    taken(desk, correction(1, languages=languages))
    assert [row.hint for row in rows(desk, items)] == [hint]


def test_the_platform_is_told_nothing_and_knows_no_such_item(desk: Desk, alice: Reviewer) -> None:
    taken(desk, correction(1))
    made = decided(desk, alice, CONFIRM)
    desk.write(undo, alice, made.number)
    name = rows(desk, items)[0].platform_id

    assert rows(desk, outbox) == []
    with pytest.raises(UnknownError):
        desk.read(item_history, name)
    with pytest.raises(UnknownError):
        desk.write(appeal, name, Appeal("a1", AppealSource.AUTHOR), BY)
    (refused,) = hand_in(desk, judged(name, correction(1)["text"]))
    assert isinstance(refused, ConflictError)
    assert "names a correction" in str(refused)


def test_the_log_is_whole_and_an_item_can_be_replayed(desk: Desk, alice: Reviewer) -> None:
    taken(desk, correction(1))
    decided(desk, alice, CONFIRM)
    (item,) = rows(desk, items)
    assert desk.read(lambda tx, _: disagreements(tx)) == []
    assert desk.read(lambda tx, context: verify(tx, context.key, read_head(tx), ())).whole
    assert desk.read(find_item, item.platform_id) == item.id
    told = desk.read(replay, item.id)
    assert told.seal.whole
    assert [one["why"] for one in told.arrival.reasons] == ["correction"]


def test_nothing_is_decided_together_with_a_correction(desk: Desk, alice: Reviewer) -> None:
    text = correction(1)["text"]
    taken(desk, correction(1), correction(1, community="other.example"))
    handed_in(desk, judged("p1", text), judged("p2", text))
    _, claim = claimed(desk, alice, Queue.CORRECTIONS)
    assert desk.read(find_alike, alice, claim) == []
    other = next(row.id for row in rows(desk, tasks) if row.queue == "review")
    with pytest.raises(ConflictError):
        desk.write(decide_together, alice, claim, [other], DISMISS)

    _, claim = claimed(desk, alice, Queue.REVIEW)
    assert [one.item for one in desk.read(find_alike, alice, claim)] == ["p2"]


def test_what_was_decided_of_the_same_text_is_shown_beside_it(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p1", correction(1)["text"]))
    decided(desk, alice, CONFIRM)
    taken(desk, correction(1))
    task, _ = claimed(desk, alice)
    assert [one.item for one in desk.read(find_precedents, task.number)] == ["p1"]


def test_what_was_erased_is_gone_and_does_not_come_back(desk: Desk, alice: Reviewer) -> None:
    taken(desk, correction(1))
    decided(desk, alice, CONFIRM)
    name = rows(desk, items)[0].platform_id
    assert desk.write(erase, name, PLATFORM) is Erasure.ERASED

    (item,), (told,) = rows(desk, items), rows(desk, notices)
    assert (item.platform_id, item.text, item.community, item.salt) == (None, None, None, None)
    assert (told.statement, told.reference) == (None, f"erased-{told.id}")
    assert rows(desk, near_bands) == []
    again, _ = taken(desk, correction(1))
    assert (again.new.total(), again.known) == (0, 1)
    assert [one.item for one in rows(desk, corrections)] == [item.id]


def test_a_hold_keeps_a_correction(desk: Desk, lead: Reviewer) -> None:
    taken(desk, correction(1))
    name = rows(desk, items)[0].platform_id
    kept = desk.write(hold, lead, name, "a court asks")
    assert desk.write(erase, name, PLATFORM) is Erasure.HELD
    assert rows(desk, items)[0].text == correction(1)["text"]
    desk.write(release_hold, lead, kept)
    assert rows(desk, items)[0].text is None


def test_it_is_decided_like_any_other_and_waits_its_turn(desk: Desk, alice: Reviewer) -> None:
    taken(desk, correction(1))
    handed_in(desk, judged("p1", priority=0.1))
    first, _ = claimed(desk, alice)
    assert first.item == "p1"
    made = decided(desk, alice, CONFIRM)
    told = desk.read(history, made.task)
    assert told.task.queue is Queue.CORRECTIONS
    assert [one.said for one in told.decisions] == [CONFIRM]


def test_two_who_take_the_same_box_at_once_take_each_line_once(
    desk: Desk, ready_url: str, clock: FixedClock
) -> None:
    lines = [correction(number) for number in range(20)]
    counts: list[int] = []

    def take() -> None:
        mine = open_desk_at(ready_url, clock=clock)
        try:
            counts.append(taken(mine, *lines)[0].new.total())
        finally:
            mine.close()

    threads = [threading.Thread(target=take) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert len(counts) == 3
    assert sum(counts) == 20
    assert len(rows(desk, items)) == len(rows(desk, notices)) == 20


def test_whoever_comes_second_finds_the_lines_taken(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    taken(desk, correction(1))
    seen = correcting.known_marks
    monkeypatch.setattr(correcting, "known_marks", lambda *_: frozenset())
    again, _ = taken(desk, correction(1), correction(2))
    monkeypatch.setattr(correcting, "known_marks", seen)

    assert (again.new.total(), again.known) == (1, 1)
    assert len(rows(desk, items)) == len(rows(desk, tasks)) == 2


def test_what_stops_half_way_keeps_what_came_before(desk: Desk) -> None:
    def lines() -> Any:
        yield 1, correction(1)
        raise InputError("box: must be readable")

    with pytest.raises(InputError, match="readable"):
        list(correcting.take_corrections(desk, WordAssessor({}), "box", lines()))
    assert desk.read(lambda tx, _: len(tx.execute(select(corrections)).all())) == 1
