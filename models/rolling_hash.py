"""What rolling hashes are made of, modulo 2**64."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["mixed", "powers"]

U64 = NDArray[np.uint64]

_MIX: Final = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)  # the finaliser of splitmix64 (Steele et al. 2014)


def powers(base: int, count: int) -> U64:
    """Return ``base**0`` to ``base**(count - 1)`` modulo 2**64."""
    factors = np.full(count, base, np.uint64)
    factors[:1] = 1
    return np.cumprod(factors, dtype=np.uint64)


def mixed(hashes: U64) -> U64:
    """Spread every bit of a hash over all of them."""
    spread = hashes ^ (hashes >> np.uint64(30))
    spread *= np.uint64(_MIX[0])
    spread ^= spread >> np.uint64(27)
    spread *= np.uint64(_MIX[1])
    spread ^= spread >> np.uint64(31)
    return spread
