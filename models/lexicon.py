"""What each word adds to a text's margins, remembered: scoring costs a look-up a word, not a sum of n-grams.

Words repeat: after a few thousand posts nine of ten are known. What is remembered is bounded, holds no
text, and changes no answer: weights are whole numbers, whose sums are the same in any order.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Final
from weakref import WeakSet

import numpy as np
from numpy.typing import NDArray

from tocsin.models.adder import Adder, Page
from tocsin.models.cutting import Cutter
from tocsin.models.features import FeatureSpec
from tocsin.models.portions import portions
from tocsin.models.word_memory import CHARACTERS_AT_ONCE, WordMemory
from tocsin.text import normalise

__all__ = ["Lexicon"]

Ints = NDArray[np.int64]
Table = NDArray[np.int16]


class Lexicon:
    """Turn texts as posted into known words; remember them for the texts to come.

    Threads may share one. A child process and a copy begin with nothing remembered.
    """

    def __init__(self, table: Table, spec: FeatureSpec) -> None:
        self._adder = Adder(table, spec)
        self._cutter = Cutter()
        self.forget()
        _LEXICONS.add(self)

    def __reduce__(self) -> tuple[type[Lexicon], tuple[Table, FeatureSpec]]:
        return Lexicon, (self._adder.table, self._adder.spec)

    def forget(self) -> None:
        """Begin anew, with a lock that nobody holds."""
        self._lock = Lock()
        self._memory: WordMemory | None = None

    def pages(self, texts: Sequence[str]) -> Iterator[Page]:
        """Yield the words of `texts`: every text is in one page.

        Takes about 200 bytes for each character at its peak: feed long inputs in parts.
        """
        cut = self._cutter.cut(texts)
        with self._safe() as memory:
            page, rest = memory.by_piece(cut)
        yield page
        normal = [normalise(texts[row]) for row in rest.tolist()]  # others may read meanwhile
        yield from self._in_portions(normal, rest)

    def normal_pages(self, normal: Sequence[str]) -> Iterator[Page]:
        """Yield the words of texts that are normalised already: every text is in one page."""
        yield from self._in_portions(normal, np.arange(len(normal)))

    def page(self, text: str) -> Page:
        """Return the page of one normalised text."""
        return next(self._whole([text], np.zeros(1, np.int64)))

    def _in_portions(self, normal: Sequence[str], rows: Ints) -> Iterator[Page]:
        first = 0
        for portion in portions(normal, CHARACTERS_AT_ONCE):
            yield from self._whole(portion, rows[first : first + len(portion)])
            first += len(portion)

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
    def _safe(self) -> Iterator[WordMemory]:
        """Hand out the memory, for one thread at a time; begin anew when it is full or anything fails.

        What was interrupted may have numbered words that it has not summed: worse than forgetting.
        """
        with self._lock:
            memory, self._memory = self._memory, None
            if memory is None or memory.is_full:
                memory = WordMemory(self._adder, self._cutter)  # pages handed out keep what they need
            yield memory
            self._memory = memory


_LEXICONS: Final[WeakSet[Lexicon]] = WeakSet()


def _forget_all() -> None:
    for lexicon in _LEXICONS:
        lexicon.forget()


if hasattr(os, "register_at_fork"):  # a lock that another thread held would never be released
    os.register_at_fork(after_in_child=_forget_all)
