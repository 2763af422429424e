"""How alike two texts are, and keys under which near-copies meet: MinHash with banding.

Broder, "On the resemblance and containment of documents", 1997; Leskovec, Rajaraman and Ullman,
"Mining of Massive Datasets", 2014, chapter 3.
"""

from __future__ import annotations

import unicodedata
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from tocsin.models.rolling_hash import mixed, powers
from tocsin.text import normalise

__all__ = ["NEAR", "bands", "jaccard", "shingles"]

NEAR: Final = 0.8
"""The share of their shingles that near-copies have in common, at least."""

U64 = NDArray[np.uint64]

_LENGTH: Final = 5  # characters of a shingle
_BANDS: Final = 8
_ROWS: Final = 4
_AT_ONCE: Final = 4096  # shingles: 1 MiB of hashes, however long a text is
_BASE: Final = 0x9E3779B97F4A7C15
_POWERS: Final = powers(_BASE, _LENGTH)

# Bands are kept in databases: to change a seed is to forget every near-copy so far.
_SEEDS: Final = mixed(np.arange(1, 2 * _BANDS * _ROWS + _BANDS + 1, dtype=np.uint64) * np.uint64(_BASE))
_FACTORS, _SUMMANDS, _BAND_SEEDS = np.split(_SEEDS, [_BANDS * _ROWS, 2 * _BANDS * _ROWS])
_FACTORS |= np.uint64(1)  # modulo 2**64, multiplying by an odd number is a permutation


class _Separators(dict[int, str]):
    """Map punctuation to a blank and an apostrophe to nothing; remember each answer."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = kept = " " if unicodedata.category(character).startswith("P") else character
        return kept


_SEPARATORS: Final = _Separators({ord("'"): ""})


def shingles(text: str) -> U64:
    """Return the hashes of the distinct runs of five characters in `text`, ascending.

    They run over the words of the normalised text, single blanks between them: case, accents,
    punctuation and white space do not count, links and handles are one word each. A text of fewer
    characters is one shingle, one of punctuation alone is read as it stands, a blank one has none.
    """
    normalised = normalise(text)
    words = " ".join(normalised.translate(_SEPARATORS).split()) or normalised
    # A lone surrogate is a code point like any other here.
    codes = np.frombuffer(words.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
    if not len(codes):
        return codes
    characters = mixed(codes + np.uint64(1))
    length = min(len(characters), _LENGTH)
    return np.unique(mixed(sliding_window_view(characters, length) @ _POWERS[:length]))


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
    keys = _BAND_SEEDS
    for row in minima.reshape(_BANDS, _ROWS).T:
        keys = mixed(keys * np.uint64(_BASE) + row)
    return tuple(keys.view(np.int64).tolist())


def _permuted(shingles: U64) -> U64:
    """Return ``(permutations, shingles)`` numbers: shingles are hashes already, so a line spreads them."""
    return shingles * _FACTORS[:, None] + _SUMMANDS[:, None]


def jaccard(one: U64, other: U64) -> float:
    """Return the share of the shingles of two texts that both have, from 0 to 1.

    Where neither has any, that is 0: blank texts are not copies of each other.
    """
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / max(len(one) + len(other) - common, 1)
