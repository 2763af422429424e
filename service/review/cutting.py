"""A text cut into sentences and words, by which it is revealed step by step."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from tocsin.text import sentence_ends

__all__ = ["Bounds", "Cut", "cut"]

Bounds = tuple[int, int]

_LONGEST_WORD: Final = 40  # code points: what goes on without a blank is shown in parts
_LONGEST_SENTENCE: Final = 500
_RUN: Final = re.compile(r"\S+")
# Scripts that put no blanks between words, and how many of their letters are shown at a time.
_UNPARTED: Final = (
    ("\u0e00", "\u0eff", 6),  # Thai, Lao
    ("\u1000", "\u109f", 6),  # Myanmar
    ("\u1780", "\u17ff", 6),  # Khmer
    ("\u2e80", "\u9fff", 2),  # kana, Han
    ("\uf900", "\ufaff", 2),
    ("\U00020000", "\U0003ffff", 2),
)
_HAS_UNPARTED: Final = re.compile(f"[{''.join(f'{low}-{high}' for low, high, _ in _UNPARTED)}]")
_JOINER: Final = "\u200d"
_JOINED: Final = frozenset({"Mn", "Mc", "Me", "Cf", "Sk"})  # of a letter before it


@dataclass(frozen=True, slots=True)
class Cut:
    """Hold where a text's words stand, start and end in code points, end exclusive, in order.

    Each sentence is the places of its first word and of the one past its last; no word is in two and none in
    none. Between words stand blanks, or nothing where a script has none.
    """

    words: Sequence[Bounds]
    sentences: Sequence[Bounds]


def cut(text: str) -> Cut:
    """Return the words and sentences of any text; a sentence of over 500 characters is shown as several."""
    words: list[Bounds] = []
    sentences: list[Bounds] = []
    for start, end in pairwise([0, *sentence_ends(text), len(text)]):
        first = len(words)
        for word in _words(text, start, end):
            if len(words) > first and word[1] - words[first][0] > _LONGEST_SENTENCE:
                sentences.append((first, len(words)))
                first = len(words)
            words.append(word)
        if len(words) > first:
            sentences.append((first, len(words)))
    return Cut(words, sentences)


def _words(text: str, start: int, end: int) -> Iterator[Bounds]:
    for run in _RUN.finditer(text, start, end):
        if run.end() - run.start() <= _LONGEST_WORD and not _HAS_UNPARTED.search(text, *run.span()):
            yield run.span()
        else:
            yield from _parts(text, *run.span())


def _parts(text: str, start: int, end: int) -> Iterator[Bounds]:
    """Yield the parts of a run; no mark, joiner or skin tone is parted from what it belongs to."""
    letters = most = 0
    after_joiner = False
    for place in range(start, end):
        is_joined, is_letter, allowed = _KINDS[text[place]]
        if is_joined or after_joiner:
            after_joiner = text[place] == _JOINER
            continue
        if letters and (letters >= most or (allowed != most and is_letter)):
            yield start, place
            start, letters = place, 0
        most = most if letters else allowed
        letters += 1
    yield start, end


class _Kinds(dict[str, tuple[bool, bool, int]]):
    """Map a character to whether it stands with the one before it, is a letter, and how many are a part."""

    def __missing__(self, letter: str) -> tuple[bool, bool, int]:
        category = unicodedata.category(letter)
        is_joined = category in _JOINED or category[0] == "P"
        allowed = next((most for low, high, most in _UNPARTED if low <= letter <= high), _LONGEST_WORD)
        self[letter] = found = (is_joined, category[0] == "L", allowed)
        return found


_KINDS: Final = _Kinds()
