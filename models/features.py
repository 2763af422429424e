"""Hashed n-grams of words, in NumPy alone: what a model reads of a text.

A text is its distinct words, which blanks part, and the pairs of neighbouring tokens across words.
All that a word adds is a function of the word: it can be remembered (`tocsin.models.lexicon`).

Every n-gram's hash comes from one running sum over a whole batch of words: with ``P[i]`` the sum of
``c[j] * B**j`` for ``j < i``, the characters ``s`` to ``e`` hash to ``(P[e] - P[s]) * B**-s``,
modulo 2**64, wherever they stand (Karp and Rabin 1987, with an odd base, which has an inverse).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from tocsin.models.rolling_hash import mixed, powers

__all__ = ["FeatureSpec", "WordGrams", "hash_pairs", "hash_words", "words_of"]

U64 = NDArray[np.uint64]
Ints = NDArray[np.int64]

_BASE: Final = 0x9E3779B97F4A7C15
_INVERSE: Final = pow(_BASE, -1, 1 << 64)
_WORD_SEED: Final = 0x100
_SPACE: Final = 0x20


class FeatureSpec(BaseModel):
    """Declare which n-grams a model reads and how many buckets they are hashed into.

    Character n-grams of `char_min` to `char_max` stay within a word and the blanks beside it; a
    token (a run of word characters, or a sign) counts by itself and, if `word_max` is 2, with the
    next one. There are ``2**bits`` buckets.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    bits: int = Field(default=18, ge=8, le=24)
    char_min: int = Field(default=2, ge=1, le=8)
    char_max: int = Field(default=5, ge=1, le=8)
    word_max: int = Field(default=2, ge=1, le=2)

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
class WordGrams:
    """Hold every n-gram of each word of a batch, as often as it stands there.

    N-gram ``i`` belongs to word ``words[i]`` and falls into ``buckets[i]``, in no order. `firsts`
    and `lasts`, one a word, are the hashes of its first and last token: for `hash_pairs`.
    """

    words: Ints
    buckets: Ints
    firsts: U64
    lasts: U64


def words_of(text: str) -> list[str]:
    """Return the words of a normalised text: what its blanks part."""
    return text.split(" ") if text else []


def hash_words(words: Sequence[str], spec: FeatureSpec) -> WordGrams:
    """Return the hashed n-grams of `words`, none of which is empty or holds a blank.

    Takes about 150 bytes for each character at its peak: feed many words in parts.
    """
    if not words:
        none = np.empty(0, np.int64)
        return WordGrams(none, none, np.empty(0, np.uint64), np.empty(0, np.uint64))
    batch = _Batch(words)
    tokens = _tokens(batch)
    firsts, lasts = _edges(batch, tokens, len(words))
    parts = [_characters(batch, length) for length in range(spec.char_min, spec.char_max + 1)]
    parts += [tokens, _pairs(batch, tokens)] if spec.word_max > 1 else [tokens]
    hashes, places = (np.concatenate(column) for column in zip(*parts, strict=True))
    return WordGrams(batch.word_of[places], _buckets(hashes, spec), firsts, lasts)


def hash_pairs(lefts: U64, rights: U64, spec: FeatureSpec) -> Ints:
    """Return the buckets of pairs of tokens: the last of one word, the first of the next."""
    return _buckets(_joint(lefts, rights), spec)


def _buckets(hashes: U64, spec: FeatureSpec) -> Ints:
    return (hashes >> np.uint64(64 - spec.bits)).astype(np.int64)


class _Batch:
    """Hold words end to end, each between blanks, with their running hash."""

    def __init__(self, words: Sequence[str]) -> None:
        joined = "".join(f" {word} " for word in words)
        # A lone surrogate is a code point like any other here.
        self.codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
        lengths = np.fromiter((len(word) + 2 for word in words), np.int64, len(words))
        self.word_of: Ints = np.repeat(np.arange(len(words), dtype=np.int64), lengths)
        size = len(self.codes)
        ascending = powers(_BASE, size)
        self._inverses = powers(_INVERSE, size)
        self._sums: U64 = np.zeros(size + 1, np.uint64)
        np.cumsum(mixed(self.codes.astype(np.uint64) + np.uint64(1)) * ascending, out=self._sums[1:])
        self.blank = self.codes == _SPACE

    def hashes(self, starts: Ints, ends: Ints) -> U64:
        """Return the hash of the characters from each of `starts` to its end."""
        difference: U64 = self._sums[ends] - self._sums[starts]
        return difference * self._inverses[starts]


Part = tuple[U64, Ints]  # hashes, and where each n-gram starts


def _characters(batch: _Batch, length: int) -> Part:
    """Return the n-grams of `length` characters within a word and the blanks beside it."""
    starts = np.arange(max(len(batch.codes) - length + 1, 0), dtype=np.int64)
    ends = starts + length
    within = batch.word_of[starts] == batch.word_of[ends - 1]
    within &= ~(batch.blank[starts] & batch.blank[ends - 1])  # a whole word is a token already
    starts, ends = starts[within], ends[within]
    return mixed(batch.hashes(starts, ends) + np.uint64(length)), starts


def _pairs(batch: _Batch, tokens: Part) -> Part:
    """Return the pairs of neighbouring tokens within a word."""
    hashes, starts = tokens
    together = batch.word_of[starts[:-1]] == batch.word_of[starts[1:]]
    return _joint(hashes[:-1], hashes[1:])[together], starts[:-1][together]


def _joint(lefts: U64, rights: U64) -> U64:
    return mixed(lefts * np.uint64(_BASE) + rights + np.uint64(_WORD_SEED + 2))


def _edges(batch: _Batch, tokens: Part, words: int) -> tuple[U64, U64]:
    """Return the hashes of the first and the last token of each word; every word has one."""
    hashes, starts = tokens
    bounds = np.searchsorted(batch.word_of[starts], np.arange(words + 1))
    return hashes[bounds[:-1]], hashes[bounds[1:] - 1]


def _tokens(batch: _Batch) -> Part:
    """Return the tokens: runs of word characters, every other sign by itself."""
    sign = _SIGNS[np.minimum(batch.codes, len(_SIGNS) - 1)]
    inside = ~batch.blank & ~sign
    before = np.concatenate([[False], inside[:-1]])
    after = np.concatenate([inside[1:], [False]])
    starts = np.flatnonzero((inside & ~before) | sign)
    ends = np.flatnonzero((inside & ~after) | sign) + 1
    return mixed(batch.hashes(starts, ends) + np.uint64(_WORD_SEED)), starts


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
