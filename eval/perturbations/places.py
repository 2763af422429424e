"""Where a text may be changed: at its words, never within links, handles, hashtags or stand-ins."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final, TypeAlias, TypeVar

from tocsin.text.links import HANDLE, LINK

__all__ = ["Respelling", "Span", "between", "chosen", "replaced", "respelled", "words"]

_LEFT_ALONE: Final = rf"{LINK}|{HANDLE}|#\w+|&#?\w+;|\[\w+\]|<\w+>"  # "[URL]" stands for one
_WORD: Final = re.compile(rf"{_LEFT_ALONE}|(?P<word>[^\W\d_]+)", re.IGNORECASE)
_ROUNDING: Final = 1e-9

Span: TypeAlias = tuple[int, int]
Respelling: TypeAlias = Callable[[str, random.Random], str]
One = TypeVar("One")


def words(text: str) -> list[Span]:
    """Return where the words of `text` stand: runs of letters that are no part of a link or the like."""
    return [match.span() for match in _WORD.finditer(text) if match["word"]]


def between(text: str) -> list[Span]:
    """Return where blanks stand, and nothing else, between two words."""
    gaps = [(before[1], after[0]) for before, after in pairwise(words(text))]
    return [(start, end) for start, end in gaps if start < end and not text[start:end].strip(" ")]


def chosen(among: Sequence[One], share: float, draw: random.Random) -> list[One]:
    """Return a share of things drawn at random, in order, rounded up: one at least, if there is any."""
    count = min(math.ceil(share * len(among) - _ROUNDING), len(among))
    return [among[place] for place in sorted(draw.sample(range(len(among)), count))]


def replaced(text: str, new: Sequence[tuple[Span, str]]) -> str:
    """Return `text` with something new at some places, given in order."""
    pieces: list[str] = []
    last = 0
    for (start, end), piece in new:
        pieces += (text[last:start], piece)
        last = end
    return "".join([*pieces, text[last:]])


def respelled(
    text: str, share: float, draw: random.Random, respelling: Respelling, can: Callable[[str], bool]
) -> str:
    """Return `text` with a share of the words that `can` be respelled so."""
    able = [(start, end) for start, end in words(text) if can(text[start:end])]
    return replaced(
        text,
        [((start, end), respelling(text[start:end], draw)) for start, end in chosen(able, share, draw)],
    )
