"""A text as it stands on the page: what is revealed, with the model's marks, and masks for all else.

A mask tells how many words there are, about how long each is, to four lengths, where lines break, and which
signals have marks in it, so that somebody may choose what to look at. It tells no letter.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

from tocsin.service.api.console.item.marks import Marks
from tocsin.service.review.cutting import Bounds, Cut, cut
from tocsin.service.review.records import Extent, Revealed

__all__ = ["Mask", "Piece", "Reading", "mask", "read"]

_BLOCK: Final = "█"
_WIDTHS: Final = ((2, 2), (5, 4), (9, 7))  # up to so many characters, so many blocks
_WIDEST: Final = 10
_MOST_DRAWN: Final = 2_000  # masked words: of more the page tells how many
_MOST_BUTTONS: Final = 300  # words that have a button each
_MOST_MASKED: Final = 2_000  # characters of a text beside the item's


@dataclass(frozen=True, slots=True)
class Piece:
    """Hold one piece of the page: `text` as it stands, or where `hidden` counts words, blocks for these.

    `part` is what a form sends to reveal it, None where it is too far on to be drawn.
    """

    text: str = field(repr=False)
    signals: tuple[str, ...] = ()
    hidden: int = 0
    part: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Hold a text's pieces, its words and how many of them are shown, and what one press reveals next."""

    pieces: Sequence[Piece]
    words: int
    shown: int
    next: str | None
    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mask:
    """Hold blocks in a text's place and how many words they stand for; `more` says that it goes on."""

    blocks: str
    words: int
    more: bool


def read(text: str, spans: Sequence[Mapping[str, Any]], shown: Revealed, step: str) -> Reading:
    """Return a text as `shown` leaves it; `step` is what one press reveals: word, sentence or whole."""
    marks, found = Marks(spans, len(text)), cut(text)
    if shown.whole or not found.words:
        pieces = [Piece(text[start:end], signals) for start, end, signals in marks.runs(0, len(text))]
        return Reading(pieces, len(found.words), len(found.words), None, marks.signals)
    page = _Page(text, found, marks, shown, by_word=step == Extent.WORD.value)
    return Reading(tuple(page.pieces()), len(found.words), page.count, page.next(step), marks.signals)


def mask(text: str) -> Mask:
    """Return what stands in a whole text's place."""
    head = text[:_MOST_MASKED]
    page = _Page(head, cut(head), Marks((), len(head)), Revealed(), by_word=False)
    pieces = list(page.pieces())
    words = sum(piece.hidden for piece in pieces)
    return Mask("".join(piece.text for piece in pieces), words, more=len(text) > len(head))


class _Page:
    def __init__(self, text: str, found: Cut, marks: Marks, shown: Revealed, *, by_word: bool) -> None:
        self._text, self._cut, self._marks = text, found, marks
        self._shown = [
            sentence in shown.sentences or word in shown.words
            for sentence, bounds in enumerate(found.sentences)
            for word in range(*bounds)
        ]
        self.count = sum(self._shown)
        self._by_word = by_word and len(self._shown) - self.count <= _MOST_BUTTONS
        self._drawn = 0

    def next(self, step: str) -> str | None:
        """Return what one press reveals."""
        if all(self._shown):
            return None
        if step == Extent.WHOLE.value:
            return step
        word = self._shown.index(False)
        return f"word:{word}" if step == Extent.WORD.value else f"sentence:{self._sentence(word)}"

    def pieces(self) -> Iterator[Piece]:
        """Yield the pieces of the page; what is not shown leaves nothing but its masks."""
        left_out = 0
        end = 0
        for is_shown, words in self._stretches():
            start = self._cut.words[words[0]][0]
            if not is_shown and self._drawn >= _MOST_DRAWN:
                left_out += len(words)
                continue
            if left_out:
                yield Piece("", hidden=left_out)
                left_out = 0
            if gap := self._gap(end, start):
                yield Piece(gap)
            yield from self._plain(words) if is_shown else self._masked(words)
            end = self._cut.words[words[-1]][1]
        if left_out:
            yield Piece("", hidden=left_out)

    def _stretches(self) -> Iterator[tuple[bool, range]]:
        """Yield stretches of words that are all shown, and stretches of one sentence that is not."""
        sentences = [place for place, bounds in enumerate(self._cut.sentences) for _ in range(*bounds)]
        keys = ((shown, -1 if shown else sentences[word]) for word, shown in enumerate(self._shown))
        for (shown, _), words in groupby(enumerate(keys), key=lambda one: one[1]):
            first, *rest = (word for word, _ in words)
            yield shown, range(first, first + len(rest) + 1)

    def _plain(self, words: range) -> Iterator[Piece]:
        stretch = self._bounds(words)
        for start, end, signals in self._marks.runs(*stretch):
            yield Piece(self._text[start:end], signals)

    def _masked(self, words: range) -> Iterator[Piece]:
        self._drawn += len(words)
        if self._by_word:
            for before, word in zip((None, *words), words, strict=False):
                if before is not None and (gap := self._between(before, word)):
                    yield Piece(gap)
                bounds = self._cut.words[word]
                yield Piece(_blocks(bounds), self._marks.within(*bounds), 1, f"word:{word}")
            return
        blocks = "".join(
            ("" if word == words[0] else self._between(word - 1, word)) + _blocks(self._cut.words[word])
            for word in words
        )
        signals = self._marks.within(*self._bounds(words))
        yield Piece(blocks, signals, len(words), f"sentence:{self._sentence(words[0])}")

    def _bounds(self, words: range) -> Bounds:
        return self._cut.words[words[0]][0], self._cut.words[words[-1]][1]

    def _between(self, word: int, following: int) -> str:
        return self._gap(self._cut.words[word][1], self._cut.words[following][0])

    def _gap(self, start: int, end: int) -> str:
        """Return one blank for the blanks beside a mask, or that a line ends there."""
        gap = self._text[start:end]
        return "" if not gap or not start else "\n" if "\n" in gap or "\r" in gap else " "

    def _sentence(self, word: int) -> int:
        return bisect_right(self._cut.sentences, (word, len(self._shown) + 1)) - 1


def _blocks(bounds: Bounds) -> str:
    length = bounds[1] - bounds[0]
    return _BLOCK * next((blocks for most, blocks in _WIDTHS if length <= most), _WIDEST)
