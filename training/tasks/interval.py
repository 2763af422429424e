"""How sure a figure on test rows is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Interval", "bootstrapped"]

_DRAWS: Final = 1_000
_TAIL: Final = 0.025
_SEED: Final = 20_261_122

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """Hold a figure with its 95% interval."""

    value: float
    low: float
    high: float


def bootstrapped(statistics: Callable[[Floats], Mapping[str, float]], rows: int) -> Mapping[str, Interval]:
    """Return each statistic with its percentile bootstrap interval (Efron 1979): 1,000 draws, fixed seed.

    `statistics` takes how often each of `rows` rows was drawn. A draw that has no figure, NaN, is left out.
    The interval tells what other test rows may say of the same model, not what another training may.
    """
    generator = np.random.default_rng(_SEED)
    told = [statistics(_resampled(generator, rows)) for _ in range(_DRAWS)]
    return {
        name: Interval(value, *_percentiles([one[name] for one in told]))
        for name, value in statistics(np.ones(rows)).items()
    }


def _resampled(generator: np.random.Generator, rows: int) -> Floats:
    return np.bincount(generator.integers(rows, size=rows), minlength=rows).astype(np.float64)


def _percentiles(found: list[float]) -> tuple[float, float]:
    low, high = np.nanquantile(found, [_TAIL, 1 - _TAIL])
    return float(low), float(high)
