from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tocsin.service.statistics.weeks import chance_of, holm, logit_shift, stability

RUNS = 200
RATE = 0.05
MOST = 0.10  # of 200 runs at 5%, three standard errors more


def weeks(random: np.random.Generator, scatter: float, change: float = 1.0) -> NDArray[np.int64]:
    """Return five weeks of 500 items a day; weekdays differ, and days by themselves."""
    rates = 0.1 * np.exp(random.normal(0, scatter, 35)) * np.where(np.arange(35) >= 28, change, 1.0)
    rates = rates * np.where(np.arange(35) % 7 < 5, 1.0, 2.0)
    count = random.poisson(500, 35)
    first = random.binomial(count, np.minimum(rates, 1.0))
    return np.stack([first, count - first], axis=1).reshape(5, 7, 2)


@pytest.mark.parametrize("scatter", [0.0, 0.3])
@pytest.mark.parametrize("statistic", [logit_shift, stability])
def test_where_nothing_changed_a_small_chance_is_as_rare_as_it_says(
    scatter: float, statistic: object
) -> None:
    assert callable(statistic)
    random = np.random.default_rng(1)
    chances = [chance_of(weeks(random, scatter), statistic) for _ in range(RUNS)]
    assert np.mean(np.array(chances) <= RATE) <= MOST


def test_a_change_is_found() -> None:
    random = np.random.default_rng(1)
    assert np.mean([chance_of(weeks(random, 0.1, 1.5), logit_shift) <= RATE for _ in range(30)]) > 0.9


def test_weekdays_that_differ_are_no_change() -> None:
    steady = np.tile(np.array([[10, 90]] * 5 + [[60, 40]] * 2), (5, 1, 1))
    assert chance_of(steady, logit_shift) == 1.0


def test_the_same_counts_have_the_same_chance() -> None:
    given = weeks(np.random.default_rng(3), 0.2)
    assert chance_of(given, stability) == chance_of(given, stability)


@pytest.mark.parametrize(
    ("chances", "told"),
    [
        pytest.param([0.01, 0.04], [True, True], id="the second at the whole rate"),
        pytest.param([0.04, 0.03], [False, False], id="none at a half of it"),
        pytest.param([0.9, 0.001, 0.026], [False, True, False], id="the first at a third of it alone"),
        pytest.param([], [], id="nothing"),
    ],
)
def test_several_tests_share_one_rate(chances: list[float], told: list[bool]) -> None:
    assert holm(chances, RATE) == told
