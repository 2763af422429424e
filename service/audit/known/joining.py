"""Pairs joined to groups: a union-find that works on arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Joining", "numbered"]

Ints = NDArray[np.int64]
U64 = NDArray[np.uint64]


class Joining:
    """Know which things are of one group; each group's root is its first thing."""

    def __init__(self, count: int) -> None:
        self._parent = np.arange(count, dtype=np.int64)

    def apart(self, one: Ints, other: Ints) -> NDArray[np.bool_]:
        """Say of pairs whether they are of different groups so far."""
        return np.asarray(self.roots(one) != self.roots(other))

    def join(self, one: Ints, other: Ints) -> None:
        """Join pairs, and all that they are joined to."""
        while len(one):
            here, there = self.roots(one), self.roots(other)
            differ = here != there
            one, other, here, there = one[differ], other[differ], here[differ], there[differ]
            # A root below another becomes its parent; of several that would, the first.
            np.minimum.at(self._parent, np.maximum(here, there), np.minimum(here, there))

    def roots(self, things: Ints) -> Ints:
        """Return the root of each thing."""
        found = self._parent[things]
        while not np.array_equal(above := self._parent[found], found):
            found = above
        self._parent[things] = found
        return found


def numbered(high: U64, low: U64) -> tuple[Ints, Ints]:
    """Return a number for each pair, from 0 in the order in which pairs come first, and where that is."""
    if not len(high):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    order = np.lexsort((low, high))
    new = np.ones(len(order), bool)
    new[1:] = _changes(high[order]) | _changes(low[order])
    first = order[new]  # the sort is stable: the first of a group in order is the first of all
    ranks = np.empty(len(first), np.int64)
    ranks[np.argsort(first)] = np.arange(len(first))
    numbers = np.empty(len(order), np.int64)
    numbers[order] = ranks[np.cumsum(new) - 1]
    return numbers, np.sort(first)


def _changes(values: U64) -> NDArray[np.bool_]:
    return np.asarray(values[1:] != values[:-1])
