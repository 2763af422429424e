"""Where strata end: ranges of density that all deserve as many labels."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["EDGES", "bins_of", "cuts"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_OCTAVES: Final = (-7, 24)
_FINENESS: Final = 256  # edges an octave: a bin is a quarter of a percent wide
EDGES: Final[Floats] = np.exp2(np.arange(_OCTAVES[0] * _FINENESS, _OCTAVES[1] * _FINENESS + 1) / _FINENESS)


def bins_of(density: Floats) -> Ints:
    """Return the bin of each density: how many of `EDGES` are at most as high."""
    return np.asarray(np.searchsorted(EDGES, density, side="right"), np.int64)


def cuts(rows: Ints, densities: Floats, strata: int) -> Ints:
    """Return the bins, ``(found,)`` and rising, at which a new stratum begins, the first aside.

    `rows` and `densities` are ``(bins,)``: how many rows fall in each bin, and the sum of their densities.
    Strata get equal sums, so that each is given as many labels: the near-optimal rule of Wright (1983, JASA
    78) and of Särndal, Swensson and Wretman (1992, chapter 12). Where many rows have one density there are
    fewer strata. Each has at least two rows.
    """
    reached = np.cumsum(densities)
    wanted = reached[-1] * np.arange(1, strata) / strata
    found: list[int] = []
    begun = 0
    counted = np.concatenate([[0], np.cumsum(rows)])
    for place in np.searchsorted(reached, wanted) + 1:
        if counted[place] - counted[begun] >= _LEAST and counted[-1] - counted[place] >= _LEAST:
            found.append(int(place))
            begun = int(place)
    return np.array(found, np.int64)


_LEAST: Final = 2
