"""How far scores of one time differ from those of another, beside what chance alone does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import ks_2samp, norm

from tocsin.eval.statistics.intervals import CONFIDENCE, Estimate

__all__ = ["BINS", "LARGE", "Drift", "drift_of", "mean_of", "means_apart", "no_drift", "psi"]

BINS: Final = 10
LARGE: Final = 0.1  # a PSI below this is called small, however surely it is there
_SMOOTHING: Final = 0.5  # a row, added to each bin
_DRAWS: Final = 500
_MOST_CELLS: Final = 2_000
_SEED: Final = 20_261_123

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Drift:
    """Hold how far scores moved: PSI, its 95% point under no drift, the KS statistic and its p-value."""

    psi: float
    no_drift: float
    ks: float
    p: float

    @property
    def drifted(self) -> bool:
        """Say whether scores moved both further than chance and far: a PSI of 0.1 or more."""
        return self.psi > self.no_drift and self.psi >= LARGE


def drift_of(before: Floats, after: Floats) -> Drift:
    """Return how far ``(rows,)`` scores of two times differ, each with at least one row.

    The Kolmogorov-Smirnov test is two-sided; its p-value is the asymptotic one, which ties make larger.
    """
    found = ks_2samp(before, after, method="asymp")
    return Drift(psi(before, after), no_drift(before, after), float(found.statistic), float(found.pvalue))


def psi(before: Floats, after: Floats) -> float:
    """Return the population stability index (Siddiqi 2006), 0 where both are spread alike.

    ``sum((after - before) * ln(after / before))`` over the shares in ten bins of equal mass of
    `before`: a score's bin is the tenth that the share of `before` below it falls in, so equal scores
    share a bin and there may be fewer than ten. Half a row is added to every bin, lest one be empty.
    """
    _, earlier, later = _cells(before, after)
    return _psi(earlier, later)


def no_drift(before: Floats, after: Floats) -> float:
    """Return the PSI that two samples of one source, as large as these, pass in 5% of cases.

    By permutation, 500 draws, fixed seed: the rows of both are dealt anew, and the bins with them.
    Scores of more than 2,000 values are first put into that many cells of equal mass.
    """
    pooled, earlier, later = _cells(before, after)
    both = earlier + later
    if len(pooled) > _MOST_CELLS:
        both = np.bincount((np.cumsum(both) - both) * _MOST_CELLS // both.sum(), both).astype(np.int64)
        both = both[both > 0]
    dealt = np.random.default_rng(_SEED).multivariate_hypergeometric(
        both, len(before), size=_DRAWS, method="marginals"
    )
    return float(np.quantile([_psi(one, both - one) for one in dealt], CONFIDENCE))


def mean_of(values: Floats) -> Estimate:
    """Return a mean with its normal interval."""
    return _normal(float(values.mean()), _variance(values))


def means_apart(before: Floats, after: Floats) -> Estimate:
    """Return the mean of `after` less that of `before`, of independent rows, with its normal interval."""
    return _normal(float(after.mean() - before.mean()), _variance(before) + _variance(after))


def _cells(before: Floats, after: Floats) -> tuple[Floats, Counts, Counts]:
    """Return the distinct scores, rising, and how many rows of each time have each."""
    pooled, places = np.unique(np.concatenate([before, after]), return_inverse=True)
    earlier = np.bincount(places[: len(before)], minlength=len(pooled))
    later = np.bincount(places[len(before) :], minlength=len(pooled))
    return pooled, earlier.astype(np.int64), later.astype(np.int64)


def _psi(before: Counts, after: Counts) -> float:
    """Return the PSI of rows counted by rising score."""
    below = np.cumsum(before) - before
    _, places = np.unique(np.minimum(below * BINS // before.sum(), BINS - 1), return_inverse=True)
    shares = []
    for counts in (before, after):
        rows = np.bincount(places, counts) + _SMOOTHING
        shares.append(rows / rows.sum())
    earlier, later = shares
    return float((later - earlier) @ np.log(later / earlier))


def _variance(values: Floats) -> float:
    """Return the variance of the mean."""
    return float(values.var(ddof=1) / len(values))


def _normal(value: float, variance: float) -> Estimate:
    half = float(norm.ppf((1 + CONFIDENCE) / 2) * np.sqrt(variance))
    return Estimate(value, value - half, value + half)
