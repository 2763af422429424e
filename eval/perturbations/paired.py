"""How sure the difference of two shares of the same rows is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tocsin.eval.statistics.intervals import Estimate, wilson

__all__ = ["paired"]

Flags = NDArray[np.bool_]


def paired(first: Flags, second: Flags) -> Estimate:
    """Return the share of rows flagged first less that flagged second, of the same ``(rows,)``, one at least.

    The interval is Newcombe's for paired rows (Newcombe 1998, "Improved confidence intervals for the
    difference between binomial proportions based on paired data", method 10): Wilson limits of both
    shares, joined by how far the two agree.
    """
    a, b = wilson(float(first.mean()), len(first)), wilson(float(second.mean()), len(second))
    agreement = _agreement(first, second)
    apart = a.value - b.value
    return Estimate(
        apart,
        apart - _joined(a.value - a.low, b.high - b.value, agreement),
        apart + _joined(a.high - a.value, b.value - b.low, agreement),
    )


def _joined(one: float, other: float, agreement: float) -> float:
    return float(np.sqrt(max(one**2 - 2 * agreement * one * other + other**2, 0)))


def _agreement(first: Flags, second: Flags) -> float:
    """Return the phi coefficient, corrected for continuity, 0 where either is the same of all rows."""
    both, neither = int((first & second).sum()), int((~first & ~second).sum())
    only_first, only_second = int((first & ~second).sum()), int((~first & second).sum())
    product = (
        float(both + only_first) * (only_second + neither) * (both + only_second) * (only_first + neither)
    )
    if not product:
        return 0.0
    excess = both * neither - only_first * only_second
    corrected = excess if excess < 0 else max(excess - len(first) / 2, 0)
    return float(corrected / np.sqrt(product))
