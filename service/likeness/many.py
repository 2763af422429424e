"""Shingles of many texts at a time, kept as keys and sketches: what a loop over texts finds, sooner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.service.likeness.banding import BANDS, MINIMA, keys_of, permuted
from tocsin.service.likeness.shingles import LENGTH, characters, runs, words
from tocsin.service.likeness.sketches import EMPTY, SKETCH

__all__ = ["Hashed", "hash_many"]

U64 = NDArray[np.uint64]
Ints = NDArray[np.int64]

_AT_ONCE: Final = 1 << 20  # characters
_TOP: Final = np.uint64(32)


@dataclass(frozen=True, slots=True)
class Hashed:
    """Hold what is kept of ``(texts,)`` texts.

    `distinct` is how many shingles differ, 0 of a blank text. `bands` are ``(texts, BANDS)``, 0 for blank
    ones. `sketch` has the sketches one after the other, of `lengths` hashes each.
    """

    distinct: NDArray[np.int32]
    bands: Ints
    lengths: NDArray[np.int32]
    sketch: NDArray[np.uint32]


def hash_many(normalised: Sequence[str]) -> Hashed:
    """Return the keys and the sketch of each normalised text."""
    parts = [_hashed(part) for part in _parts(list(map(words, normalised)))]
    if not parts:
        nothing = np.zeros(0, np.int32)
        return Hashed(nothing, np.zeros((0, BANDS), np.int64), nothing, np.zeros(0, np.uint32))
    return Hashed(
        np.concatenate([one.distinct for one in parts]),
        np.concatenate([one.bands for one in parts]),
        np.concatenate([one.lengths for one in parts]),
        np.concatenate([one.sketch for one in parts]),
    )


def _parts(texts: list[str]) -> Iterator[list[str]]:
    first, size = 0, 0
    for place, text in enumerate(texts):
        if size and size + len(text) > _AT_ONCE:
            yield texts[first:place]
            first, size = place, 0
        size += len(text)
    if texts:
        yield texts[first:]


def _hashed(texts: list[str]) -> Hashed:
    owner, hashes = _shingles(texts)
    there, starts = np.unique(owner, return_index=True)
    keys = np.zeros((len(texts), BANDS), np.int64)
    if len(there):
        minima = [np.minimum.reduceat(permuted(hashes, one), starts) for one in range(BANDS * MINIMA)]
        keys[there] = keys_of(np.column_stack(minima))
    distinct = np.bincount(owner[_new(owner, hashes)], minlength=len(texts)).astype(np.int32)
    top = np.minimum((hashes >> _TOP).astype(np.uint32), EMPTY - np.uint32(1))
    new = _new(owner, top)
    owner, top = owner[new], top[new]
    counts = np.bincount(owner, minlength=len(texts))
    kept = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts) < SKETCH
    return Hashed(distinct, keys, np.minimum(counts, SKETCH).astype(np.int32), top[kept])


def _new(owner: Ints, values: NDArray[np.unsignedinteger]) -> NDArray[np.bool_]:
    """Say of values, sorted by owner and value, which differ from the one before."""
    new = np.ones(len(owner), bool)
    new[1:] = (owner[1:] != owner[:-1]) | (values[1:] != values[:-1])
    return new


def _shingles(texts: list[str]) -> tuple[Ints, U64]:
    """Return the shingles of all texts, and which text each is of, sorted by text and hash."""
    lengths = np.array([len(text) for text in texts], np.int64)
    codes = characters("".join(texts))
    owner = np.repeat(np.arange(len(texts)), lengths)
    ends = np.repeat(np.cumsum(lengths), lengths)
    whole = np.flatnonzero(np.arange(len(codes)) + LENGTH <= ends)
    found = [(owner[whole], runs(codes)[whole])] if len(whole) else []
    first = np.cumsum(lengths) - lengths
    for place in np.flatnonzero((lengths > 0) & (lengths < LENGTH)).tolist():
        one = codes[first[place] : first[place] + lengths[place]]
        found.append((np.array([place]), runs(one)))
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.uint64)
    owners, hashes = (np.concatenate(columns) for columns in zip(*found, strict=True))
    order = np.lexsort((hashes, owners))
    return owners[order], hashes[order]
