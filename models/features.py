"""Hashed word and character n-grams of a batch of texts, in NumPy alone.

Every n-gram's hash comes from one running sum over the whole batch: with ``P[i]`` the sum of
``c[j] * B**j`` for ``j < i``, the characters ``s`` to ``e`` hash to ``(P[e] - P[s]) * B**-s``,
modulo 2**64, wherever they stand (Karp and Rabin 1987, with an odd base, which has an inverse).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = ["FeatureSpec", "GramSpans", "Grams", "gram_spans", "hash_texts"]

U64 = NDArray[np.uint64]
Ints = NDArray[np.int64]

_BASE: Final = 0x9E3779B97F4A7C15
_INVERSE: Final = pow(_BASE, -1, 1 << 64)
_MIX: Final = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)  # the finaliser of splitmix64 (Steele et al. 2014)
_WORD_SEED: Final = 0x100
_SPACE: Final = 0x20


class FeatureSpec(BaseModel):
    """Declare which n-grams a model reads and how many buckets they are hashed into.

    Character n-grams of `char_min` to `char_max` stay within a word and the blanks beside it;
    word n-grams run from one word to `word_max`. There are ``2**bits`` buckets.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    bits: int = Field(default=18, ge=8, le=24)
    char_min: int = Field(default=2, ge=1, le=8)
    char_max: int = Field(default=5, ge=1, le=8)
    word_max: int = Field(default=2, ge=1, le=4)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.char_min > self.char_max:
            raise ValueError(f"char_min must be at most char_max ({self.char_max}), was {self.char_min}")
        return self

    @property
    def buckets(self) -> int:
        """Return the number of buckets."""
        return 1 << self.bits


@dataclass(frozen=True, slots=True)
class Grams:
    """Hold the distinct n-grams of each text of a batch, as rows of a sparse matrix.

    ``buckets[pointers[i]:pointers[i + 1]]`` are those of text ``i``, ascending. Two n-grams of a
    text that share a bucket count once.
    """

    buckets: Ints
    pointers: Ints

    @property
    def sizes(self) -> Ints:
        """Return how many distinct n-grams each text has."""
        return np.diff(self.pointers)


@dataclass(frozen=True, slots=True)
class GramSpans:
    """Hold every occurrence of an n-gram in one normalised text: its bucket, and where it stands.

    The ends lie within the text: a blank that pads it belongs to nobody.
    """

    buckets: Ints
    starts: Ints
    ends: Ints


def hash_texts(texts: Sequence[str], spec: FeatureSpec) -> Grams:
    """Return the hashed n-grams of normalised `texts`.

    Takes about 150 bytes for each character at its peak: feed long inputs in parts.
    """
    batch = _Batch(texts)
    keys = [
        (batch.text_of[starts] << spec.bits) | (hashes >> np.uint64(64 - spec.bits)).astype(np.int64)
        for hashes, starts, _ in _grams(batch, spec)
    ]
    ordered = np.sort(np.concatenate(keys))
    distinct = ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if ordered.size else ordered
    pointers = np.searchsorted(distinct, np.arange(len(texts) + 1, dtype=np.int64) << spec.bits)
    return Grams(distinct & (spec.buckets - 1), pointers.astype(np.int64))


def gram_spans(text: str, spec: FeatureSpec) -> GramSpans:
    """Return every n-gram of one normalised `text` with its place in it."""
    parts = list(_grams(_Batch([text]), spec))
    hashes, starts, ends = (np.concatenate(column) for column in zip(*parts, strict=True))
    return GramSpans(
        (hashes >> np.uint64(64 - spec.bits)).astype(np.int64),
        np.clip(starts - 1, 0, len(text)),
        np.clip(ends - 1, 0, len(text)),
    )


class _Batch:
    """Hold texts end to end, each between blanks, with their running hash."""

    def __init__(self, texts: Sequence[str]) -> None:
        joined = "".join(f" {text} " for text in texts)
        # A lone surrogate is a code point like any other here.
        self.codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
        lengths = np.fromiter((len(text) + 2 for text in texts), np.int64, len(texts))
        self.text_of: Ints = np.repeat(np.arange(len(texts), dtype=np.int64), lengths)
        size = len(self.codes)
        powers = _powers(_BASE, size)
        self._inverses = _powers(_INVERSE, size)
        self._sums: U64 = np.zeros(size + 1, np.uint64)
        np.cumsum(_mixed(self.codes.astype(np.uint64) + np.uint64(1)) * powers, out=self._sums[1:])
        self.blank = self.codes == _SPACE

    def hashes(self, starts: Ints, ends: Ints) -> U64:
        """Return the hash of the characters from each of `starts` to its end."""
        difference: U64 = self._sums[ends] - self._sums[starts]
        return difference * self._inverses[starts]


Part = tuple[U64, Ints, Ints]


def _grams(batch: _Batch, spec: FeatureSpec) -> Iterator[Part]:
    """Yield hashes, starts and ends, family by family."""
    for length in range(spec.char_min, spec.char_max + 1):
        yield _characters(batch, length)
    yield from _words(batch, spec.word_max)


def _characters(batch: _Batch, length: int) -> Part:
    """Return the n-grams of `length` characters that hold blanks at their ends at most."""
    starts = np.arange(max(len(batch.codes) - length + 1, 0), dtype=np.int64)
    ends = starts + length
    blanks = np.concatenate([[0], np.cumsum(batch.blank)])
    inner = blanks[ends - 1] - blanks[np.minimum(starts + 1, ends - 1)]
    edges = batch.blank[starts].astype(np.int64) + batch.blank[ends - 1]
    fits = (inner == 0) & (edges < min(length, 2)) & (batch.text_of[starts] == batch.text_of[ends - 1])
    starts, ends = starts[fits], ends[fits]
    return _mixed(batch.hashes(starts, ends) + np.uint64(length)), starts, ends


def _words(batch: _Batch, longest: int) -> Iterator[Part]:
    """Yield the n-grams of words: runs of word characters, every other sign by itself."""
    starts, ends = _tokens(batch)
    hashes = _mixed(batch.hashes(starts, ends) + np.uint64(_WORD_SEED))
    yield hashes, starts, ends
    text_of = batch.text_of[starts]
    for length in range(2, longest + 1):
        count = max(len(starts) - length + 1, 0)
        joint = hashes[:count].copy()
        for step in range(1, length):
            joint = joint * np.uint64(_BASE) + hashes[step : step + count]
        together = text_of[:count] == text_of[length - 1 :]
        yield (
            _mixed(joint + np.uint64(_WORD_SEED + length))[together],
            starts[:count][together],
            ends[length - 1 :][together],
        )


def _tokens(batch: _Batch) -> tuple[Ints, Ints]:
    """Return where each word begins and ends."""
    sign = _SIGNS[np.minimum(batch.codes, len(_SIGNS) - 1)]
    inside = ~batch.blank & ~sign
    before = np.concatenate([[False], inside[:-1]])
    after = np.concatenate([inside[1:], [False]])
    starts = np.flatnonzero((inside & ~before) | sign)
    ends = np.flatnonzero((inside & ~after) | sign) + 1
    return starts, ends


def _sign_table() -> NDArray[np.bool_]:
    """Mark the code points that stand by themselves: punctuation that is no part of a word."""
    table = np.zeros(0x3100, np.bool_)
    for first, last in ((0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E), (0xA1, 0xBF)):
        table[first : last + 1] = True
    for first, last in ((0x2010, 0x205E), (0x3001, 0x3020)):
        table[first : last + 1] = True
    table[[ord(character) for character in "'_#@"]] = False
    table[-1] = False
    return table


_SIGNS: Final = _sign_table()


def _powers(base: int, count: int) -> U64:
    """Return ``base**0`` to ``base**(count - 1)`` modulo 2**64."""
    powers = np.full(count, base, np.uint64)
    powers[:1] = 1
    return np.cumprod(powers, dtype=np.uint64)


def _mixed(hashes: U64) -> U64:
    """Spread every bit of a hash over all of them."""
    mixed = hashes ^ (hashes >> np.uint64(30))
    mixed *= np.uint64(_MIX[0])
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(_MIX[1])
    mixed ^= mixed >> np.uint64(31)
    return mixed
