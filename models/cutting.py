"""Many texts cut at their white space at once, each part with a key that stands for it.

The key of a part is the sum, modulo 2**64, of what its characters stand for times a factor for their place
(multilinear hashing, Carter and Wegman 1979), both drawn at random for each cutter. Two different
parts share a key with a probability of about 2**-58, whichever they are, to everyone who does not know
what was drawn. (A rolling hash would not do: modulo 2**64 there are parts that share a key under every base.)
Nothing can be read off a key.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.models.rolling_hash import mixed

__all__ = ["LONGEST", "Cut", "Cutter"]

LONGEST: Final = 64  # characters of a part that has a key
_LOW_BITS: Final = 12

U64 = NDArray[np.uint64]
Ints = NDArray[np.int64]
Codes = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Cut:
    """Hold the parts of texts: part ``i`` is ``joined[starts[i]:ends[i]]``.

    Those of text ``j`` are ``bounds[j]`` to ``bounds[j + 1]``. ``keys[i]`` is 0 where a part is too
    long to have one.
    """

    joined: str
    starts: Ints
    ends: Ints
    bounds: Ints
    keys: U64

    def parts(self, places: Ints) -> list[str]:
        """Return the parts at some places."""
        spans = zip(self.starts[places].tolist(), self.ends[places].tolist(), strict=True)
        return [self.joined[start:end] for start, end in spans]

    def has_long(self) -> NDArray[np.bool_]:
        """Say of each text whether a part of it is too long to have a key."""
        long = np.concatenate([[0], np.cumsum(self.keys == 0)])
        return np.asarray(long[self.bounds[1:]] > long[self.bounds[:-1]])


class Cutter:
    """Cut texts; keys of one cutter can be compared with one another, and with no others."""

    def __init__(self) -> None:
        draw = np.random.Generator(np.random.PCG64(secrets.randbits(128)))
        self._factors: U64 = draw.integers(0, 1 << 64, LONGEST, np.uint64)
        self._low: U64 = draw.integers(0, 1 << 64, 1 << _LOW_BITS, np.uint64)
        self._high: U64 = draw.integers(0, 1 << 64, (sys.maxunicode >> _LOW_BITS) + 1, np.uint64)
        self._high[0] = 0

    def cut(self, texts: Sequence[str]) -> Cut:
        """Return the parts of `texts` that white space leaves, as `str.split` does.

        Takes about 60 bytes for each character: feed long inputs in parts.
        """
        joined = "\n" + "\n".join(texts) + "\n"
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
        white = _WHITE.take(codes, mode="clip")
        edges = np.flatnonzero(white[1:] != white[:-1]) + 1
        starts, ends = edges[::2], edges[1::2]
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        first = np.concatenate([[1], np.cumsum(lengths + 1) + 1])
        return Cut(joined, starts, ends, np.searchsorted(starts, first), self._keys(codes, starts, ends))

    def _keys(self, codes: Codes, starts: Ints, ends: Ints) -> U64:
        if not len(starts):
            return np.empty(0, np.uint64)
        places = np.arange(len(codes))
        places[starts[0] :] -= np.repeat(starts, np.diff(starts, append=len(codes)))
        sums = np.cumsum(self._meanings(codes) * self._factors.take(places, mode="clip"))
        keys = mixed(sums[ends - 1] - sums[starts - 1]) | np.uint64(1)
        keys[ends - starts > LONGEST] = 0
        return np.asarray(keys)

    def _meanings(self, codes: Codes) -> U64:
        """Return what each character stands for."""
        meanings = self._low[codes & ((1 << _LOW_BITS) - 1)]
        high = np.flatnonzero(codes >> _LOW_BITS)
        meanings[high] += self._high[codes[high] >> _LOW_BITS]
        return np.asarray(meanings)


def _white_space() -> NDArray[np.bool_]:
    """Mark the code points that `str.split` parts at; the last stands for all above."""
    codes = [code for code in range(sys.maxunicode + 1) if chr(code).isspace()]
    table = np.zeros(max(codes) + 2, np.bool_)
    table[codes] = True
    return table


_WHITE: Final = _white_space()
