"""A text of nothing but emoji is judged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tocsin.assessment import Reason, Status
from tocsin.models import Scorer, load


@pytest.fixture(scope="module")
def scorer(toy_bundle: Path) -> Scorer:
    return load(toy_bundle)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("🔥", id="one"),
        pytest.param("🍲🍞🧄", id="several"),
        pytest.param("❤\ufe0f 👩🏽\u200d🍳", id="sequences"),
        pytest.param("🇩🇪", id="flag"),
        pytest.param("\U0001faff", id="younger-than-every-table"),
    ],
)
def test_a_text_of_only_emoji_is_judged_in_the_assumed_language(scorer: Scorer, text: str) -> None:
    (assessment,) = scorer.assess([text])

    assert (assessment.status, assessment.reason, assessment.language) == (Status.SCORED, None, "und")
    assert not np.isnan([score for score in assessment.signals.values() if score is not None]).any()


def test_a_text_of_only_emoji_is_unscorable_where_no_language_is_assumed(toy_bundle: Path) -> None:
    (assessment,) = load(toy_bundle, assume_language="none").assess(["🔥🍲"])

    assert (assessment.status, assessment.reason) == (Status.UNSCORABLE, Reason.LANGUAGE)


def test_an_emoji_scores_as_its_name_does(scorer: Scorer) -> None:
    np.testing.assert_array_equal(scorer.scores(["🧄"], ["en"]), scorer.scores(["garlic"], ["en"]))


def test_a_word_beside_an_emoji_is_marked_without_it(scorer: Scorer) -> None:
    words = scorer.explain("garlic🧄onion", "en")

    assert words is not None
    assert list(zip(words.starts, words.ends, strict=True)) == [(0, 6), (6, 7), (7, 12)]
