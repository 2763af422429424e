"""A number for each row that looks drawn at random, and is the same whenever it is asked for."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["row_hashes", "shuffled"]

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]

_STEP: Final = np.uint64(0x9E3779B97F4A7C15)
_ROUNDS: Final = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
_LAST: Final = np.uint64(31)
_ORDER: Final = 1  # which of a row's numbers says in what order people see it


def row_hashes(seed: int, source: Ints, place: Ints) -> Hashes:
    """Return a number for each row, evenly spread over 64 bits, by its source and its place.

    SplitMix64 (Steele, Lea and Flood 2014), keyed by the seed. Rows of one source never share a number.
    """
    return _keyed(seed, 0, source, place)


def shuffled(seed: int, source: Ints, place: Ints) -> Hashes:
    """Return other numbers, to put rows in an order that tells nothing of how they were drawn."""
    return _keyed(seed, _ORDER, source, place)


def _keyed(seed: int, use: int, source: Ints, place: Ints) -> Hashes:
    key = _mixed(np.array([2 * seed + use], np.uint64))
    with np.errstate(over="ignore"):
        stream = _mixed(key + source.astype(np.uint64) * _STEP)
        return _mixed(stream + place.astype(np.uint64) * _STEP)


def _mixed(values: Hashes) -> Hashes:
    with np.errstate(over="ignore"):
        found = values + _STEP
        for shift, factor in _ROUNDS:
            found = (found ^ (found >> np.uint64(shift))) * np.uint64(factor)
        return found ^ (found >> _LAST)
