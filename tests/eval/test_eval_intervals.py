"""Intervals hold what they promise, as statistics on data whose truth is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binomtest, norm, poisson

from tocsin.eval.statistics.intervals import DRAWS, Estimate, bootstrapped, proportion, proportions_apart
from tocsin.eval.statistics.ranking import Ranking

Floats = NDArray[np.float64]

DATA_SETS, RESAMPLES = 2_000, 300
POSITIVES = NEGATIVES = 100


def area_of(positives: Floats, negatives: Floats) -> Callable[[Floats], Mapping[str, float]]:
    """Return the AUROC for weights as one product: what `ranking` gives, quick enough to repeat."""
    wins = (positives[:, None] > negatives) + 0.5 * (positives[:, None] == negatives)
    count = len(positives)

    def statistic(weights: Floats) -> Mapping[str, float]:
        ours, theirs = weights[:count], weights[count:]
        return {"auroc": float(ours @ wins @ theirs / (ours.sum() * theirs.sum()))}

    return statistic


def test_the_quick_area_is_the_one_that_reports_have() -> None:
    generator = np.random.default_rng(1)
    positives, negatives = generator.normal(1, 1, 30).round(1), generator.normal(0, 1, 40).round(1)
    labels, scores = np.repeat(np.array([1, 0], np.int8), [30, 40]), np.concatenate([positives, negatives])
    weights = generator.integers(0, 4, 70).astype(np.float64)
    quick = area_of(positives, negatives)(weights)["auroc"]
    assert quick == pytest.approx(Ranking.of(labels, scores).figures(weights)["auroc"], abs=1e-12)


def test_a_bootstrap_interval_holds_the_true_area_as_often_as_it_says() -> None:
    """Two normals a distance d apart have an AUROC of Phi(d / sqrt(2)) (Bamber 1975)."""
    distance, generator = 1.2, np.random.default_rng(2)
    truth = norm.cdf(distance / np.sqrt(2))
    held = 0
    for _ in range(DATA_SETS):
        statistic = area_of(generator.normal(distance, 1, POSITIVES), generator.normal(0, 1, NEGATIVES))
        found = bootstrapped(statistic, POSITIVES + NEGATIVES, RESAMPLES)["auroc"]
        held += found.low <= truth <= found.high
    assert 0.93 <= held / DATA_SETS <= 0.97


def test_the_figure_is_that_of_the_rows_as_they_are_and_lies_within_its_interval() -> None:
    values = np.random.default_rng(3).normal(5, 1, 200)
    found = bootstrapped(lambda weights: {"mean": float(np.average(values, weights=weights))}, 200)["mean"]
    assert found.value == pytest.approx(values.mean())
    assert found.low < found.value < found.high
    half = 1.96 * values.std() / np.sqrt(200)
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=0.1)


def test_intervals_are_the_same_every_time() -> None:
    statistic = area_of(np.arange(5.0, 25.0), np.arange(20.0))
    assert bootstrapped(statistic, 40, 50) == bootstrapped(statistic, 40, 50)


def test_each_draw_has_as_many_rows_as_there_are() -> None:
    drawn: list[Floats] = []
    bootstrapped(lambda weights: drawn.append(weights) or {"none": 0.0}, 17, 25)  # type: ignore[func-returns-value]
    assert len(drawn) == 1 + 25
    assert {weights.sum() for weights in drawn} == {17.0}
    assert drawn[0].tolist() == [1.0] * 17
    assert any((weights == 0).any() for weights in drawn[1:])


def test_draws_without_a_figure_are_left_out() -> None:
    """A third of the draws miss the one row that has a figure."""
    found = bootstrapped(lambda weights: {"share": 7.0 if weights[0] else float("nan")}, 10, 200)
    assert found["share"] == Estimate(7.0, 7.0, 7.0)


def test_draws_may_have_a_statistic_of_their_own() -> None:
    """Rows have one noise, draws from them two: what corrects for it corrects a draw twice."""
    found = bootstrapped(lambda _: {"share": 1.0}, 10, 20, of_draws=lambda _: {"share": 2.0})
    assert found["share"] == Estimate(1.0, 2.0, 2.0)


def test_reports_draw_a_thousand_times() -> None:
    assert DRAWS == 1_000


def wilson_by_formula(hits: int, rows: int) -> list[float]:
    z, share = norm.ppf(0.975), hits / rows
    centre = (share + z**2 / (2 * rows)) / (1 + z**2 / rows)
    half = z / (1 + z**2 / rows) * np.sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2))
    return [centre - half, centre + half]


@pytest.mark.parametrize(
    ("hits", "rows"), [(0, 20), (10, 20), (3, 20), (4, 809), (805, 809), (5_000, 100_000)]
)
def test_a_share_has_the_interval_of_wilson(hits: int, rows: int) -> None:
    found = proportion(hits, rows)
    expected = binomtest(hits, rows).proportion_ci(0.95, method="wilson")
    assert [found.value, found.low, found.high] == pytest.approx([hits / rows, expected.low, expected.high])
    assert [found.low, found.high] == pytest.approx(wilson_by_formula(hits, rows), abs=1e-9)
    assert 0 <= found.low <= found.value <= found.high <= 1


@pytest.mark.parametrize(
    ("hits", "rows", "expected"),
    [
        pytest.param(1, 20, 0.05129, id="one of few rows"),
        pytest.param(2, 20, 0.35536, id="two of few rows"),
        pytest.param(1, 5_000, 0.05129, id="one"),
        pytest.param(3, 5_000, 0.81769, id="three of many rows"),
    ],
)
def test_few_hits_have_the_lower_limit_of_a_poisson_count(hits: int, rows: int, expected: float) -> None:
    """The expected counts of which so many or more come of one draw in twenty."""
    assert poisson.sf(hits - 1, expected) == pytest.approx(0.05, abs=1e-4)
    found, mirrored = proportion(hits, rows), proportion(rows - hits, rows)
    assert found.low * rows == pytest.approx(expected, abs=1e-4)
    assert found.high == pytest.approx(wilson_by_formula(hits, rows)[1])
    assert [1 - mirrored.high, 1 - mirrored.low] == pytest.approx([found.low, found.high])


@pytest.mark.parametrize("rows", [1, 2, 3, 20, 51])
def test_a_share_s_interval_lies_around_it_in_0_to_1(rows: int) -> None:
    for hits in range(rows + 1):
        found = proportion(hits, rows)
        assert 0 <= found.low <= found.value <= found.high <= 1
        assert (found.low == 0) == (hits == 0)
        assert (found.high == 1) == (hits == rows)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_the_difference_of_two_shares_has_the_interval_that_newcombe_published(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    """Newcombe (1998), Interval estimation for the difference between independent proportions, table II."""
    found = proportions_apart(*first, *second)
    assert found.value == pytest.approx(first[0] / first[1] - second[0] / second[1])
    assert [found.low, found.high] == pytest.approx([low, high], abs=6e-5)
    turned = proportions_apart(*second, *first)
    assert [turned.low, turned.high] == pytest.approx([-found.high, -found.low])


# Rows that are drawn together.


def test_rows_of_one_group_are_drawn_together_whatever_number_it_has() -> None:
    drawn: list[Floats] = []
    groups = np.array([7, 3, 3, 7, 900, 3])

    def keep(weights: Floats) -> Mapping[str, float]:
        drawn.append(weights)
        return {"none": 0.0}

    bootstrapped(keep, 6, 50, groups=groups)
    for weights in drawn:
        assert len({weights[0], weights[3]}) == len({weights[1], weights[2], weights[5]}) == 1
        assert weights[[0, 1, 4]].sum() == 3
    assert len({tuple(weights) for weights in drawn}) > 5


def test_rows_in_groups_of_their_own_are_drawn_as_without_groups() -> None:
    statistic = area_of(np.arange(5.0, 25.0), np.arange(20.0))
    assert bootstrapped(statistic, 40, 50, groups=np.arange(40)) == bootstrapped(statistic, 40, 50)
