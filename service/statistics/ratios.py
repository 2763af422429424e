"""Intervals for what two shares make together: their ratio, and their difference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Limits", "apart", "part_of_both"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Limits:
    """Hold an estimate and the ends of its interval."""

    value: Floats
    low: Floats
    high: Floats


def part_of_both(part: Limits, rest: Limits) -> Limits:
    """Return the interval of ``part / (part + rest)`` for two independent estimates that cannot be negative.

    By the method of variance estimates recovery for ratios (Donner and Zou 2012, Statistical Methods in
    Medical Research 21; Newcombe 2016, 25), which for symmetric intervals is Fieller's (1954), applied to
    ``rest / part``: it needs the interval of each alone and is as lopsided as they are. NaN where both
    estimates are 0; an end that nothing bounds is 0 or 1.
    """
    a, b = np.maximum(part.value, 0.0), np.maximum(rest.value, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        most = _most(a, b, part.low, rest.high)
        least = _least(a, b, part.high, rest.low)
        value = a / (a + b)
    none = np.isnan(value)
    return Limits(
        np.asarray(value),
        np.where(none, np.nan, np.minimum(1 / (1 + most), value)),
        np.where(none, np.nan, np.maximum(1 / (1 + least), value)),
    )


def _most(a: Floats, b: Floats, low_a: Floats, high_b: Floats) -> Floats:
    """Return the upper end of the interval of b / a, infinity where a may be nothing."""
    divisor = low_a * (2 * a - low_a)
    found = (a * b + _root(a * b, divisor, high_b * (2 * b - high_b))) / divisor
    return np.asarray(np.where(divisor > 0, found, np.inf))


def _least(a: Floats, b: Floats, high_a: Floats, low_b: Floats) -> Floats:
    """Return the lower end, in a form that does not divide by what may be 0."""
    gained = low_b * (2 * b - low_b)
    found = gained / (a * b + _root(a * b, high_a * (2 * a - high_a), gained))
    return np.asarray(np.where(gained > 0, found, 0.0))


def _root(product: Floats, one: Floats, other: Floats) -> Floats:
    return np.asarray(np.sqrt(np.maximum(product**2 - one * other, 0.0)))


def apart(one: Limits, other: Limits) -> Limits:
    """Return the interval of ``one - other`` for two independent estimates.

    By recovering each one's variance from its own limits (Zou and Donner 2008, Statistics in Medicine 27),
    which for plain proportions is Newcombe's hybrid score interval (1998).
    """
    value = one.value - other.value
    return Limits(
        np.asarray(value),
        value - np.sqrt((one.value - one.low) ** 2 + (other.high - other.value) ** 2),
        value + np.sqrt((one.high - one.value) ** 2 + (other.value - other.low) ** 2),
    )
