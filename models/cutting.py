"""Many texts cut at their white space at once, each part with a key that stands for it.

The key of a part is its rolling hash under a base drawn at random: nothing is kept of the part itself,
and nobody who does not know the base can tell which parts share a key. Two different parts of up to
`LONGEST` characters do so with a probability of about 2**-60; longer ones could be made to, whatever the
base (the sequence of Thue and Morse, modulo a power of two), and have none.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.models.rolling_hash import mixed, powers

__all__ = ["LONGEST", "Cut", "Cutter"]

LONGEST: Final = 64

U64 = NDArray[np.uint64]
Ints = NDArray[np.int64]


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


class Cutter:
    """Cut texts; keys of one cutter can be compared with one another, and with no others."""

    def __init__(self) -> None:
        self._base = secrets.randbits(64) | 1
        self._inverse = pow(self._base, -1, 1 << 64)
        self._powers = self._inverses = np.ones(1, np.uint64)

    def cut(self, texts: Sequence[str]) -> Cut:
        """Return the parts of `texts` that white space leaves, as `str.split` does."""
        joined = "\n" + "\n".join(texts) + "\n"
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
        white = _WHITE.take(codes, mode="clip")
        edges = np.flatnonzero(white[1:] != white[:-1]) + 1
        starts, ends = edges[::2], edges[1::2]
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        first = np.concatenate([[1], np.cumsum(lengths + 1) + 1])
        return Cut(joined, starts, ends, np.searchsorted(starts, first), self._keys(codes, starts, ends))

    def _keys(self, codes: NDArray[np.uint32], starts: Ints, ends: Ints) -> U64:
        if len(codes) > len(self._powers):
            self._powers, self._inverses = powers(self._base, len(codes)), powers(self._inverse, len(codes))
        sums = np.cumsum((codes + np.uint64(1)) * self._powers[: len(codes)])
        keys = mixed((sums[ends - 1] - sums[starts - 1]) * self._inverses[starts]) | np.uint64(1)
        keys[ends - starts > LONGEST] = 0
        return np.asarray(keys)


def _white_space() -> NDArray[np.bool_]:
    """Mark the code points that `str.split` parts at; the last stands for all above."""
    codes = [code for code in range(sys.maxunicode + 1) if chr(code).isspace()]
    table = np.zeros(max(codes) + 2, np.bool_)
    table[codes] = True
    return table


_WHITE: Final = _white_space()
