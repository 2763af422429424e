"""What corpora alone tell of labels, where the truth is known."""

from __future__ import annotations

import random
from collections.abc import Mapping
from itertools import chain

import pytest

from tocsin.example import Example, Label
from tocsin.signals import Signal
from tocsin.training.corpus_identity import (
    LEAST_OF_A_CLASS,
    IdentityBaseline,
    Interval,
    identity_baselines,
)

YES, NO, PRESUMED, UNKNOWN = Label.POSITIVE, Label.NEGATIVE, Label.PRESUMED_NEGATIVE, Label.UNKNOWN
HATE, CALL = Signal.HATE, Signal.CALL_TO_ACTION


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.training.corpus_identity.DRAWS", 200)


def corpus(
    name: str, counts: Mapping[Label, int], language: str = "en", signal: Signal = HATE
) -> list[Example]:
    labels = chain.from_iterable([label] * count for label, count in counts.items())
    return [
        Example(f"{name}:{language}:{number}", "soup", language, name, "CC0-1.0", {signal: label})
        for number, label in enumerate(labels)
    ]


def only(examples: list[Example]) -> IdentityBaseline:
    (found,) = identity_baselines(examples)
    return found


def figure(examples: list[Example]) -> Interval:
    found = only(examples).auroc
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("counts", "truth"),
    [
        pytest.param([{YES: 900, NO: 100}, {YES: 100, NO: 900}], 0.9, id="opposite-shares"),
        pytest.param([{YES: 500, NO: 500}, {YES: 500, NO: 500}], 0.5, id="the-same-share"),
        pytest.param([{YES: 500}, {NO: 500}], 1.0, id="one-class-each"),
        pytest.param([{YES: 300, NO: 300}, {NO: 600}, {NO: 300}], 0.875, id="corpora-of-negatives-tie"),
        # (.75·.25·½ + .75·.5·1 + .75·.25·1 + .25·(.5·½ + .25·1)) with shares .25, .5, .25 of the negatives
        pytest.param(
            [{YES: 600, NO: 200}, {YES: 200, NO: 400}, {NO: 200}],
            0.75 * (0.125 + 0.75) + 0.25 * (0.25 + 0.25),
            id="three-corpora",
        ),
    ],
)
def test_the_figure_is_that_of_ranking_corpora_by_their_share_of_positives(
    counts: list[Mapping[Label, int]], truth: float
) -> None:
    rows = [row for place, found in enumerate(counts) for row in corpus(f"c{place}", found)]
    found = figure(rows)

    assert found.value == pytest.approx(truth, abs=0.025)
    assert found.low - 1e-9 <= found.value <= found.high + 1e-9
    assert found.high - found.low < 0.06


def test_a_row_plays_no_part_in_the_share_that_it_is_ranked_by() -> None:
    """Two hundred corpora of two rows, labelled by lot: counted with the row itself, .8 and more."""
    draw = random.Random(1)  # noqa: S311 - toy data
    rows = []
    for place in range(200):
        yes = draw.choice((0, 1, 1, 2))
        rows += corpus(f"c{place}", {YES: yes, NO: 2 - yes})
    assert figure(rows).value < 0.6


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    draw = random.Random(8)  # noqa: S311 - toy data
    held, trials = 0, 60
    for _ in range(trials):
        rows = []
        for name, share in (("kitchen", 0.7), ("stadium", 0.3)):
            yes = sum(draw.random() < share for _ in range(200))
            rows += corpus(name, {YES: yes, NO: 200 - yes})
        found = figure(rows)
        held += found.low <= 0.7 <= found.high
    assert held / trials > 0.85


def test_corpora_of_one_class_are_counted_and_those_that_say_nothing_are_not() -> None:
    rows = [
        *corpus("both", {YES: 60, NO: 60}),
        *corpus("yes", {YES: 5}),
        *corpus("no", {NO: 7}),
        *corpus("silent", {UNKNOWN: 9}),
    ]
    found = only(rows)

    assert (found.corpora, found.one_sided, found.negatives, found.positives) == (3, 2, 67, 65)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        pytest.param([*corpus("one", {YES: 100, NO: 100})], False, id="one-corpus"),
        pytest.param(
            [*corpus("one", {YES: LEAST_OF_A_CLASS - 1, NO: 100}), *corpus("two", {NO: 100})],
            False,
            id="too-few-positives",
        ),
        pytest.param(
            [*corpus("one", {NO: LEAST_OF_A_CLASS - 1, YES: 100}), *corpus("two", {YES: 100})],
            False,
            id="too-few-negatives",
        ),
        pytest.param(
            [*corpus("one", {YES: LEAST_OF_A_CLASS, NO: 100}), *corpus("two", {NO: 100})],
            True,
            id="just-enough",
        ),
    ],
)
def test_there_is_no_figure_without_two_corpora_and_fifty_rows_of_a_class(
    rows: list[Example], told: bool
) -> None:
    assert (only(rows).auroc is not None) is told


def test_presumed_negatives_make_a_baseline_of_their_own() -> None:
    rows = [*corpus("one", {YES: 80, NO: 80}), *corpus("two", {YES: 80, NO: 80, PRESUMED: 640})]
    gold, presumed = identity_baselines(rows)

    assert (gold.presumed, gold.negatives, presumed.presumed, presumed.negatives) == (False, 160, True, 800)
    assert gold.auroc is not None
    assert presumed.auroc is not None
    assert gold.auroc.value == pytest.approx(0.5, abs=0.03)
    assert presumed.auroc.value == pytest.approx(0.7, abs=0.02)


def test_languages_and_signals_are_told_apart() -> None:
    rows = [
        *corpus("one", {YES: 80, NO: 20}),
        *corpus("two", {YES: 20, NO: 80}),
        *corpus("one", {YES: 50, NO: 50}, language="de"),
        *corpus("two", {YES: 50, NO: 50}, language="de"),
        *corpus("three", {YES: 5, NO: 5}, signal=CALL),
    ]
    found = [(row.language, row.signal, row.corpora, row.negatives) for row in identity_baselines(rows)]

    assert found == [("de", HATE, 2, 100), ("en", CALL, 1, 5), ("en", HATE, 2, 100)]
