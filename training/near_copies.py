"""Posts that are nearly the same: found by locality-sensitive hashing, then compared in full."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import Final

from datasketch import MinHash, MinHashLSH
from rapidfuzz import fuzz

__all__ = ["SIMILARITY", "near_copies"]

SIMILARITY: Final = 90.0  # per cent, normalised indel similarity of the keys
_SHINGLE: Final = 5
_PERMUTATIONS: Final = 128
_BANDS: Final = (32, 4)  # a pair with half of its shingles in common is compared with probability .87
_SEED: Final = 1


def near_copies(keys: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield every pair of places whose keys are at least 90% similar but not the same.

    MinHash with banding (Broder 1997; Leskovec, Rajaraman and Ullman 2014, chapter 3) proposes
    pairs; only those that are truly as similar count. A pair may be missed, none is made up.
    """
    distinct = {key: place for place, key in reversed(list(enumerate(keys)))}
    index = MinHashLSH(num_perm=_PERMUTATIONS, params=_BANDS)
    texts = sorted(distinct)
    hashes = MinHash.generator(map(_shingles, texts), num_perm=_PERMUTATIONS, seed=_SEED, hashfunc=zlib.crc32)
    for text, hashed in zip(texts, hashes, strict=True):
        for other in index.query(hashed):
            if fuzz.ratio(text, other, score_cutoff=SIMILARITY):
                yield distinct[other], distinct[text]
        index.insert(text, hashed, check_duplication=False)


def _shingles(key: str) -> list[bytes]:
    """Return the key's runs of five characters, the whole of a shorter one."""
    count = max(len(key) - _SHINGLE + 1, 1)
    return [
        run.encode("utf-8", "surrogatepass")
        for run in {key[first : first + _SHINGLE] for first in range(count)}
    ]
