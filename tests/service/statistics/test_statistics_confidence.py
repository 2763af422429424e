import numpy as np
import pytest
from scipy import stats
from scipy.optimize import brentq

from tocsin.service.statistics.confidence import at_least, at_most, interval
from tocsin.service.statistics.spread import Spread, Step

NONE = Step(np.array(0.0), np.array(0.0))


def counted(hits: int, weight: float = 0.01) -> Spread:
    """Return what a Poisson count tells, each hit of which weighs as much."""
    more = Step(np.array(weight), np.array(1.0))
    value, variance, third = (np.array(hits * weight**power) for power in (1, 2, 3))
    return Spread(value, variance, third, more, Step(np.array(weight), np.array(0.0)))


def proportion(hits: int, labels: int) -> Spread:
    """Return what a simple random sample tells."""
    share = hits / labels
    spread = share * (1 - share)
    weight = np.array(1 / labels)
    return Spread(
        np.array(share),
        np.array(spread / (labels - 1)),
        np.array(spread * (1 - 2 * share) / ((labels - 1) * (labels - 2))),
        Step(weight, np.array(1 - share)),
        Step(weight, np.array(share)),
    )


@pytest.mark.parametrize("hits", [0, 1, 2, 5, 20])
def test_bounds_of_a_plain_count_are_the_exact_ones_of_garwood(hits: int) -> None:
    spread = counted(hits)

    exact = stats.gamma.ppf(0.05, hits) if hits else 0.0
    assert float(at_least(spread)) == pytest.approx(0.01 * exact, abs=1e-8)
    assert float(at_most(spread)) == pytest.approx(0.01 * stats.gamma.ppf(0.95, hits + 1), abs=1e-8)


@pytest.mark.parametrize("hits", [1, 2, 5, 20])
def test_the_interval_of_a_plain_count_is_the_exact_mid_p_one(hits: int) -> None:
    def mixed(value: float, share: float) -> float:
        return float(stats.gamma.cdf(value, [hits, hits + 1]).mean() - share)

    low, high = interval(counted(hits))

    assert float(low) == pytest.approx(0.01 * brentq(mixed, 1e-9, 200, args=(0.025,)), abs=1e-7)
    assert float(high) == pytest.approx(0.01 * brentq(mixed, 1e-9, 200, args=(0.975,)), abs=1e-7)


def test_no_hit_among_many_labels_is_the_rule_of_three() -> None:
    low, high = interval(proportion(0, 1000))

    assert float(low) == 0.0
    assert float(at_most(proportion(0, 1000))) == pytest.approx(3 / 1000, rel=0.01)
    assert float(high) == pytest.approx(3 / 1000, rel=0.01)


@pytest.mark.parametrize(("hits", "labels"), [(0, 50), (1, 50), (3, 100), (50, 100), (97, 100), (50, 50)])
def test_bounds_of_a_plain_proportion_are_close_to_clopper_and_pearsons(hits: int, labels: int) -> None:
    spread = proportion(hits, labels)
    low = stats.beta.ppf(0.05, hits, labels - hits + 1) if hits else 0.0
    high = stats.beta.ppf(0.95, hits + 1, labels - hits) if hits < labels else 1.0

    assert float(at_least(spread)) == pytest.approx(low, abs=0.006)
    assert float(at_most(spread)) == pytest.approx(high, abs=0.006)


@pytest.mark.parametrize(("hits", "labels"), [(0, 40), (3, 40), (20, 40), (39, 40)])
def test_the_interval_of_misses_mirrors_that_of_hits(hits: int, labels: int) -> None:
    low, high = interval(proportion(hits, labels))
    mirrored = interval(proportion(labels - hits, labels))

    assert 1 - float(high) == pytest.approx(float(mirrored[0]), abs=1e-7)
    assert 1 - float(low) == pytest.approx(float(mirrored[1]), abs=1e-7)


def test_the_one_sided_bounds_lie_within_the_interval() -> None:
    spread = Spread.stacked([proportion(hits, 200) for hits in range(0, 201, 7)])
    low, high = interval(spread)

    assert (low <= at_least(spread)).all()
    assert (at_most(spread) <= high).all()


def test_with_many_hits_it_is_the_normal_interval() -> None:
    spread = proportion(50_000, 100_000)
    half = 1.959964 * np.sqrt(spread.variance)
    low, high = interval(spread)

    assert (float(low), float(high)) == pytest.approx((0.5 - half, 0.5 + half), abs=2e-5)


def test_a_whole_that_was_labelled_has_no_interval() -> None:
    spread = Spread(np.array(0.2), np.array(0.0), np.array(0.0), NONE, NONE)

    assert [float(end) for end in interval(spread)] == pytest.approx([0.2, 0.2])


def test_many_estimates_at_once_are_those_of_each_alone() -> None:
    several = [proportion(hits, 60) for hits in (0, 1, 30, 60)]
    low, high = interval(Spread.stacked(several))

    assert low == pytest.approx([float(interval(one)[0]) for one in several], abs=1e-8)
    assert high == pytest.approx([float(interval(one)[1]) for one in several], abs=1e-8)


def test_more_confidence_is_a_wider_interval() -> None:
    spread = proportion(7, 300)
    narrow, wide = interval(spread, 0.9), interval(spread, 0.9999)

    assert float(wide[0]) < float(narrow[0]) < float(narrow[1]) < float(wide[1])
