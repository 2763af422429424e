"""What a budget promises, tested as a promise: over many samples of platforms whose truth is known."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import beta

from tocsin.models.thresholds import budget_holds, fit_budget, least_traffic

Floats = NDArray[np.float64]

DRAWS = 2_000
# Five in a hundred may break the promise; three standard errors allow for there being 2,000 draws.
MOST_BROKEN = 0.05 + 3 * math.sqrt(0.05 * 0.95 / DRAWS)


class Skewed:
    """Draw scores without ties, most of them low, as a model's are."""

    def draw(self, rows: int, generator: np.random.Generator) -> Floats:
        return generator.beta(0.3, 4, rows)

    def share(self, threshold: float) -> float:
        return float(beta.sf(threshold, 0.3, 4))


class Tied:
    """Draw one of few scores, each with its own chance."""

    def __init__(self, *chances: tuple[float, float]) -> None:
        self._scores = np.array([score for score, _ in chances])
        self._chances = np.array([chance for _, chance in chances])

    def draw(self, rows: int, generator: np.random.Generator) -> Floats:
        return generator.choice(self._scores, rows, p=self._chances)

    def share(self, threshold: float) -> float:
        return float(self._chances[self._scores >= threshold].sum())


PLATFORMS = [
    pytest.param(Skewed(), id="no-ties"),
    pytest.param(Tied((0.1, 0.989), (0.6, 0.001), (0.9, 0.01)), id="a-tie-of-exactly-the-budget"),
    pytest.param(Tied((0.1, 0.985), (0.6, 0.004), (0.9, 0.011)), id="a-tie-just-above-the-budget"),
    pytest.param(
        Tied((0.1, 0.9), (0.6, 0.092), (0.9, 0.008)), id="a-tie-just-below-and-a-large-one-under-it"
    ),
    pytest.param(Tied((0.2, 0.4), (0.9, 0.3), (1.0, 0.3)), id="a-model-that-is-always-sure"),
    pytest.param(
        Tied(*((step / 400, 1 / 401) for step in range(401))), id="scores-in-steps-smaller-than-the-budget"
    ),
    pytest.param(Tied((0.0, 1.0)), id="one-score-for-all"),
]


def shares(platform: Skewed | Tied, rate: float, rows: int) -> Floats:
    """Return the true share that reaches the level, for each of many samples of traffic."""
    return np.array(
        [
            platform.share(fit_budget(rate, platform.draw(rows, np.random.default_rng(seed))))
            for seed in range(DRAWS)
        ]
    )


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize(("rate", "rows"), [(0.01, 1_000), (0.01, 5_000), (0.05, 1_000)])
def test_the_true_share_exceeds_the_budget_in_at_most_five_of_a_hundred_fits(
    platform: Skewed | Tied, rate: float, rows: int
) -> None:
    assert (shares(platform, rate, rows) > rate + 1e-12).mean() <= MOST_BROKEN


def test_the_promise_is_not_kept_by_flagging_next_to_nothing() -> None:
    found = shares(Skewed(), 0.01, 10_000)

    assert found.mean() >= 0.007
    assert (found > 0.01).mean() >= 0.02  # the risk that is allowed is made use of


def test_a_tie_that_fits_the_budget_with_room_to_spare_is_let_through() -> None:
    found = shares(Tied((0.1, 0.9), (0.6, 0.094), (0.9, 0.006)), 0.01, 10_000)

    assert np.isclose(found, 0.006).mean() > 0.99


def test_a_threshold_lies_just_above_the_first_score_that_may_not_pass() -> None:
    scores = np.arange(1_000) / 1_000
    found = fit_budget(0.01, np.random.default_rng(1).permutation(scores))

    assert (scores >= found).sum() == 4  # the binomial tail: 4 of 1,000 or fewer in 2.9% of samples at 1%
    assert found == np.nextafter(0.995, 1)


def test_nulls_are_traffic_that_never_reaches_the_level() -> None:
    scores = np.arange(1_000) / 1_000
    nulls = np.full(9_000, np.nan)
    found = fit_budget(0.01, np.concatenate([scores, nulls]))

    assert found < fit_budget(0.01, scores)
    assert (scores >= found).sum() == 83  # as many as of 10,000


def test_where_less_than_the_budget_has_a_score_the_threshold_is_0() -> None:
    assert fit_budget(0.05, np.concatenate([np.full(5, 0.5), np.full(9_995, np.nan)])) == 0


def test_what_always_reaches_the_level_takes_of_the_budget_and_may_use_it_up() -> None:
    scores = np.arange(10_000) / 10_000
    some, many = (np.where(np.arange(10_000) < count, np.inf, scores) for count in (50, 500))

    assert (some >= fit_budget(0.01, some)).sum() == 83
    assert math.isinf(fit_budget(0.01, many))


@pytest.mark.parametrize(
    ("rate", "least"), [(0.5, 1_000), (0.01, 1_000), (0.003, 1_000), (0.0029, 1_032), (0.001, 2_995)]
)
def test_a_budget_takes_a_thousand_rows_and_as_many_as_tell_its_rate(rate: float, least: int) -> None:
    scores = np.linspace(0, 1, least)

    assert least_traffic(rate) == least
    assert fit_budget(rate, scores) <= np.nextafter(1, 2)
    with pytest.raises(
        ValueError, match=f"^a budget of {rate:g} takes at least {least:,} rows, had {least - 1:,}$"
    ):
        fit_budget(rate, scores[1:])


@pytest.mark.parametrize(
    ("rows", "reached", "holds"),
    [
        pytest.param(10_000, 83, True, id="as-many-as-the-bound-allows"),
        pytest.param(10_000, 84, False, id="one-more"),
        pytest.param(999, 0, False, id="too-few-rows"),
    ],
)
def test_a_budget_is_certified_by_its_counts(rows: int, reached: int, holds: bool) -> None:
    assert budget_holds(0.01, rows, reached) is holds


@pytest.mark.parametrize(
    "scores",
    [
        pytest.param(lambda: np.ones(2_000), id="one-score-for-all-the-highest"),
        pytest.param(lambda: np.zeros(2_000), id="one-score-for-all-the-lowest"),
    ],
)
def test_where_all_scores_are_one_nothing_reaches_the_level(scores: Callable[[], Floats]) -> None:
    assert (scores() >= fit_budget(0.5, scores())).sum() == 0
