"""Words joined: blanks between them left out, or whole phrases made hashtags."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice
from typing import Final

from tocsin.eval.perturbations.places import Span, between, chosen, replaced, words

__all__ = ["hashtags", "merging"]

_WORDS_A_TAG: Final = 3


def merging(text: str, share: float, draw: random.Random) -> str:
    """Leave out a share of the blanks between words."""
    return replaced(text, [(gap, "") for gap in chosen(between(text), share, draw)])


def hashtags(text: str, share: float, draw: random.Random) -> str:
    """Make hashtags of a share of the phrases of three words (or two, where a sentence has no more)."""
    phrases = [phrase for run in _runs(text) for phrase in _threes(run) if len(phrase) > 1]
    return replaced(
        text,
        [
            ((phrase[0][0], phrase[-1][1]), "#" + "".join(_capital(text[slice(*word)]) for word in phrase))
            for phrase in chosen(phrases, share, draw)
        ],
    )


def _runs(text: str) -> Iterator[list[Span]]:
    """Yield the words between which nothing but blanks stands, together, those glued to no other sign."""
    gaps = {start for start, _ in between(text)}
    run: list[Span] = []
    for start, end in words(text):
        run.append((start, end))
        if end not in gaps:
            yield run
            run = []


def _threes(run: list[Span]) -> Iterator[list[Span]]:
    rest = iter(run)
    while phrase := list(islice(rest, _WORDS_A_TAG)):
        yield phrase


def _capital(word: str) -> str:
    first = word[0].upper()
    return (first if first.casefold() == word[0].casefold() else word[0]) + word[1:]
