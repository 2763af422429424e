"""What is known of words, and of the pieces that they were posted as: keys and sums, no texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.models.adder import Added, Adder, Page, bounds_of
from tocsin.models.cutting import Cut, Cutter
from tocsin.models.growing import Growing
from tocsin.models.hash_index import HashIndex
from tocsin.models.portions import portions
from tocsin.text import LETTERS_IN_A_ROW, piece_all

__all__ = ["CHARACTERS_AT_ONCE", "WordMemory"]

CHARACTERS_AT_ONCE: Final = 1 << 16  # of new words: about 10 MB of running hashes
_MOST_WORDS: Final = 1 << 18  # and as many pieces: about 70 MB

U64 = NDArray[np.uint64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


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


class WordMemory:
    """Hold what is known of pieces, as posted, and of the words that they are once normal."""

    def __init__(self, adder: Adder, cutter: Cutter) -> None:
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
        """Say whether it is time to begin anew."""
        return max(len(self._words), len(self._pieces), len(self._parts.rows) // 2) > _MOST_WORDS

    def by_piece(self, cut: Cut) -> tuple[Page, Ints]:
        """Return the page of the texts that are their pieces, and the rows of those that are not."""
        whole = cut.has_long()
        lengths = np.diff(cut.bounds)
        bounds = bounds_of(lengths[~whole])
        ids = self._piece_ids(cut, np.flatnonzero(np.repeat(~whole, lengths)))
        rows = np.flatnonzero(~whole)
        more = self._needs_whole(ids, bounds)
        whole[rows[more]] = True
        ids = ids[np.repeat(~more, np.diff(bounds))]
        words, bounds = self._words_of(ids, bounds_of(np.diff(bounds)[~more]))
        return self.page(rows[~more], words, bounds), np.flatnonzero(whole)

    def page(self, rows: Ints, words: Ints, bounds: Ints) -> Page:
        """Return the page of texts whose words have these numbers."""
        known = Added(self._sums.rows, self._sizes.rows, self._firsts.rows, self._lasts.rows)
        return Page(rows, words, bounds, known)

    def word_ids(self, cut: Cut) -> Ints:
        """Return the numbers of words, none of which is too long to have a key."""
        ids, fresh = self._words.of(cut.keys)
        for part in portions(cut.parts(fresh), CHARACTERS_AT_ONCE):
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
            last = LETTERS_IN_A_ROW - 1
            row = text_of[last:] == text_of[: len(text_of) - last]
            for step in range(LETTERS_IN_A_ROW):
                row = row & single[step : len(single) - last + step]
            needs[text_of[last:][row]] = True
        return needs

    def _words_of(self, ids: Ints, bounds: Ints) -> tuple[Ints, Ints]:
        """Return the words of pieces, and where each text's begin."""
        ends = self._ends.rows
        starts, counts = ends[ids], ends[ids + 1] - ends[ids]
        by_piece = bounds_of(counts)
        places = np.repeat(starts - by_piece[:-1], counts) + np.arange(by_piece[-1])
        return self._parts.rows[places], by_piece[bounds]

    def _piece_ids(self, cut: Cut, places: Ints) -> Ints:
        ids, fresh = self._pieces.of(cut.keys[places])
        if len(fresh):
            found = piece_all(cut.parts(places[fresh]))
            self._single.add(_marked(found.single, len(fresh)))
            depends = _marked(found.depends, len(fresh))
            first = 0
            for portion in portions(found.texts, CHARACTERS_AT_ONCE):
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


def _marked(places: Sequence[int], rows: int) -> Flags:
    marks = np.zeros(rows, np.bool_)
    marks[np.array(places, np.int64)] = True
    return marks
