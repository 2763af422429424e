"""How alike two texts are: the share of their shingles that both have.

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

__all__ = ["BASE", "LENGTH", "NEAR", "characters", "jaccard", "runs", "shingles", "words"]

NEAR: Final = 0.8
"""The share of their shingles that near-copies have in common, at least."""

U64 = NDArray[np.uint64]

LENGTH: Final = 5  # characters of a shingle
BASE: Final = 0x9E3779B97F4A7C15
_POWERS: Final = powers(BASE, LENGTH)


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
    hashes = characters(words(normalise(text)))
    return np.unique(runs(hashes)) if len(hashes) else hashes


def words(normalised: str) -> str:
    """Return the words of a normalised text, or all of it where it has none."""
    return " ".join(normalised.translate(_SEPARATORS).split()) or normalised


def characters(text: str) -> U64:
    """Return a hash for each character."""
    # A lone surrogate is a code point like any other here.
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
    return mixed(codes + np.uint64(1)) if len(codes) else codes


def runs(hashes: U64) -> U64:
    """Return a hash for each run of five characters, of fewer than five for all of them together."""
    length = min(len(hashes), LENGTH)
    return mixed(sliding_window_view(hashes, length) @ _POWERS[:length])


def jaccard(one: U64, other: U64) -> float:
    """Return the share of the shingles of two texts that both have, from 0 to 1.

    Where neither has any, that is 0: blank texts are not copies of each other.
    """
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / max(len(one) + len(other) - common, 1)
