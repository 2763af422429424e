"""What each word adds to a text's margins, remembered: scoring costs a look-up a word, not a sum of n-grams.

Words repeat: after a few thousand posts nine of ten are known. What is remembered is bounded, holds no
text, and changes no answer: weights are whole numbers, whose sums are the same in any order.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Final
from weakref import WeakSet

import numpy as np
from numpy.typing import NDArray

from tocsin.models.cutting import Cut, Cutter
from tocsin.models.features import FeatureSpec, hash_words, words_of
from tocsin.models.growing import Growing
from tocsin.models.hash_index import HashIndex
from tocsin.models.portions import portions
from tocsin.text import normalise, piece_all

__all__ = ["Lexicon", "Page"]

_MOST_WORDS: Final = 1 << 18  # and as many pieces: about 70 MB
_CHARACTERS_AT_ONCE: Final = 1 << 16  # of new words: about 10 MB of running hashes
_LETTERS_IN_A_ROW: Final = 3  # fewer are never joined

U64 = NDArray[np.uint64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Table = NDArray[np.int16]
Sums = NDArray[np.int32] | NDArray[np.int64]


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
    sums: Sums
    sizes: Ints
    firsts: U64
    lasts: U64

    @property
    def text_of(self) -> Ints:
        """Return which text of the page each word is of."""
        return np.repeat(np.arange(len(self.rows)), np.diff(self.bounds))


class Lexicon:
    """Turn texts as posted into known words; remember them for the texts to come.

    Threads may share one. A child process and a copy begin with nothing remembered.
    """

    def __init__(self, table: Table, spec: FeatureSpec) -> None:
        self._adder = _Adder(table, spec)
        self._cutter = Cutter()
        self.forget()
        _LEXICONS.add(self)

    def __reduce__(self) -> tuple[type[Lexicon], tuple[Table, FeatureSpec]]:
        return Lexicon, (self._adder.table, self._adder.spec)

    def forget(self) -> None:
        """Begin anew, with a lock that nobody holds."""
        self._lock = Lock()
        self._memory: _Memory | None = None

    def pages(self, texts: Sequence[str]) -> Iterator[Page]:
        """Yield the words of `texts`: every text is in one page.

        Takes about 200 bytes for each character at its peak: feed long inputs in parts.
        """
        cut = self._cutter.cut(texts)
        with self._safe() as memory:
            page, rest = memory.by_piece(cut)
        yield page
        normal = [normalise(texts[row]) for row in rest.tolist()]  # others may read meanwhile
        first = 0
        for portion in portions(normal, _CHARACTERS_AT_ONCE):
            yield from self._whole(portion, rest[first : first + len(portion)])
            first += len(portion)

    def page(self, text: str) -> Page:
        """Return the page of one normalised text."""
        return next(self._whole([text], np.zeros(1, np.int64)))

    def _whole(self, normal: Sequence[str], rows: Ints) -> Iterator[Page]:
        """Yield the pages of normalised texts; long words are for once: they have no key to be found by."""
        cut = self._cutter.cut(normal)
        long = cut.has_long()
        if long.any():
            yield self._adder.page([normal[row] for row in np.flatnonzero(long).tolist()], rows[long])
            cut = self._cutter.cut([normal[row] for row in np.flatnonzero(~long).tolist()])
        if not long.all():
            with self._safe() as memory:
                page = memory.page(rows[~long], memory.word_ids(cut), cut.bounds)
            yield page

    @contextmanager
    def _safe(self) -> Iterator[_Memory]:
        """Hand out the memory, for one thread at a time; begin anew when it is full or anything fails.

        What was interrupted may have numbered words that it has not summed: worse than forgetting.
        """
        with self._lock:
            memory, self._memory = self._memory, None
            if memory is None or memory.is_full:
                memory = _Memory(self._adder, self._cutter)  # pages handed out keep what they need
            yield memory
            self._memory = memory


_LEXICONS: Final[WeakSet[Lexicon]] = WeakSet()


def _forget_all() -> None:
    for lexicon in _LEXICONS:
        lexicon.forget()


if hasattr(os, "register_at_fork"):  # a lock that another thread held would never be released
    os.register_at_fork(after_in_child=_forget_all)


@dataclass(frozen=True, slots=True)
class _Added:
    """Hold what words add: see `Page`."""

    sums: Sums
    sizes: Ints
    firsts: U64
    lasts: U64


@dataclass(frozen=True, slots=True)
class _Adder:
    """Sum the weights of words' n-grams."""

    table: Table
    spec: FeatureSpec

    def added(self, words: Sequence[str]) -> _Added:
        """Return what each of `words` adds."""
        grams = hash_words(words, self.spec)
        # In the order of words; that of a word's n-grams does not matter.
        keys = np.sort(grams.words << self.spec.bits | grams.buckets, kind="stable")
        sizes = np.bincount(grams.words, minlength=len(words))
        weights = self.table.take(keys & (self.spec.buckets - 1), axis=0)
        sums = np.add.reduceat(weights, _bounds(sizes)[:-1], axis=0, dtype=np.int64)
        return _Added(sums, sizes, grams.firsts, grams.lasts)

    def page(self, normal: Sequence[str], rows: Ints) -> Page:
        """Return a page of texts whose words are not remembered."""
        numbers: dict[str, int] = {}
        ids = [[numbers.setdefault(word, len(numbers)) for word in words_of(text)] for text in normal]
        added = self.added(list(numbers))
        return Page(
            rows,
            np.array([number for text in ids for number in text]),
            _bounds(np.array([len(text) for text in ids])),
            *(added.sums, added.sizes, added.firsts, added.lasts),
        )


class _Numbers:
    """Number parts by their keys, as they come."""

    def __init__(self) -> None:
        self._index = HashIndex()

    def __len__(self) -> int:
        return len(self._index)

    def of(self, keys: U64) -> tuple[Ints, Ints]:
        """Return the number of each part, and where those with a new one stand, by number."""
        ids = self._index.find(keys)
        fresh = np.flatnonzero(ids < 0)
        new, first, place = np.unique(keys[fresh], return_index=True, return_inverse=True)
        numbers = len(self) + np.arange(len(new))
        self._index.add(new, numbers)
        ids[fresh] = numbers[place]
        return ids, fresh[first]


class _Memory:
    """Hold what is known of pieces, as posted, and of the words that they are once normal."""

    def __init__(self, adder: _Adder, cutter: Cutter) -> None:
        self._adder, self._cutter = adder, cutter
        self._words, self._pieces = _Numbers(), _Numbers()
        self._sums = Growing(np.int32, adder.table.shape[1])  # up to LONGEST characters cannot overflow it
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
        return max(len(self._words), len(self._pieces), len(self._parts.rows) // 2) > _MOST_WORDS

    def by_piece(self, cut: Cut) -> tuple[Page, Ints]:
        """Return the page of the texts that are their pieces, and the rows of those that are not."""
        whole = cut.has_long()
        lengths = np.diff(cut.bounds)
        bounds = _bounds(lengths[~whole])
        ids = self._piece_ids(cut, np.flatnonzero(np.repeat(~whole, lengths)))
        rows = np.flatnonzero(~whole)
        more = self._needs_whole(ids, bounds)
        whole[rows[more]] = True
        ids = ids[np.repeat(~more, np.diff(bounds))]
        words, bounds = self._words_of(ids, _bounds(np.diff(bounds)[~more]))
        return self.page(rows[~more], words, bounds), np.flatnonzero(whole)

    def page(self, rows: Ints, words: Ints, bounds: Ints) -> Page:
        return Page(
            rows, words, bounds, self._sums.rows, self._sizes.rows, self._firsts.rows, self._lasts.rows
        )

    def word_ids(self, cut: Cut) -> Ints:
        """Return the numbers of words, none of which is too long to have a key."""
        ids, fresh = self._words.of(cut.keys)
        for part in portions(cut.parts(fresh), _CHARACTERS_AT_ONCE):
            added = self._adder.added(part)
            self._sums.add(added.sums.astype(np.int32))
            self._sizes.add(added.sizes)
            self._firsts.add(added.firsts)
            self._lasts.add(added.lasts)
        return ids

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

    def _piece_ids(self, cut: Cut, places: Ints) -> Ints:
        ids, fresh = self._pieces.of(cut.keys[places])
        if len(fresh):
            found = piece_all(cut.parts(places[fresh]))
            self._single.add(_marked(found.single, len(fresh)))
            depends = _marked(found.depends, len(fresh))
            first = 0
            for portion in portions(found.texts, _CHARACTERS_AT_ONCE):
                words = self._cutter.cut(portion)
                if (long := words.has_long()).any():  # their texts are read whole, and they by nobody
                    depends[first : first + len(portion)] |= long
                    words = self._cutter.cut(
                        ["" if one else text for text, one in zip(portion, long, strict=True)]
                    )
                self._ends.add(len(self._parts.rows) + words.bounds[1:])
                self._parts.add(self.word_ids(words))
                first += len(portion)
            self._depends.add(depends)
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
