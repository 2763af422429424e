"""Intervals that hold where hits are rare: the gamma intervals of weighted counts, by three moments."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.service.statistics.pearson import Pearson3
from tocsin.service.statistics.spread import Spread

__all__ = ["CONFIDENCE", "at_least", "at_most", "interval"]

Floats = NDArray[np.float64]

CONFIDENCE: Final = 0.95
_STEPS: Final = 80
_CLOSE: Final = 1e-9
_REACH: Final = 20.0  # standard deviations within which every limit lies


def interval(spread: Spread, confidence: float = CONFIDENCE) -> tuple[Floats, Floats]:
    """Return the ends of a two-sided interval for a share, within [0, 1].

    The mid-p gamma interval of Fay and Kim (2017, Biometrical Journal 59) for weighted sums of counts: the
    quantiles of an even mixture of two distributions, that of `at_least` and that of `at_most`. Weighted
    counts give these their mean and variance; here the third moment is the estimate's own too, so that they
    serve for any sum over a stratified sample. Where hits are many that is, to the second order, the
    correction for skewness of Hall (1992, JRSS B 54), and of Kott and Liu (2009, International Statistical
    Review 77) for stratified samples. Neither end lies within the one-sided bounds.
    """
    lower, upper = _lower(spread), _upper(spread)
    tail = (1 - confidence) / 2
    low, high = (_quantile((lower, upper), share) for share in (tail, 1 - tail))
    return (
        np.minimum(low, _quantile((lower,), 1 - confidence)),
        np.maximum(high, _quantile((upper,), confidence)),
    )


def at_least(spread: Spread, confidence: float = CONFIDENCE) -> Floats:
    """Return a share that the true one is at least, by the gamma interval of Fay and Feuer (1997).

    (Statistics in Medicine 16.) The sum is taken as it is; where misses are rare one more miss is added,
    which for a plain proportion is about the bound of Clopper and Pearson (1934).
    """
    return _quantile((_lower(spread),), 1 - confidence)


def at_most(spread: Spread, confidence: float = CONFIDENCE) -> Floats:
    """Return a share that the true one is at most, by the gamma interval of Fay and Feuer (1997).

    One more hit is added to the sum where it counts for most: with no hit at all among `n` labels of equal
    weight that is three in `n`, the rule of three.
    """
    return _quantile((_upper(spread),), confidence)


def _lower(spread: Spread) -> Pearson3:
    # A bound's distribution has twice the skewness of the estimate: a large estimate also scatters more.
    step = spread.less
    return Pearson3(
        spread.value - step.weight * step.share,
        spread.variance + step.weight**2 * step.share,
        2 * spread.third - 2 * step.weight**3 * step.share,
    )


def _upper(spread: Spread) -> Pearson3:
    step = spread.more
    return Pearson3(
        spread.value + step.weight * step.share,
        spread.variance + step.weight**2 * step.share,
        2 * spread.third + 2 * step.weight**3 * step.share,
    )


def _quantile(parts: Sequence[Pearson3], share: float) -> Floats:
    """Return where an even mixture has `share` below, within [0, 1].

    By Newton's steps, halved where they would leave the bracket.
    """
    whole = Pearson3(
        np.stack([np.asarray(part.mean) for part in parts]),
        np.stack([np.asarray(part.variance) for part in parts]),
        np.stack([np.asarray(part.third) for part in parts]),
    )
    reach = _REACH * np.sqrt(whole.variance)
    low, high = (whole.mean - reach).min(axis=0), (whole.mean + reach).max(axis=0)
    start = whole.mean + NormalDist().inv_cdf(share) * np.sqrt(whole.variance)
    close, at = _CLOSE * (high - low), start.mean(axis=0)
    for _ in range(_STEPS):
        error = whole.below(at).mean(axis=0) - share
        low, high = np.where(error < 0, at, low), np.where(error < 0, high, at)
        slope = whole.density(at).mean(axis=0)
        steep = slope * (high - low) > np.abs(error)
        ahead = at - error / np.where(steep, slope, 1.0)
        moved = np.where(steep & (ahead > low) & (ahead < high), ahead, (low + high) / 2)
        done = np.abs(moved - at) <= close
        at = moved
        if done.all():
            break
    return np.asarray(np.clip(at, 0.0, 1.0))
