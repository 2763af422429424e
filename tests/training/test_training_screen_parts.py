"""The parts that screens and twins are fitted with: how rare an n-gram is, and what that weighs."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from tocsin.example import Example, Label
from tocsin.models.features import FeatureSpec
from tocsin.signals import Signal
from tocsin.training.fitting import Linear, Rows
from tocsin.training.screen import (
    ScreenConfig,
    as_screen,
    design_matrix,
    fit_rows,
    fit_screen,
    frequencies,
    rarity,
    scaled,
)

HATE, CALL = Signal.HATE, Signal.CALL_TO_ACTION
SPEC = FeatureSpec(bits=10)
CONFIG = ScreenConfig(features=SPEC, strengths=(0.1, 0.3))
COUNTS = csr_array(np.array([[1, 0, 3, 0], [1, 0, 0, 0], [2, 0, 1, 1]], np.int64))


def dishes(count: int) -> list[Example]:
    return [
        Example(
            f"r{row}",
            f"{'soup' if row % 2 else 'goal'} number {row % 7} of {row % 5}",
            "en",
            "kitchen",
            "CC0-1.0",
            {HATE: Label.POSITIVE if row % 2 else Label.NEGATIVE},
        )
        for row in range(count)
    ]


def test_an_n_gram_counts_once_for_each_row_that_has_it() -> None:
    assert frequencies(COUNTS).tolist() == [3, 0, 2, 1]


def test_what_others_have_is_what_is_left_without_some_rows() -> None:
    """How twins leave a corpus out."""
    left = frequencies(COUNTS) - frequencies(COUNTS[[0]])
    np.testing.assert_array_equal(left, frequencies(COUNTS[[1, 2]]))


def test_rarity_is_the_one_worked_out_by_hand() -> None:
    expected = [1.0, np.log(4) + 1, np.log(4 / 3) + 1, np.log(2) + 1]
    assert rarity(frequencies(COUNTS), 3).tolist() == pytest.approx(expected)


def test_rows_are_weighed_by_rarity_and_by_how_many_n_grams_they_have() -> None:
    found = scaled(COUNTS, np.array([1.0, 2.0, 3.0, 4.0])).toarray()
    np.testing.assert_allclose(found, np.array([[0.5, 0, 4.5, 0], [1, 0, 0, 0], [1, 0, 1.5, 2]]))


def test_a_row_without_n_grams_is_weighed_as_nothing() -> None:
    assert scaled(csr_array((1, 4), dtype=np.int64), np.ones(4)).toarray().tolist() == [[0.0] * 4]


def test_a_screen_s_margin_is_that_of_its_model_on_weighed_counts() -> None:
    generator = np.random.default_rng(1)
    weights = generator.uniform(1, 5, SPEC.buckets)
    models = {
        HATE: Linear(generator.normal(size=SPEC.buckets), 0.5),
        CALL: Linear(generator.normal(size=SPEC.buckets), -0.25),
    }
    examples = dishes(20)
    screen = as_screen(models, weights, SPEC)
    matrix = scaled(design_matrix(examples, SPEC), weights)
    expected = np.stack([one.margins(matrix) + one.intercept for one in models.values()], axis=1)
    assert screen.signals == (HATE, CALL)
    np.testing.assert_allclose(screen.margins([row.text for row in examples]), expected, atol=2e-3)


def test_rows_that_are_counted_are_fitted_as_texts_are() -> None:
    train, dev = dishes(160), dishes(60)
    texts = [row.text for row in dev]
    counted = [Rows(design_matrix(rows, SPEC), rows) for rows in (train, dev)]
    told: list[str] = []
    ours, theirs = fit_rows(counted[0], counted[1], CONFIG, told.append), fit_screen(train, dev, CONFIG)
    np.testing.assert_array_equal(ours.screen.margins(texts), theirs.screen.margins(texts))
    assert (ours.strengths, ours.related) == (theirs.strengths, theirs.related)
    assert told == [f"hate: strength {ours.strengths[HATE]:g}"]
