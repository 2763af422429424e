"""Differences on the same rows have honest intervals, and thresholds let through what they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.eval.perturbations.effects import threshold
from tocsin.eval.perturbations.paired import paired
from tocsin.eval.statistics.intervals import proportions_apart
from tocsin.eval.statistics.ranking import Ranking

FLAGS = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60).map(np.array)


@given(FLAGS)
def test_a_paired_difference_is_that_of_the_shares_and_lies_in_its_interval(flags: np.ndarray) -> None:
    first, second = flags.T
    found = paired(first, second)

    assert found.value == pytest.approx(first.mean() - second.mean())
    assert -1 - 1e-9 <= found.low <= found.value <= found.high <= 1 + 1e-9


@given(FLAGS)
def test_a_paired_interval_turns_round_with_its_rows(flags: np.ndarray) -> None:
    there, back = paired(*flags.T), paired(*flags.T[::-1])

    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))


def test_rows_that_say_nothing_of_each_other_have_the_interval_of_independent_ones() -> None:
    first, second = np.repeat([True, False], 50), np.tile([True, False], 50)

    assert paired(first, second) == proportions_apart(50, 100, 50, 100)


def test_the_interval_is_that_of_newcombe_s_own_example() -> None:
    """36 found both times, 12 first alone, 2 second alone, none neither time: 20%, 5.69% to 34.04%."""
    found = paired(np.repeat([True, False], [48, 2]), np.repeat([True, False, True], [36, 12, 2]))

    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0569, 0.3404), abs=5e-5)


def test_rows_that_agree_have_a_narrower_interval_that_is_not_nothing() -> None:
    flags = np.repeat([True, False], [120, 180])
    found, apart = paired(flags, flags), proportions_apart(120, 300, 120, 300)

    assert 0 < found.high - found.low < 0.3 * (apart.high - apart.low)


@pytest.mark.parametrize(
    ("kept", "rows"),
    [
        pytest.param(0.95, 80, id="hardly anything lost"),
        pytest.param(0.5, 80, id="half lost"),
        pytest.param(0.8, 300, id="many rows"),
    ],
)
def test_a_paired_interval_holds_the_truth_as_often_as_it_says(kept: float, rows: int) -> None:
    draw = np.random.default_rng(5)
    before = draw.random((1_000, rows)) < 0.5
    after = np.where(before, draw.random(before.shape) < kept, draw.random(before.shape) < 0.02)
    truth = 0.5 - (0.5 * kept + 0.5 * 0.02)
    found = [paired(*pair) for pair in zip(before, after, strict=True)]

    assert 0.94 <= np.mean([one.low <= truth <= one.high for one in found]) <= 0.996


@pytest.mark.parametrize(
    ("negatives", "flagged"),
    [
        pytest.param([*range(100)], 5, id="five of a hundred"),
        pytest.param([*range(99)], 4, id="no more than 5%"),
        pytest.param([*range(90), *[90] * 10], 0, id="ties pass together or not at all"),
        pytest.param([*range(95), *[float("nan")] * 5], 5, id="what was not judged is low"),
        pytest.param([1.0] * 20, 0, id="all alike"),
    ],
)
def test_a_threshold_lets_5_percent_of_negatives_pass(negatives: list[float], flagged: int) -> None:
    scores = np.array(negatives, np.float64)

    assert (scores > threshold(scores)).sum() == flagged


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 30)), min_size=2, max_size=80))
def test_recall_at_that_threshold_is_the_one_that_cells_report(rows: list[tuple[bool, int]]) -> None:
    labels, scores = (
        np.array([row[0] for row in rows], np.int8),
        np.array([row[1] for row in rows], np.float64),
    )
    if 0 < labels.sum() < len(labels):
        found = (scores > threshold(scores[labels == 0]))[labels == 1].mean()

        assert found == Ranking.of(labels, scores).figures(np.ones(len(labels)))["recall_at_fpr_0.05"]
