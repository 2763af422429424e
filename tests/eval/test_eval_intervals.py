"""Intervals hold what they promise, as statistics on data whose truth is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom, binomtest, norm

from tocsin.eval.intervals import DRAWS, Estimate, bootstrapped, proportion
from tocsin.eval.ranking import Ranking

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


@pytest.mark.parametrize(
    ("hits", "rows"),
    [(0, 1), (1, 1), (0, 20), (20, 20), (1, 20), (10, 20), (3, 809), (808, 809), (5_000, 100_000)],
)
def test_a_share_has_the_interval_of_wilson(hits: int, rows: int) -> None:
    found = proportion(hits, rows)
    expected = binomtest(hits, rows).proportion_ci(0.95, method="wilson")
    assert found == Estimate(hits / rows, expected.low, expected.high)
    z, share = norm.ppf(0.975), hits / rows
    centre = (share + z**2 / (2 * rows)) / (1 + z**2 / rows)
    half = z / (1 + z**2 / rows) * np.sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2))
    assert [found.low, found.high] == pytest.approx([centre - half, centre + half], abs=1e-9)
    assert 0 <= found.low <= found.value <= found.high <= 1


@pytest.mark.parametrize("share", [0.02, 0.05, 0.3, 0.5])
def test_a_share_s_interval_holds_the_true_one_about_as_often_as_it_says(share: float) -> None:
    """Added up over every count there can be: no chance is left in it."""
    rows = 400
    held = sum(
        binom.pmf(hits, rows, share)
        for hits in range(rows + 1)
        if proportion(hits, rows).low <= share <= proportion(hits, rows).high
    )
    assert 0.93 <= held <= 0.97
