"""Judging a kept text again: the same bundle and policy file, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tocsin.assessment import Assessment, Level, ModelStamp, PolicyStamp, Span
from tocsin.errors import InputError
from tocsin.item import Item
from tocsin.service.review.contract_testing import assessed, handed_in, judged
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ConflictError
from tocsin.service.review.log import OPERATOR
from tocsin.service.review.records import erase
from tocsin.service.review.replay import Difference, Rescored, rescored
from tocsin.service.review.sampling_testing import sampled_posts
from tocsin.service.review.tampering_testing import change
from tocsin.signals import Signal

SPAN = Span(0, 7, Signal.HATE, 1.25)
KEPT = replace(assessed("p1"), spans=(SPAN,), signals={**dict.fromkeys(Signal), Signal.HATE: 0.25})


class Judge:
    """Say what it is told to, of whatever comes, and remember what that was."""

    def __init__(self, made: Assessment = KEPT) -> None:
        self.made = made
        self.asked: list[tuple[Item, bool]] = []

    def assess(self, items: Sequence[Item], *, explain: bool = False) -> list[Assessment]:
        self.asked += [(item, explain) for item in items]
        return [self.made for _ in items]


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """Return a desk with one item."""
    handed_in(desk, judged("p1", "Zorbian soup", assessment=KEPT, language="en", community="kitchen"))
    return desk


def again(desk: Desk, made: Assessment = KEPT) -> Rescored:
    return desk.read(rescored, 1, Judge(made))


def test_the_same_scores_differ_in_nothing(desk: Desk) -> None:
    judge = Judge()

    found = desk.read(rescored, 1, judge)

    assert not found.differences
    assert found.compared == 5 + len(Signal) + 4 + 1
    assert found.language == "en"
    ((item, explained),) = judge.asked
    assert (item.text, item.language, item.community, explained) == ("Zorbian soup", "en", "kitchen", True)


@pytest.mark.parametrize(
    ("score", "differs"),
    [
        pytest.param(0.5 + 0.9e-6, False, id="within a millionth"),
        pytest.param(0.5 - 0.9e-6, False, id="within a millionth, below"),
        pytest.param(0.5 + 2.1e-6, True, id="two millionths"),
        pytest.param(None, True, id="none any more"),
    ],
)
def test_a_score_differs_from_a_millionth_on(desk: Desk, score: float | None, differs: bool) -> None:
    made = replace(KEPT, policies=(replace(KEPT.policies[0], score=score),))

    found = again(desk, made).differences
    assert [one.field for one in found] == (["policies.soup.score"] if differs else [])


@pytest.mark.parametrize(
    ("changed", "difference"),
    [
        pytest.param(
            {"policies": (replace(KEPT.policies[0], level=Level.URGENT),)},
            Difference("policies.soup.level", "review", "urgent"),
            id="a level",
        ),
        pytest.param(
            {"policies": (replace(KEPT.policies[0], certified=False),)},
            Difference("policies.soup.certified", True, False),
            id="certified",
        ),
        pytest.param(
            {"signals": {**KEPT.signals, Signal.HATE: 0.26}},
            Difference("signals.hate", 0.25, 0.26),
            id="a signal",
        ),
        pytest.param({"tier": None}, Difference("tier", "screen", None), id="the tier"),
        pytest.param({"language": "de"}, Difference("language", "en", "de"), id="the language"),
        pytest.param(
            {"spans": (replace(SPAN, weight=1.0),)},
            Difference("spans.hate.0-7", 1.25, 1.0),
            id="a span's weight",
        ),
        pytest.param({"spans": ()}, Difference("spans.hate.0-7", 1.25, None), id="a span that is gone"),
    ],
)
def test_whatever_differs_is_told(desk: Desk, changed: dict[str, Any], difference: Difference) -> None:
    assert list(again(desk, replace(KEPT, **changed)).differences) == [difference]


def test_another_bundle_or_policy_file_is_refused_by_both_digests(desk: Desk) -> None:
    with pytest.raises(InputError, match=r"the bundle must be the one that judged the item, d1, was d9"):
        again(desk, replace(KEPT, model=ModelStamp("kitchen", "1", "d9")))
    with pytest.raises(InputError, match=r"the policy file must be the one that judged the item, d2, was d8"):
        again(desk, replace(KEPT, policy=PolicyStamp("1", "d8")))


def test_what_was_not_explained_is_not_explained_now(desk: Desk) -> None:
    handed_in(desk, judged("p2", assessment=assessed("p2")))
    judge = Judge(replace(assessed("p2"), spans=(SPAN,)))

    assert not desk.read(rescored, 2, judge).differences
    assert [explained for _, explained in judge.asked] == [False]


def test_there_must_be_a_text_its_own_and_an_assessment(desk: Desk) -> None:
    handed_in(desk, judged("passed", level="none"))
    with pytest.raises(ConflictError, match="nobody was to look"):
        desk.read(rescored, 2, Judge())
    sampled_posts(desk, 7)
    with pytest.raises(ConflictError, match="of a sampled text there is none"):
        desk.read(rescored, 3, Judge())
    change(desk, "UPDATE items SET text = 'Stew.' WHERE id = 1")
    with pytest.raises(ConflictError, match="does not fit its digest"):
        again(desk)
    desk.write(erase, "p1", OPERATOR)
    with pytest.raises(ConflictError, match="was erased"):
        again(desk)
