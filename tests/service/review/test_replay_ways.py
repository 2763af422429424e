"""Replay of items that came, or were decided, in another way; and which item is meant."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tocsin.assessment import Reason
from tocsin.errors import InputError
from tocsin.service.review.contract_testing import (
    DISMISS,
    claimed,
    handed_in,
    judged,
    unscorable,
)
from tocsin.service.review.decisions import (
    answered,
    decide,
    decide_together,
)
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import UnknownError
from tocsin.service.review.intake import Expected
from tocsin.service.review.records import (
    Extent,
    Reviewer,
    hold,
    reveal,
)
from tocsin.service.review.replay import Replay, find_item, replay
from tocsin.service.review.replay.events import Event
from tocsin.service.review.replay.testing import TEXT
from tocsin.service.review.sampling_testing import sampled_posts
from tocsin.service.review.verdict import Verdict


def replayed(desk: Desk, name: str) -> Replay:
    return desk.read(replay, desk.read(find_item, name))


def decisions_of(told: Replay) -> list[Event]:
    return [event for event in told.events if event.what == "decision.made"]


def test_a_sampled_text_showed_nothing_of_the_model(desk: Desk, alice: Reviewer) -> None:
    sampled_posts(desk, 7)
    _, claim = claimed(desk, alice)
    desk.write(reveal, alice, 1, Extent.WHOLE)
    desk.write(decide, alice, claim, answered(Verdict.CONFIRM, ["hate"], ["incitement"]))

    told = replayed(desk, "post-7")

    (event,) = decisions_of(told)
    assert event.screen is not None
    assert not event.screen.model_shown
    assert (event.told["policies"], event.told["unsure"]) == (["hate"], ["incitement"])
    assert told.assessment is None
    assert any("sampled" in line for line in told.not_kept)
    (reason,) = told.arrival.reasons
    assert (reason["why"], reason["probability"], reason["place"]) == ("sample", 0.25, 7)
    assert reason["asked"] == ["hate", "incitement"]
    assert told.seal.whole


def test_the_random_draw_is_told_with_its_probability(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(audit_share=1.0)
    handed_in(desk, judged("p1", TEXT, level="none"))

    (reason,) = replayed(desk, "p1").arrival.reasons

    assert reason == {"why": "random", "probability": 1.0, "task": 1}


def test_other_ways_to_come_are_told(desk: Desk) -> None:
    handed_in(
        desk,
        judged("u", assessment=unscorable("u", Reason.EMPTY)),
        judged("g", expected=Expected("soup")),
        judged("n", level="none"),
    )

    assert replayed(desk, "u").arrival.reasons == ({"why": "unscorable", "reason": "empty"},)
    assert replayed(desk, "g").arrival.reasons == ({"why": "golden"},)
    passed = replayed(desk, "n")
    assert passed.arrival.reasons == ()
    assert passed.arrival.characters is None
    assert "the text: nobody was to look at it" in passed.not_kept


def test_a_near_copy_was_decided_on_anothers_page(desk: Desk, senior: Reviewer) -> None:
    handed_in(desk, judged("p1", TEXT), judged("p2", TEXT))
    task, claim = claimed(desk, senior)
    other = 3 - task.number
    desk.write(decide_together, senior, claim, [other], DISMISS)

    (event,) = decisions_of(desk.read(replay, desk.read(find_item, str(other), by_task=True)))
    assert event.screen is not None
    assert event.screen.together_with == 1
    assert event.screen.revealed == {}


def test_a_hold_is_told_without_its_reason(desk: Desk, lead: Reviewer) -> None:
    handed_in(desk, judged("p1", TEXT))
    desk.write(hold, lead, "p1", "the court of Quell asks")

    told = replayed(desk, "p1")
    assert told.events[-1].told == {"hold": 1}
    assert "Quell" not in repr(told)


def test_an_id_comes_before_a_tasks_number(desk: Desk) -> None:
    handed_in(desk, judged("2"), judged("b"))

    assert replayed(desk, "2").arrival.id == "2"
    assert desk.read(replay, desk.read(find_item, "2", by_task=True)).arrival.id == "b"


@pytest.mark.parametrize("name", ["nobody", "9", "٣", "1" * 40, ""])
def test_what_stands_for_nothing_is_an_error(desk: Desk, name: str) -> None:
    handed_in(desk, judged("p1"))

    with pytest.raises(UnknownError, match="there is no item with this id"):
        desk.read(find_item, name)
    with pytest.raises(UnknownError, match="no task of this number"):
        desk.read(find_item, "p1", by_task=True)


def test_an_id_that_stands_for_several_asks_for_a_task(desk: Desk) -> None:
    handed_in(desk, judged("post-7"))
    sampled_posts(desk, 7)

    with pytest.raises(InputError, match=r"stands for 2: name one of the tasks 1, 2 with --task"):
        desk.read(find_item, "post-7")
