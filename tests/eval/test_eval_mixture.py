"""The share in a mixture, and how sure it is, as statistics on data whose truth is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from tocsin.eval.statistics.intervals import Estimate, proportion, wilson
from tocsin.eval.statistics.mixture import Stratum, mixed_share

DRAWS = 2_000


def drawn(weights: Sequence[float], rows: Sequence[int], shares: Sequence[float]) -> NDArray[np.int64]:
    """Return hits, ``(draws, strata)``."""
    assert len(weights) == len(rows)
    return np.random.default_rng(1).binomial(rows, shares, (DRAWS, len(rows)))


def intervals(weights: Sequence[float], rows: Sequence[int], shares: Sequence[float]) -> list[Estimate]:
    return [
        mixed_share([Stratum(*told) for told in zip(weights, hits, rows, strict=True)])
        for hits in drawn(weights, rows, shares).tolist()
    ]


def test_the_share_is_that_of_the_weights() -> None:
    """Three quarters of 10%, a quarter of 50%."""
    found = mixed_share([Stratum(300, 20, 200), Stratum(100, 25, 50)])
    assert found.value == pytest.approx(0.75 * 0.1 + 0.25 * 0.5, abs=1e-12)
    assert 0 < found.low < found.value < found.high < 1


@pytest.mark.parametrize(
    ("hits", "rows"),
    [(0, 40), (1, 400), (2, 40), (37, 400), (200, 400), (399, 400), (40, 40)],
)
def test_one_stratum_is_as_sure_as_its_own_share(hits: int, rows: int) -> None:
    """So the same rows have the same interval in every table."""
    assert mixed_share([Stratum(7.5, hits, rows)]) == proportion(hits, rows)


def test_strata_of_their_own_weight_are_as_sure_as_one_draw() -> None:
    """Of equal shares, and weighed by their rows, they tell what all rows together would."""
    found = mixed_share([Stratum(400, 80, 400), Stratum(600, 120, 600)])
    plain = wilson(0.2, 1_000)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high), abs=1e-4)


def test_the_variance_of_a_small_example_is_the_one_worked_out_by_hand() -> None:
    """Half of each: 4 of 9 and 0 of 19 become 4.5 of 10 and .5 of 20, so .45 and .025."""
    mixed = (0.45 + 0.025) / 2
    variance = 0.25 * (0.45 * 0.55 / 9 + 0.025 * 0.975 / 19)
    found = mixed_share([Stratum(1, 4, 9), Stratum(1, 0, 19)])
    plain = wilson(2 / 9, mixed * (1 - mixed) / variance)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high), abs=1e-12)


def test_only_the_proportion_of_weights_counts_and_no_order() -> None:
    strata = [Stratum(3, 5, 90), Stratum(2, 40, 200), Stratum(1, 0, 50)]
    times = [Stratum(one.weight * 1_000, one.hits, one.rows) for one in strata[::-1]]
    one, other = mixed_share(strata), mixed_share(times)
    assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high), abs=1e-12)


def test_a_stratum_without_weight_or_rows_plays_no_part() -> None:
    strata = [Stratum(3, 5, 90), Stratum(2, 40, 200)]
    assert mixed_share([*strata, Stratum(0, 9, 10), Stratum(4, 0, 0)]) == mixed_share(strata)


@pytest.mark.parametrize(
    "strata", [[], [Stratum(0, 1, 2)], [Stratum(1, 0, 0)]], ids=["none", "weight", "rows"]
)
def test_a_mixture_of_nothing_has_no_share(strata: list[Stratum]) -> None:
    with pytest.raises(ValueError, match="must have a stratum with weight and rows, had none"):
        mixed_share(strata)


@pytest.mark.parametrize(
    ("weights", "rows", "shares"),
    [
        pytest.param([0.5, 0.3, 0.2], [400, 300, 500], [0.1, 0.05, 0.2], id="shares-at-review"),
        pytest.param([0.5, 0.3, 0.2], [60, 40, 80], [0.05, 0.02, 0.1], id="few-rows"),
        pytest.param([0.8, 0.1, 0.1], [200, 3_000, 1_000], [0.2, 0.05, 0.1], id="the-heavy-one-is-small"),
        pytest.param([3_000, 400, 100], [1_000, 100, 50], [0.003, 0.01, 0.04], id="shares-at-urgent"),
        pytest.param(
            [1_500, 2_300, 2_400, 240, 1_300, 1_300, 900],
            [5_000, 4_000, 5_000, 800, 1_200, 2_000, 240],
            [0.004, 0.001, 0.002, 0.02, 0.01, 0.005, 0.01],
            id="as-many-strata-as-hate-has",
        ),
    ],
)
def test_the_interval_holds_the_true_share_as_often_as_it_says(
    weights: list[float], rows: list[int], shares: list[float]
) -> None:
    truth = float(np.average(shares, weights=weights))
    held = np.mean([one.low <= truth <= one.high for one in intervals(weights, rows, shares)])
    assert 0.93 <= held <= 0.97


def test_it_says_that_a_rate_is_too_high_no_more_often_than_chance_may() -> None:
    """What "missed" rests on: the whole interval above the truth, once in forty draws."""
    weights, rows, shares = [0.6, 0.3, 0.1], [2_000, 900, 400], [0.004, 0.006, 0.01]
    truth = float(np.average(shares, weights=weights))
    assert np.mean([one.low > truth for one in intervals(weights, rows, shares)]) <= 0.035


def test_a_heavy_stratum_without_a_hit_is_not_known_without_error() -> None:
    """Where its own error was taken for none, four of five intervals lay below the truth."""
    found = intervals([0.9, 0.1], [20, 1_000], [0.01, 0.05])
    truth = 0.9 * 0.01 + 0.1 * 0.05
    assert np.mean([one.low <= truth <= one.high for one in found]) >= 0.95
