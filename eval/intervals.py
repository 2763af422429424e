"""How sure a figure is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

__all__ = ["DRAWS", "Estimate", "bootstrapped", "proportion"]

DRAWS: Final = 1_000
CONFIDENCE: Final = 0.95
_SEED: Final = 20_261_122

Floats = NDArray[np.float64]
Statistics = Callable[[Floats], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Estimate:
    """Hold a figure with its 95% interval."""

    value: float
    low: float
    high: float


def bootstrapped(statistics: Statistics, rows: int, draws: int = DRAWS) -> Mapping[str, Estimate]:
    """Return each statistic with its percentile bootstrap interval (Efron 1979), fixed seed.

    `statistics` takes ``(rows,)`` weights, how often each row was drawn, and returns its figures by
    name, NaN where a draw has none (no positive in it); such draws are left out.
    """
    generator = np.random.default_rng(_SEED)
    values = statistics(np.ones(rows))
    drawn = [
        statistics(np.bincount(generator.integers(rows, size=rows), minlength=rows).astype(np.float64))
        for _ in range(draws)
    ]
    tail = (1 - CONFIDENCE) / 2
    estimates = {}
    for name, value in values.items():
        low, high = np.nanquantile([draw[name] for draw in drawn], [tail, 1 - tail])
        estimates[name] = Estimate(float(value), float(low), float(high))
    return estimates


def proportion(hits: int, rows: int) -> Estimate:
    """Return a share with its Wilson interval (Wilson 1927); `rows` must be at least 1."""
    interval = binomtest(hits, rows).proportion_ci(CONFIDENCE, method="wilson")
    return Estimate(hits / rows, float(interval.low), float(interval.high))
