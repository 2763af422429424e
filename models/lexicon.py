"""What each word adds to a text's margins, remembered: scoring costs a look-up a word, not a sum of n-grams.

Words repeat: after a few thousand posts nine of ten are known. What is remembered is bounded, holds no
text, and changes no answer: weights are whole numbers, whose sums are the same in any order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.models.cutting import Cut, Cutter
from tocsin.models.features import FeatureSpec, hash_words
from tocsin.models.growing import Growing
from tocsin.models.hash_index import HashIndex
from tocsin.models.portions import portions
from tocsin.text import normalise, piece_all

__all__ = ["Lexicon", "Page"]

_MOST_WORDS: Final = 1 << 18  # and as many pieces: about 50 MB
_CHARACTERS_AT_ONCE: Final = 1 << 16  # of new words: about 10 MB of running hashes
_LETTERS_IN_A_ROW: Final = 3  # fewer are never joined

U64 = NDArray[np.uint64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Table = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Page:
    """Hold the words of some texts of a batch, and what each known word adds.

    ``words[bounds[i]:bounds[i + 1]]`` are those of text ``rows[i]``, in order: rows of `sums`
    ``(known, signals)``, of `sizes`, how many n-grams a word has, and of `firsts` and `lasts`, the
    hashes of its first and last token.
    """

    rows: Ints
    words: Ints
    bounds: Ints
    sums: Ints
    sizes: Ints
    firsts: U64
    lasts: U64

    @property
    def text_of(self) -> Ints:
        """Return which text of the page each word is of."""
        return np.repeat(np.arange(len(self.rows)), np.diff(self.bounds))


class Lexicon:
    """Turn texts as posted into known words; remember them for the texts to come.

    Threads may share one.
    """

    def __init__(self, table: Table, spec: FeatureSpec) -> None:
        self._table = table
        self._spec = spec
        self._lock = Lock()
        self._memory = _Memory(table, spec)

    def pages(self, texts: Sequence[str]) -> list[Page]:
        """Return the words of `texts`: every text is in one page.

        Takes about 200 bytes for each character at its peak: feed long inputs in parts.
        """
        with self._lock:
            return self._fresh().pages(texts)

    def page(self, text: str) -> Page:
        """Return the page of one normalised text."""
        with self._lock:
            return self._fresh().page(text)

    def _fresh(self) -> _Memory:
        """Return the memory, a new one where it is full: pages handed out keep what they need."""
        if self._memory.is_full:
            self._memory = _Memory(self._table, self._spec)
        return self._memory


class _Numbers:
    """Number parts by their keys, as they come; one too long for a key gets a new number each time."""

    def __init__(self) -> None:
        self._index = HashIndex()
        self.count = 0

    def of(self, cut: Cut) -> tuple[Ints, Ints]:
        """Return the number of each part, and where those with a new one stand, by number."""
        ids = self._index.find(cut.keys)
        fresh = np.flatnonzero(ids < 0)
        long = cut.keys[fresh] == 0
        fresh, long = fresh[~long], fresh[long]
        keys, first, place = np.unique(cut.keys[fresh], return_index=True, return_inverse=True)
        numbers = self.count + np.arange(len(keys) + len(long))
        self._index.add(keys, numbers[: len(keys)])
        ids[fresh] = numbers[place]
        ids[long] = numbers[len(keys) :]
        self.count += len(numbers)
        return ids, np.concatenate([fresh[first], long])


class _Memory:
    """Hold what is known of pieces, as posted, and of the words that they are once normal."""

    def __init__(self, table: Table, spec: FeatureSpec) -> None:
        self._table, self._spec = table, spec
        self._cutter = Cutter()
        self._words, self._pieces = _Numbers(), _Numbers()
        self._sums = Growing(np.int64, table.shape[1])
        self._sizes = Growing(np.int64)
        self._firsts = Growing(np.uint64)
        self._lasts = Growing(np.uint64)
        self._depends = Growing(np.bool_)
        self._single = Growing(np.bool_)
        self._parts = Growing(np.int64)  # the words of all pieces, end to end
        self._ends = Growing(np.int64)  # where those of each piece end, after a 0
        self._ends.add(np.zeros(1, np.int64))

    @property
    def is_full(self) -> bool:
        return max(self._words.count, self._pieces.count) > _MOST_WORDS

    def pages(self, texts: Sequence[str]) -> list[Page]:
        cut = self._cutter.cut(texts)
        ids, bounds = self._piece_ids(cut), cut.bounds
        whole = self._needs_whole(ids, bounds)
        if not whole.any():
            return [self._page(np.arange(len(texts)), *self._words_of(ids, bounds))]
        by_piece, by_text = np.flatnonzero(~whole), np.flatnonzero(whole)
        lengths = np.diff(bounds)
        ids = ids[np.repeat(~whole, lengths)]
        normal = self._cutter.cut([normalise(texts[row]) for row in by_text.tolist()])
        return [
            self._page(by_piece, *self._words_of(ids, _bounds(lengths[by_piece]))),
            self._page(by_text, self._word_ids(normal), normal.bounds),
        ]

    def page(self, text: str) -> Page:
        cut = self._cutter.cut([text])
        return self._page(np.zeros(1, np.int64), self._word_ids(cut), cut.bounds)

    def _page(self, rows: Ints, words: Ints, bounds: Ints) -> Page:
        return Page(
            rows, words, bounds, self._sums.rows, self._sizes.rows, self._firsts.rows, self._lasts.rows
        )

    def _needs_whole(self, ids: Ints, bounds: Ints) -> Flags:
        """Say of each text whether it is more than its pieces: `tocsin.text.parted`, for many at a time."""
        text_of = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
        needs = np.zeros(len(bounds) - 1, np.bool_)
        needs[text_of[self._depends.rows[ids]]] = True
        single = self._single.rows[ids]
        if single.any():
            ends = self._ends.rows
            stays = single | (ends[ids + 1] > ends[ids])  # pieces of which nothing is left do not count
            single, text_of = single[stays], text_of[stays]
            last = _LETTERS_IN_A_ROW - 1
            row = text_of[last:] == text_of[: len(text_of) - last]
            for step in range(_LETTERS_IN_A_ROW):
                row = row & single[step : len(single) - last + step]
            needs[text_of[last:][row]] = True
        return needs

    def _words_of(self, ids: Ints, bounds: Ints) -> tuple[Ints, Ints]:
        """Return the words of pieces, and where each text's begin."""
        ends = self._ends.rows
        starts, counts = ends[ids], ends[ids + 1] - ends[ids]
        by_piece = _bounds(counts)
        places = np.repeat(starts - by_piece[:-1], counts) + np.arange(by_piece[-1])
        return self._parts.rows[places], by_piece[bounds]

    def _piece_ids(self, cut: Cut) -> Ints:
        ids, fresh = self._pieces.of(cut)
        if len(fresh):
            found = piece_all(cut.parts(fresh))
            words = self._cutter.cut(found.texts)
            self._depends.add(_marked(found.depends, len(fresh)))
            self._single.add(_marked(found.single, len(fresh)))
            self._ends.add(len(self._parts.rows) + words.bounds[1:])
            self._parts.add(self._word_ids(words))
        return ids

    def _word_ids(self, cut: Cut) -> Ints:
        ids, fresh = self._words.of(cut)
        for part in portions(cut.parts(fresh), _CHARACTERS_AT_ONCE):
            grams = hash_words(part, self._spec)
            # In the order of words; that of a word's n-grams does not matter.
            keys = np.sort(grams.words << self._spec.bits | grams.buckets, kind="stable")
            sizes = np.bincount(grams.words, minlength=len(part))
            weights = self._table.take(keys & (self._spec.buckets - 1), axis=0)
            self._sums.add(np.add.reduceat(weights, _bounds(sizes)[:-1], axis=0, dtype=np.int64))
            self._sizes.add(sizes)
            self._firsts.add(grams.firsts)
            self._lasts.add(grams.lasts)
        return ids


def _bounds(lengths: Ints) -> Ints:
    """Return where each of things laid end to end begins, and where the last ends."""
    bounds = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=bounds[1:])
    return bounds


def _marked(places: Sequence[int], rows: int) -> Flags:
    marks = np.zeros(rows, np.bool_)
    marks[np.array(places, np.int64)] = True
    return marks
