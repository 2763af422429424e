"""What words add to a text's margins: the sums of the weights of their n-grams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.models.features import FeatureSpec, hash_words, words_of

__all__ = ["Added", "Adder", "Page", "bounds_of"]

U64 = NDArray[np.uint64]
Ints = NDArray[np.int64]
Table = NDArray[np.int16]
Sums = NDArray[np.int32] | NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Added:
    """Hold what words add, a row a word.

    `sums` is ``(words, signals)``, the weights of its n-grams; `sizes` how many n-grams it has; `firsts`
    and `lasts` the hashes of its first and last token.
    """

    sums: Sums
    sizes: Ints
    firsts: U64
    lasts: U64


@dataclass(frozen=True, slots=True)
class Page:
    """Hold the words of some texts of a batch, and what each known word adds.

    ``words[bounds[i]:bounds[i + 1]]`` are those of text ``rows[i]``, in order, as rows of `known`.
    """

    rows: Ints
    words: Ints
    bounds: Ints
    known: Added

    @property
    def text_of(self) -> Ints:
        """Return which text of the page each word is of."""
        return np.repeat(np.arange(len(self.rows)), np.diff(self.bounds))


@dataclass(frozen=True, slots=True)
class Adder:
    """Sum the weights of words' n-grams."""

    table: Table
    spec: FeatureSpec

    def added(self, words: Sequence[str]) -> Added:
        """Return what each of `words` adds."""
        grams = hash_words(words, self.spec)
        # In the order of words; that of a word's n-grams does not matter.
        keys = np.sort(grams.words << self.spec.bits | grams.buckets, kind="stable")
        sizes = np.bincount(grams.words, minlength=len(words))
        weights = self.table.take(keys & (self.spec.buckets - 1), axis=0)
        sums = np.add.reduceat(weights, bounds_of(sizes)[:-1], axis=0, dtype=np.int64)
        return Added(sums, sizes, grams.firsts, grams.lasts)

    def page(self, normal: Sequence[str], rows: Ints) -> Page:
        """Return a page of texts whose words are not remembered."""
        numbers: dict[str, int] = {}
        ids = [[numbers.setdefault(word, len(numbers)) for word in words_of(text)] for text in normal]
        return Page(
            rows,
            np.array([number for text in ids for number in text]),
            bounds_of(np.array([len(text) for text in ids])),
            self.added(list(numbers)),
        )


def bounds_of(lengths: Ints) -> Ints:
    """Return where each of things laid end to end begins, and where the last ends."""
    bounds = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=bounds[1:])
    return bounds
