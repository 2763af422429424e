"""How sure a figure is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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


def bootstrapped(
    statistics: Statistics, rows: int, draws: int = DRAWS, of_draws: Statistics | None = None
) -> Mapping[str, Estimate]:
    """Return each statistic with its percentile bootstrap interval (Efron 1979), fixed seed.

    `statistics` takes ``(rows,)`` weights, how often each row was drawn, and returns its figures by
    name, NaN where a draw has none (no positive in it); such draws are left out. `of_draws` stands
    in for it on the draws, where a figure corrects for noise: a draw has that of drawing, too.
    """
    values = statistics(np.ones(rows))
    drawn = [(of_draws or statistics)(weights) for weights in _resampled(rows, draws)]
    return {name: _percentiles(value, [draw[name] for draw in drawn]) for name, value in values.items()}


def _resampled(rows: int, draws: int = DRAWS) -> Iterator[Floats]:
    """Yield how often each of `rows` rows comes up in as many draws with replacement, fixed seed."""
    generator = np.random.default_rng(_SEED)
    for _ in range(draws):
        yield np.bincount(generator.integers(rows, size=rows), minlength=rows).astype(np.float64)


def _percentiles(value: float, drawn: Sequence[float]) -> Estimate:
    """Return a figure with the interval that 95% of the drawn ones lie in, NaN left out."""
    tail = (1 - CONFIDENCE) / 2
    low, high = np.nanquantile(drawn, [tail, 1 - tail])
    return Estimate(float(value), float(low), float(high))


def proportion(hits: int, rows: int) -> Estimate:
    """Return a share with its Wilson interval (Wilson 1927); `rows` must be at least 1."""
    interval = binomtest(hits, rows).proportion_ci(CONFIDENCE, method="wilson")
    return Estimate(hits / rows, float(interval.low), float(interval.high))
