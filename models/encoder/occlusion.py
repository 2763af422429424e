"""Which words an encoder's margins hang on: each left out in turn (occlusion; Li et al. 2016)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.models.encoder.encoder import Encoder

__all__ = ["Occlusion", "occlusion"]

_WORD: Final = re.compile(r"\S+")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Occlusion:
    """Say by how much each signal's margin falls without each word of one normalised text.

    Word ``i`` is the characters ``places[i]``, end exclusive; ``falls`` is ``(words, signals)``. Of a long
    text only the window that a signal's margin comes from counts: in all others its falls are 0. `margins` is
    the text's.
    """

    places: tuple[tuple[int, int], ...]
    falls: Floats
    margins: Floats


def occlusion(encoder: Encoder, text: str) -> Occlusion:
    """Return what a normalised text's margins hang on; takes one reading a word."""
    (windows,) = encoder.windows.of([text])
    read = encoder.read_normal([text])
    places = [match.span() for match in _WORD.finditer(text)]
    falls = np.zeros((len(places), len(encoder.signals)))
    for number in np.unique(read.windows[0]).tolist():
        first, last = windows[number].start, windows[number].end
        words = [at for at, (start, end) in enumerate(places) if start < last and end > first]
        piece = text[first:last]
        without = [_without(piece, places[at][0] - first, places[at][1] - first) for at in words]
        told = encoder.read_normal([piece, *without]).margins
        signals = np.flatnonzero(read.windows[0] == number)
        falls[np.ix_(np.array(words, np.int64), signals)] = (told[0] - told[1:])[:, signals]
    return Occlusion(tuple(places), falls, read.margins[0])


def _without(piece: str, start: int, end: int) -> str:
    return f"{piece[: max(start, 0)].rstrip()} {piece[end:].lstrip()}".strip()
