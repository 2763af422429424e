"""Pearson's distribution of type III: a gamma that is shifted, stretched and, where need be, mirrored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.service.statistics.gamma import gamma_below, gamma_density

__all__ = ["Pearson3"]

Floats = NDArray[np.float64]

_LEAST_SKEW: Final = 1e-3  # less than that is a normal distribution


@dataclass(frozen=True, slots=True)
class Pearson3:
    """Hold the distributions with these first three moments, arrays of one shape.

    `third` is the third central moment. A variance of 0 is all of it in one point.
    """

    mean: Floats
    variance: Floats
    third: Floats

    def below(self, values: Floats) -> Floats:
        """Return the share below or at each value."""
        shape, x = self._standard(values)
        found = gamma_below(x, shape)
        found = np.where(self.third < 0, 1 - found, found)
        return np.asarray(np.where(self.variance > 0, found, values >= self.mean))

    def density(self, values: Floats) -> Floats:
        """Return the density at each value, 0 where all is in one point."""
        shape, x = self._standard(values)
        scale = np.sqrt(shape) / np.sqrt(np.where(self.variance > 0, self.variance, 1.0))
        return np.asarray(np.where(self.variance > 0, gamma_density(x, shape) * scale, 0.0))

    def _standard(self, values: Floats) -> tuple[Floats, Floats]:
        """Return the gamma's shape, and the values as that gamma has them."""
        variance = np.where(self.variance > 0, self.variance, 1.0)
        skew = np.maximum(np.abs(self.third) / variance**1.5, _LEAST_SKEW)
        shape = 4 / skew**2
        side = np.where(self.third < 0, -1.0, 1.0)
        return shape, side * (values - self.mean) / np.sqrt(variance) * np.sqrt(shape) + shape
