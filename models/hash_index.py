"""Keys and their numbers, many at a time: an open hash table in NumPy."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["HashIndex"]

_FIRST_BITS: Final = 12
_FREE: Final = np.uint64(0)

U64 = NDArray[np.uint64]
Ints = NDArray[np.int64]


class HashIndex:
    """Number keys, which are spread evenly over 64 bits and never 0, from any number on.

    Linear probing (Knuth 1973, 6.4), at most half full.
    """

    def __init__(self) -> None:
        self._bits = _FIRST_BITS
        self._keys: U64 = np.zeros(1 << self._bits, np.uint64)
        self._numbers: Ints = np.full(1 << self._bits, -1, np.int64)
        self._used = 0

    def __len__(self) -> int:
        """Return how many keys have a number."""
        return self._used

    def find(self, keys: U64) -> Ints:
        """Return the number of each key, -1 for one that has none."""
        slots = self._slots(keys)
        there = self._keys[slots]
        found = self._numbers[slots]
        astray = np.flatnonzero((there != keys) & (there != _FREE))
        while len(astray):
            slots[astray] = (slots[astray] + 1) & self._mask
            there = self._keys[slots[astray]]
            found[astray] = self._numbers[slots[astray]]
            astray = astray[(there != keys[astray]) & (there != _FREE)]
        return found

    def add(self, keys: U64, numbers: Ints) -> None:
        """Give distinct keys that have none their numbers."""
        self._used += len(keys)
        if 2 * self._used > len(self._keys):
            self._grow()
        self._place(keys, numbers)

    def _place(self, keys: U64, numbers: Ints) -> None:
        slots = self._slots(keys)
        left = np.arange(len(keys))
        while len(left):
            free = left[self._keys[slots[left]] == _FREE]
            self._keys[slots[free]] = keys[free]  # of those that share a slot, the last one gets it
            self._numbers[slots[free]] = numbers[free]
            left = left[self._keys[slots[left]] != keys[left]]
            slots[left] = (slots[left] + 1) & self._mask

    def _grow(self) -> None:
        taken = self._keys != _FREE
        keys, numbers = self._keys[taken], self._numbers[taken]
        while 2 * self._used > 1 << self._bits:
            self._bits += 1
        self._keys = np.zeros(1 << self._bits, np.uint64)
        self._numbers = np.full(1 << self._bits, -1, np.int64)
        self._place(keys, numbers)

    def _slots(self, keys: U64) -> Ints:
        return (keys >> np.uint64(64 - self._bits)).astype(np.int64)

    @property
    def _mask(self) -> int:
        return (1 << self._bits) - 1
