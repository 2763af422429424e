"""The screen: a linear model over hashed n-grams that reads every text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tocsin.models.adder import Page
from tocsin.models.features import FeatureSpec, hash_pairs
from tocsin.models.lexicon import Lexicon
from tocsin.models.portions import portions
from tocsin.signals import Signal

__all__ = ["Contributions", "Reading", "Screen"]

_CHARACTERS_AT_ONCE: Final = 1 << 18  # about 50 MB while they are read
_WORD: Final = re.compile("[^ ]+")

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_Pages: TypeAlias = Callable[[Sequence[str]], Iterator[Page]]
Table: TypeAlias = NDArray[np.int16] | NDArray[np.int32] | NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Reading:
    """Hold the ``(texts, signals)`` margins of texts and how many words each has; none means no opinion."""

    margins: Floats
    words: Ints


@dataclass(frozen=True, slots=True)
class Contributions:
    """Say what each stretch of one normalised text adds to each signal's margin.

    Stretch ``i`` is ``starts[i]`` to ``ends[i]`` (end exclusive), a word or two neighbours;
    ``weights`` is ``(stretches, signals)``. Weights and `bias` sum to the margin.
    """

    starts: Ints
    ends: Ints
    weights: Floats
    bias: Floats


@dataclass(frozen=True, slots=True)
class Screen:
    """Hold the weights: ``table`` is ``(buckets, signals)``, ``scale`` and ``bias`` ``(signals,)``.

    A weight is a whole number times its signal's scale, so that sums are exact in any order.
    A text's margin is the sum of the weights of its distinct words and pairs of neighbours over the
    square root of the number of their n-grams, plus the bias.
    """

    spec: FeatureSpec
    signals: tuple[Signal, ...]
    table: NDArray[np.int16]
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]
    _lexicon: Lexicon = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_lexicon", Lexicon(self.table, self.spec))

    def read(self, texts: Sequence[str]) -> Reading:
        """Return the margins of texts as posted: the same alone and in any batch, to the bit."""
        return self._read(texts, self._lexicon.pages)

    def read_normal(self, texts: Sequence[str]) -> Reading:
        """Return the margins of texts that are normalised already, here or otherwise, and not again.

        Between their words stand single blanks. For measuring what normalising is worth: weights are
        fitted to what `tocsin.text.normalise` returns.
        """
        return self._read(texts, self._lexicon.normal_pages)

    def margins(self, texts: Sequence[str]) -> Floats:
        """Return the ``(texts, signals)`` margins of texts as posted."""
        return self.read(texts).margins

    def contributions(self, text: str) -> Contributions:
        """Return what every word and pair of words of one normalised text adds; copies share it."""
        places = [match.span() for match in _WORD.finditer(text)]
        starts, ends = np.array(places, np.int64).reshape(-1, 2).T
        page = self._lexicon.page(text)
        _, buckets = self._pairs(page)
        word_weights, word_sizes = _shared(page.words, page.known.sums, page.known.sizes)
        pair_weights, pair_sizes = _shared(buckets, self.table, np.ones(self.spec.buckets, np.int8))
        size = max(word_sizes + pair_sizes, 1)
        return Contributions(
            starts=np.concatenate([starts, starts[: len(buckets)]]),
            ends=np.concatenate([ends, ends[1 : 1 + len(buckets)]]),
            weights=np.concatenate([word_weights, pair_weights]) / np.sqrt(size) * self.scale,
            bias=self.bias.astype(np.float64),
        )

    def _read(self, texts: Sequence[str], pages: _Pages) -> Reading:
        parts = [self._part(part, pages) for part in portions(texts, _CHARACTERS_AT_ONCE)]
        if not parts:
            return Reading(np.empty((0, len(self.signals))), np.empty(0, np.int64))
        return Reading(
            np.concatenate([part.margins for part in parts]), np.concatenate([part.words for part in parts])
        )

    def _part(self, texts: Sequence[str], pages: _Pages) -> Reading:
        margins, words = np.empty((len(texts), len(self.signals))), np.zeros(len(texts), np.int64)
        for page in pages(texts):
            margins[page.rows] = self._margins(page)
            words[page.rows] = np.diff(page.bounds)
        return Reading(margins, words)

    def _margins(self, page: Page) -> Floats:
        texts = len(page.rows)
        text_of, words = _distinct(page.text_of, page.words, len(page.known.sizes))
        sums = _summed(page.known.sums, words, text_of, texts)
        sizes = np.bincount(text_of, page.known.sizes[words], texts)
        text_of, buckets = _distinct(*self._pairs(page), self.spec.buckets)
        sums += _summed(self.table, buckets, text_of, texts)
        sizes += np.bincount(text_of, minlength=texts)
        return np.asarray(sums / np.sqrt(np.maximum(sizes, 1))[:, None] * self.scale + self.bias)

    def _pairs(self, page: Page) -> tuple[Ints, Ints]:
        """Return the pairs of neighbouring words: whose text they are of, and their bucket."""
        text_of = page.text_of
        if self.spec.word_max == 1:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        together = text_of[:-1] == text_of[1:]
        lefts, rights = page.words[:-1][together], page.words[1:][together]
        return text_of[1:][together], hash_pairs(
            page.known.lasts[lefts], page.known.firsts[rights], self.spec
        )


def _distinct(owners: Ints, values: Ints, bound: int) -> tuple[Ints, Ints]:
    """Return the distinct values, each below `bound`, of each owner, by owner."""
    bits = bound.bit_length()
    keys = np.sort(owners << bits | values, kind="stable")  # sooner: owners stand in order
    keys = keys[np.concatenate([[True], keys[1:] != keys[:-1]])] if len(keys) else keys
    return keys >> bits, keys & ((1 << bits) - 1)


def _summed(rows: Table, places: Ints, owners: Ints, texts: int) -> Floats:
    """Return the sum of the rows at `places` for each owner, which stand in order: exact."""
    sums = np.zeros((texts, rows.shape[1]))
    if len(places):
        first = np.flatnonzero(np.concatenate([[True], owners[1:] != owners[:-1]]))
        sums[owners[first]] = np.add.reduceat(rows.take(places, axis=0), first, axis=0, dtype=np.int64)
    return sums


def _shared(places: Ints, rows: Table, sizes: NDArray[np.integer[Any]]) -> tuple[Floats, int]:
    """Return what each place adds where copies share it, and the size of all distinct ones."""
    distinct, back, copies = np.unique(places, return_inverse=True, return_counts=True)
    return rows[places] / copies[back][:, None], int(sizes[distinct].sum())
