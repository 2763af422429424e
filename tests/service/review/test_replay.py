"""Replay: an item again, as it came, was judged, was shown and was decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tocsin.service.review.contract_testing import (
    DISMISS,
    START,
    FixedClock,
    actions,
    claimed,
    handed_in,
    judged,
)
from tocsin.service.review.decisions import (
    decide,
    trail,
)
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ConflictError
from tocsin.service.review.log import OPERATOR
from tocsin.service.review.records import (
    Extent,
    Reviewer,
    erase,
    hide,
    reveal,
)
from tocsin.service.review.replay import Replay, find_item, replay, show_words
from tocsin.service.review.replay.events import Event
from tocsin.service.review.replay.testing import TEXT, whole_story


def replayed(desk: Desk, name: str) -> Replay:
    return desk.read(replay, desk.read(find_item, name))


def decisions_of(told: Replay) -> list[Event]:
    return [event for event in told.events if event.what == "decision.made"]


def test_a_whole_story_replays_in_order(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    whole_story(desk, clock, alice, bob)
    handed_in(desk, judged("z"))
    desk.write(erase, "z", OPERATOR)  # another's row

    told = replayed(desk, "p1")

    logged = [event for event in told.events if event.row is not None]
    assert [event.what for event in logged] == [
        "notice.received",
        "text.viewed",
        "text.viewed",
        "text.viewed",
        "decision.made",
        "decision.undone",
        "text.viewed",
        "decision.made",
        "measure.recorded",
        "appeal.received",
        "text.viewed",
        "text.viewed",
        "decision.made",
    ]
    assert [event.row for event in logged] == sorted(event.row or 0 for event in logged)
    assert told.events[0].what == "item.received"
    assert [event.at for event in told.events] == sorted(event.at or START for event in told.events)
    assert [event.by for event in decisions_of(told)] == [
        f"reviewer:{one.number}" for one in (alice, alice, bob)
    ]


@pytest.fixture
def told(desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer) -> Replay:
    """Return the replay of a whole story."""
    whole_story(desk, clock, alice, bob)
    return replayed(desk, "p1")


def test_it_tells_what_was_kept_of_the_assessment(told: Replay) -> None:
    assert told.assessment is not None
    assert told.assessment["model"] == {"name": "kitchen", "version": "1", "digest": "d1"}
    assert told.assessment["policy"] == {"version": "1", "digest": "d2"}
    assert told.assessment["policies"][0] == {
        "name": "soup",
        "score": 0.5,
        "level": "review",
        "certified": True,
        "missing": [],
    }
    assert [(one["start"], one["end"]) for one in told.assessment["spans"]] == [(0, 7), (8, 12)]


def test_it_tells_how_the_item_came(told: Replay) -> None:
    item = told.arrival

    assert (item.id, item.community, item.thread, item.words) == ("p1", "kitchen", 1, 10)
    assert item.characters == len(TEXT)
    assert [reason["why"] for reason in item.reasons] == ["level", "notice", "appeal"]
    assert item.reasons[0]["flagged"] == ["soup: review"]


def test_what_stood_open_at_each_decision_is_what_was_revealed_under_its_claim(told: Replay) -> None:
    first, second, third = (event.screen for event in decisions_of(told))

    assert first is not None
    assert second is not None
    assert third is not None
    assert first.revealed == {"word": [0], "sentence": [1]}
    assert (first.words_shown, first.words, first.looks) == (1 + 3, 10, 1)
    assert second.revealed == {"notice": [1]}  # undoing masked all that was open before
    assert (second.words_shown, second.looks) == (0, 0)
    assert third.revealed == {"whole": [None], "appeal": [1]}
    assert third.words_shown == 10
    assert (first.queue_shown, third.queue_shown) == ("notices", "appeals")
    assert all(one.model_shown for one in (first, second, third))


def test_complaints_and_decisions_count_from_when_they_came(told: Replay) -> None:
    first, second, third = (event.screen for event in decisions_of(told))

    assert [one and one.notices for one in (first, second, third)] == [[1], [1], [1]]
    assert [one and one.appeals for one in (first, second, third)] == [[], [], [1]]
    assert [one and one.earlier for one in (first, second, third)] == [[], [1], [1, 2]]


def test_a_claim_is_told_where_its_time_is_kept_alone(told: Replay, clock: FixedClock) -> None:
    first, second, third = (event.screen for event in decisions_of(told))

    assert first is not None
    assert first.claimed_at is None  # the one after the undoing took its place
    assert second is not None
    assert second.claimed_at == START + timedelta(minutes=5)
    assert third is not None
    assert third.claimed_at == clock.at - timedelta(minutes=1)


def test_what_was_hidden_again_or_came_later_was_not_on_the_page(
    desk: Desk, clock: FixedClock, alice: Reviewer, lead: Reviewer
) -> None:
    handed_in(desk, judged("p1", TEXT))
    _, claim = claimed(desk, alice)
    desk.write(reveal, alice, 1, Extent.WHOLE)
    clock.advance(10)
    desk.write(hide, alice, 1)
    desk.write(reveal, alice, 1, Extent.SENTENCE, 0)
    desk.write(reveal, lead, 1, Extent.SENTENCE, 2)
    clock.advance(10)
    desk.write(decide, alice, claim, DISMISS)
    clock.advance(10)
    desk.write(reveal, lead, 1, Extent.WHOLE)

    (event,) = decisions_of(replayed(desk, "p1"))
    assert event.screen is not None
    assert event.screen.revealed == {"sentence": [0]}
    assert event.screen.words_shown == 4


def test_no_text_is_in_a_replay_but_that_there_is_some(told: Replay) -> None:
    said = repr(told)

    for words in ("Zorbian", "Lunch", "says the cook", "Far too", "lukewarm", "for us"):
        assert words not in said
    notes = [event.told["note"] for event in decisions_of(told)]
    assert notes == [True, False, False]
    (notice,) = (event for event in told.events if event.what == "notice.received")
    assert (notice.told["statement"], notice.told["policy"]) == (True, "soup")
    (measure,) = (event for event in told.events if event.what == "measure.recorded")
    assert (measure.told["explanation"], measure.told["ground_text"]) == (True, "Terms, 4")


def test_messages_to_the_platform_are_told_and_that_a_decision_was_undone(told: Replay) -> None:
    messages = [event.told["event"] for event in told.events if event.what == "message.made"]

    assert messages == ["decision.made", "decision.reversed", "decision.made", "decision.made"]
    assert [event.told["undone"] is None for event in decisions_of(told)] == [False, True, True]
    assert decisions_of(told)[2].told["replaces"] == 2


def test_a_whole_log_is_said_to_be_whole(told: Replay) -> None:
    assert told.seal.whole
    assert told.seal.own == 13
    assert told.seal.text_is_same is True


def test_words_are_shown_where_asked_for_and_that_is_logged(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    whole_story(desk, clock, alice, bob)
    clock.advance(1)

    words = desk.write(show_words, desk.read(find_item, "p1"), OPERATOR)

    assert (words.text, list(words.thread)) == (TEXT, ["Lunch?"])
    assert words.notices == {1: "Far too hot."}
    assert words.appeals == {1: "It was lukewarm."}
    assert words.notes == {1: "hot, says the cook"}
    assert words.explanations == {1: "It is far too hot for us."}
    assert actions(desk)[-1] == "item.replayed"
    assert replayed(desk, "p1").events[-1].by == "operator"
    assert [one.actor for one in desk.read(trail, 1).seen][-1] == "operator"
    assert "Zorbian" not in repr(words)


def test_of_an_erased_item_numbers_stay_and_it_says_what_is_gone(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    whole_story(desk, clock, alice, bob)
    desk.write(erase, "p1", OPERATOR)

    told = replayed(desk, "1")  # a task's number is what is left

    assert (told.arrival.id, told.arrival.words, told.assessment) == (None, None, None)
    assert told.arrival.erased_at == clock.at
    assert [event.told["verdict"] for event in decisions_of(told)] == ["confirm", "confirm", "dismiss"]
    assert decisions_of(told)[2].screen == replace(
        decisions_of(told)[2].screen,  # type: ignore[type-var]
        revealed={"whole": [None], "appeal": [1]},
        words=None,
        words_shown=None,
        model_shown=True,
    )
    assert any("assessment" in line and line.startswith("gone") for line in told.not_kept)
    assert told.seal.whole
    assert told.seal.text_is_same is None
    with pytest.raises(ConflictError, match="gone or never was"):
        desk.write(show_words, 1, OPERATOR)
    assert actions(desk)[-1] == "item.erased"
