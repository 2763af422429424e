from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tocsin.service.statistics.counts import Count, shares

DRAWS = 2_000
BAND = (0.935, 0.985)  # three standard errors around 95%, and what counts of a few hits hold more often


def plain(hits: NDArray[np.int64]) -> Count:
    found = hits.astype(np.float64)
    return Count(found, found, found, np.ones_like(found))


def test_a_count_adds_weights_up() -> None:
    found = Count.of(np.array([2.0, 3.0]), np.array([2.0, 3.0, 5.0]))
    assert [*map(float, (found.value, found.second, found.third, found.largest))] == [5, 13, 35, 5]
    both = found + found
    assert [float(both.value), float(both.largest)] == [10, 5]


def test_nothing_looked_at_counts_nothing() -> None:
    nothing = Count.of(np.zeros(0), np.zeros(0))
    assert np.isnan(shares(nothing, nothing).value)


def test_with_no_hit_among_many_a_share_is_at_most_three_in_them() -> None:
    found = shares(plain(np.array([0])), plain(np.array([1_000])))
    assert found.value == found.low == 0
    assert found.high == pytest.approx(3 / 1_000, rel=0.02)


def test_twice_as_many_looks_leave_the_share_and_halve_the_variance() -> None:
    weights = np.full(40, 10.0)
    one, twice = Count.of(weights, weights), Count.of(weights, weights).scaled(2.0)
    assert twice.value == one.value
    assert twice.second == one.second / 2
    assert twice.largest == 5


def test_all_of_several_is_not_certainly_all() -> None:
    found = shares(plain(np.array([50])), plain(np.array([0])))
    assert found.value == found.high == 1
    assert found.low == pytest.approx(0.05 ** (1 / 50), abs=0.002)  # the mid-p limit


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8, 0.95])
@pytest.mark.parametrize("count", [50, 200])
def test_a_plain_share_holds_as_often_as_it_says(count: int, share: float) -> None:
    hits = np.random.default_rng(1).binomial(count, share, DRAWS)
    found = shares(plain(hits), plain(count - hits))
    assert BAND[0] <= np.mean((found.low <= share) & (share <= found.high)) <= BAND[1]


@pytest.mark.parametrize(
    ("missed", "found"), [pytest.param(4, 160, id="few misses"), pytest.param(30, 600, id="many")]
)
def test_a_share_of_unequal_weights_holds_as_often_as_it_says(missed: int, found: int) -> None:
    random, weight = np.random.default_rng(2), 50.0
    drawn = random.poisson(missed, DRAWS).astype(np.float64)
    part = Count(drawn * weight, drawn * weight**2, drawn * weight**3, np.full(DRAWS, weight))
    told = shares(part, plain(random.poisson(found, DRAWS)))
    truth = missed * weight / (missed * weight + found)
    assert BAND[0] <= np.mean((told.low <= truth) & (truth <= told.high)) <= BAND[1]
