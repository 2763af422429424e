"""The gamma distribution by NumPy alone: how much of it lies below a value, and how densely."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["gamma_below", "gamma_density"]

Floats = NDArray[np.float64]

_LARGE: Final = 400.0  # from here on the cube root is normal, within 2e-5
_MOST_TERMS: Final = 1000
_CHECKED: Final = 8  # terms after which to look whether they are enough
_CLOSE: Final = 1e-14
_TINY: Final = 1e-300
_normal = np.vectorize(NormalDist().cdf, otypes=[np.float64])
_log_gamma = np.vectorize(math.lgamma, otypes=[np.float64])


def gamma_below(values: Floats, shape: Floats) -> Floats:
    """Return the share of a gamma distribution of scale 1 that lies below each value.

    `shape` is positive; both broadcast. It is the regularised incomplete gamma function P(shape, value): its
    series (NIST Digital Library of Mathematical Functions, 8.7.1 with 8.2.6) below ``shape + 1``, one less
    the even part of its continued fraction (8.9.2) above; from a shape of 400 on the approximation of Wilson
    and Hilferty (1931), which errs by less than 2e-5.
    """
    x, k = np.broadcast_arrays(np.asarray(values, np.float64), np.asarray(shape, np.float64))
    below = np.zeros(x.shape)
    large, low, high = _regions(x, k)
    below[large] = _normal((np.cbrt(x[large] / k[large]) - 1 + 1 / (9 * k[large])) * 3 * np.sqrt(k[large]))
    below[low] = _series(x[low], k[low])
    below[high] = 1 - _fraction(x[high], k[high])
    return np.asarray(np.clip(below, 0.0, 1.0))


def gamma_density(values: Floats, shape: Floats) -> Floats:
    """Return the density of a gamma distribution of scale 1 at each value; 0 at 0 and below."""
    x, k = np.broadcast_arrays(np.asarray(values, np.float64), np.asarray(shape, np.float64))
    density = np.zeros(x.shape)
    told = x > 0
    density[told] = _power(x[told], k[told]) / x[told]
    return density


def _regions(x: Floats, k: Floats) -> tuple[NDArray[np.bool_], ...]:
    above, large = x > 0, k >= _LARGE
    return above & large, above & ~large & (x < k + 1), above & ~large & (x >= k + 1)


def _power(x: Floats, k: Floats) -> Floats:
    """Return x^k e^-x / Γ(k)."""
    return np.asarray(np.exp(k * np.log(x) - x - _log_gamma(k)) if x.size else x)


def _series(x: Floats, k: Floats) -> Floats:
    term = total = np.ones_like(x)
    for count in range(1, _MOST_TERMS):
        term = term * x / (k + count)
        total = total + term
        if count % _CHECKED == 0 and not np.any(term > _CLOSE * total):
            break
    return np.asarray(_power(x, k) / k * total)


def _fraction(x: Floats, k: Floats) -> Floats:
    """Return what lies above, by Lentz's evaluation of the continued fraction."""
    b = x + 1 - k
    c, d = np.full_like(x, 1 / _TINY), 1 / b
    whole = d
    for count in range(1, _MOST_TERMS):
        a = -count * (count - k)
        b = b + 2
        d = 1 / _off_zero(a * d + b)
        c = _off_zero(b + a / c)
        whole = whole * d * c
        if count % _CHECKED == 0 and not np.any(np.abs(d * c - 1) > _CLOSE):
            break
    return np.asarray(_power(x, k) * whole)


def _off_zero(values: Floats) -> Floats:
    return np.asarray(np.where(np.abs(values) < _TINY, _TINY, values))
