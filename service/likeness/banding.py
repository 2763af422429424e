"""Keys under which near-copies meet: MinHash with banding (Broder 1997; Leskovec et al. 2014, chapter 3)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.models.rolling_hash import mixed
from tocsin.service.likeness.shingles import BASE

__all__ = ["BANDS", "MINIMA", "bands", "keys_of", "permuted"]

U64 = NDArray[np.uint64]

BANDS: Final = 8
MINIMA: Final = 4  # of a band
_AT_ONCE: Final = 4096  # shingles: 1 MiB of hashes, however long a text is

# Bands are kept in databases: to change a seed is to forget every near-copy so far.
_SEEDS: Final = mixed(np.arange(1, 2 * BANDS * MINIMA + BANDS + 1, dtype=np.uint64) * np.uint64(BASE))
_FACTORS, _SUMMANDS, _BAND_SEEDS = np.split(_SEEDS, [BANDS * MINIMA, 2 * BANDS * MINIMA])
_FACTORS |= np.uint64(1)  # modulo 2**64, multiplying by an odd number is a permutation


def bands(shingles: U64) -> tuple[int, ...]:
    """Return eight signed 64-bit keys, or none for no shingles: near-copies share at least one.

    Each stands for the minima of four permutations. Two sets whose likeness is s share a key with
    probability 1 - (1 - s**4)**8: .985 at .8, .9999 at .9, .06 at .3. Equal minima in different
    bands have different keys. Seeds are fixed: a normalised text has the same keys everywhere. Who
    knows them can make texts meet that are not alike: `jaccard` tells.
    """
    if not len(shingles):
        return ()
    parts = (shingles[first : first + _AT_ONCE] for first in range(0, len(shingles), _AT_ONCE))
    minima = np.min([_permuted(part).min(axis=1) for part in parts], axis=0)
    return tuple(keys_of(minima[None])[0].tolist())


def keys_of(minima: U64) -> NDArray[np.int64]:
    """Return ``(texts, bands)`` keys from ``(texts, bands * minima)`` minima."""
    keys = np.broadcast_to(_BAND_SEEDS, (len(minima), BANDS))
    for row in np.moveaxis(minima.reshape(len(minima), BANDS, MINIMA), 2, 0):
        keys = mixed(keys * np.uint64(BASE) + row)
    return np.asarray(keys.view(np.int64), np.int64)


def permuted(shingles: U64, permutation: int) -> U64:
    """Return the place of each shingle in one of the permutations that the bands are made of."""
    return np.asarray(shingles * _FACTORS[permutation] + _SUMMANDS[permutation], np.uint64)


def _permuted(shingles: U64) -> U64:
    """Return ``(permutations, shingles)`` numbers: shingles are hashes already, so a line spreads them."""
    return shingles * _FACTORS[:, None] + _SUMMANDS[:, None]
