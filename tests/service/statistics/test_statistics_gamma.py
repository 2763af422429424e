import numpy as np
import pytest
from scipy import stats

from tocsin.service.statistics.gamma import gamma_below, gamma_density
from tocsin.service.statistics.pearson import Pearson3

SHARES = np.array([1e-6, 0.001, 0.025, 0.2, 0.5, 0.8, 0.975, 0.999, 1 - 1e-6])


@pytest.mark.parametrize("shape", [0.05, 0.5, 1.0, 2.0, 7.3, 40.0, 150.0, 399.0])
def test_the_share_below_is_that_of_scipy(shape: float) -> None:
    values = stats.gamma.ppf(SHARES, shape)

    assert gamma_below(values, np.array(shape)) == pytest.approx(SHARES, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("shape", [400.0, 1e4, 4e6])
def test_a_large_shape_is_approximated_closely(shape: float) -> None:
    values = stats.gamma.ppf(SHARES, shape)

    assert gamma_below(values, np.array(shape)) == pytest.approx(SHARES, abs=2e-5)


def test_nothing_lies_below_zero() -> None:
    values = np.array([-1.0, 0.0])

    assert gamma_below(values, np.array(3.0)).tolist() == [0.0, 0.0]
    assert gamma_density(values, np.array(3.0)).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("shape", [0.5, 3.0, 900.0])
def test_the_density_is_that_of_scipy(shape: float) -> None:
    values = stats.gamma.ppf(SHARES, shape)

    assert gamma_density(values, np.array(shape)) == pytest.approx(stats.gamma.pdf(values, shape), rel=1e-8)


@pytest.mark.parametrize("skew", [-3.0, -0.4, 0.0, 0.4, 3.0], ids=lambda skew: f"skew {skew}")
def test_pearsons_third_is_that_of_scipy(skew: float) -> None:
    part = Pearson3(np.array(0.3), np.array(0.04), np.array(skew * 0.2**3))
    known = stats.pearson3(skew, loc=0.3, scale=0.2)
    values = known.ppf([0.01, 0.3, 0.9, 0.999])

    assert part.below(values) == pytest.approx(known.cdf(values), abs=1e-4)
    assert part.density(values) == pytest.approx(known.pdf(values), rel=5e-3)


def test_without_a_variance_all_of_it_is_one_point() -> None:
    part = Pearson3(np.array(0.3), np.array(0.0), np.array(0.0))

    assert part.below(np.array([0.29, 0.3, 0.31])).tolist() == [0.0, 1.0, 1.0]
