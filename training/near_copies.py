"""Posts that are nearly the same: proposed by locality-sensitive hashing, then compared in full."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from datasketch import MinHash
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.process import cpdist

__all__ = ["SIMILARITY", "near_copies"]

SIMILARITY: Final = 90.0  # per cent, normalised indel similarity of the keys
_SHINGLE: Final = 3
_BANDS: Final = 48
_BAND_ROWS: Final = 4  # a pair with 40% of its shingles in common is compared with probability .71, 60%: .999
_REACH: Final = 100  # of texts that share a band, each is compared with so many that follow it
_SEED: Final = 1
_AT_ONCE: Final = 500_000

Places = NDArray[np.int64]


def near_copies(keys: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield every pair of places whose keys are at least 90% similar but not the same.

    MinHash with banding (Broder 1997; Leskovec, Rajaraman and Ullman 2014, chapter 3) proposes
    pairs; only those that are truly as similar count. A pair may be missed, none is made up.
    """
    distinct = {key: place for place, key in reversed(list(enumerate(keys)))}
    texts = sorted(distinct)
    lengths = np.array([len(text) for text in texts])
    one, other = _proposed(_signatures(texts), lengths)
    for first in range(0, len(one), _AT_ONCE):
        these, those = one[first : first + _AT_ONCE].tolist(), other[first : first + _AT_ONCE].tolist()
        similar = cpdist(
            [texts[place] for place in these],
            [texts[place] for place in those],
            scorer=fuzz.ratio,
            score_cutoff=SIMILARITY,
        )
        for place in np.flatnonzero(similar).tolist():
            yield distinct[texts[these[place]]], distinct[texts[those[place]]]


def _signatures(texts: Sequence[str]) -> NDArray[np.uint32]:
    """Return ``(texts, bands * rows)`` minima of the hashes of each text's shingles."""
    count = _BANDS * _BAND_ROWS
    hashes = MinHash.generator(map(_shingles, texts), num_perm=count, seed=_SEED, hashfunc=zlib.crc32)
    found = np.zeros((len(texts), count), np.uint32)
    for place, hashed in enumerate(hashes):
        found[place] = hashed.hashvalues
    return found


def _proposed(signatures: NDArray[np.uint32], lengths: NDArray[np.int64]) -> tuple[Places, Places]:
    """Return the pairs that share a band and are not too unlike in length to be similar."""
    count = len(signatures)
    found = [np.empty(0, np.int64)]
    for first in range(0, signatures.shape[1], _BAND_ROWS):
        band = np.ascontiguousarray(signatures[:, first : first + _BAND_ROWS])
        words = band.view(np.dtype((np.void, band.itemsize * _BAND_ROWS))).ravel()
        _, bands = np.unique(words, return_inverse=True)
        order = np.argsort(bands, kind="stable")
        found.extend(_neighbours(bands[order], order, lengths))
    pairs = np.sort(np.concatenate(found))  # np.unique hashes whole numbers: 50 times slower for millions
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]
    return pairs // max(count, 1), pairs % max(count, 1)


def _neighbours(bands: Places, order: Places, lengths: NDArray[np.int64]) -> Iterator[Places]:
    """Yield pairs within each run of equal bands, as one number a pair, the lesser place first."""
    for distance in range(1, min(_REACH, len(order))):
        same = np.flatnonzero(bands[distance:] == bands[:-distance])
        if not len(same):
            return
        one = np.minimum(order[same], order[same + distance])
        other = np.maximum(order[same], order[same + distance])
        # The indel similarity of two texts is at most twice the shorter length over both.
        shorter = np.minimum(lengths[one], lengths[other])
        likely = 200 * shorter >= SIMILARITY * (lengths[one] + lengths[other])
        yield (one * len(order) + other)[likely]


def _shingles(key: str) -> list[bytes]:
    """Return the key's runs of three characters, the whole of a shorter one."""
    count = max(len(key) - _SHINGLE + 1, 1)
    return [
        run.encode("utf-8", "surrogatepass")
        for run in {key[first : first + _SHINGLE] for first in range(count)}
    ]
