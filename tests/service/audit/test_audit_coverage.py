"""The promise of intervals, tested as what it is: how often they hold a truth that is known.

`bench/audit_coverage.py` measures more: other numbers of labels, slices, precision, recall, weights.
"""

from functools import cache

import numpy as np
import pytest

from tocsin.service.audit.estimating.prevalence import classical, powered
from tocsin.service.audit.estimating.testing import Kind, Platform, draws, platform
from tocsin.service.statistics.confidence import at_least, at_most, interval
from tocsin.service.statistics.spread import Spread

TIMES = 2000
LABELS = {0.1: 1000, 0.01: 2000, 0.001: 1000}
ESTIMATORS = ["classical", "powered"]
KINDS = list(Kind)


@cache
def drawn(kind: Kind, prevalence: float) -> tuple[Platform, dict[str, Spread]]:
    """Return a platform, and what 2,000 samples of it tell."""
    whole = platform(kind, prevalence)
    found = draws(whole, LABELS[prevalence], TIMES)
    hits = whole.hits[found.rows]
    told = {
        "classical": classical(found.cells, hits),
        "powered": powered(found.cells, hits, found.scores(whole)),
    }
    return whole, told


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("prevalence", [0.1, 0.01])
def test_an_interval_of_95_percent_holds_the_truth_in_93_to_97(
    kind: Kind, prevalence: float, estimator: str
) -> None:
    whole, told = drawn(kind, prevalence)
    low, high = interval(told[estimator])

    assert 0.93 <= np.mean((low <= whole.truth) & (whole.truth <= high)) <= 0.97


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("kind", KINDS)
def test_at_one_in_a_thousand_each_bound_holds_in_94_percent_and_more(kind: Kind, estimator: str) -> None:
    whole, told = drawn(kind, 0.001)

    assert np.mean(at_least(told[estimator]) <= whole.truth) >= 0.94
    assert np.mean(at_most(told[estimator]) >= whole.truth) >= 0.94


@pytest.mark.parametrize("kind", [Kind.INFORMATIVE, Kind.WEAK])
def test_the_normal_interval_would_not_keep_the_promise(kind: Kind) -> None:
    whole, told = drawn(kind, 0.001)
    spread = told["classical"]
    half = 1.96 * np.sqrt(spread.variance)

    assert np.mean(np.abs(spread.value - whole.truth) <= half) < 0.93


@pytest.mark.parametrize("kind", KINDS)
def test_neither_estimate_has_a_bias(kind: Kind) -> None:
    whole, told = drawn(kind, 0.01)

    for spread in told.values():
        error = np.std(spread.value) / np.sqrt(TIMES)
        assert np.mean(spread.value) == pytest.approx(whole.truth, abs=4 * error)


def test_scores_that_are_worth_something_narrow_the_interval_and_useless_ones_hardly_widen_it() -> None:
    widths = {}
    for kind in (Kind.MISCALIBRATED, Kind.USELESS):
        _, told = drawn(kind, 0.1)
        for estimator, spread in told.items():
            low, high = interval(spread)
            widths[kind, estimator] = np.mean(high - low)

    assert widths[Kind.MISCALIBRATED, "powered"] < 0.98 * widths[Kind.MISCALIBRATED, "classical"]
    assert widths[Kind.USELESS, "powered"] < 1.01 * widths[Kind.USELESS, "classical"]
    # Half as wide as where scores are useless: there the sample is little better than a simple one.
    assert widths[Kind.MISCALIBRATED, "powered"] < 0.6 * widths[Kind.USELESS, "powered"]
