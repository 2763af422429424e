"""Where the sentences of a text are, well enough to score them one by one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from tocsin.service.api.perspective.utf16 import code_units
from tocsin.text import sentence_ends

__all__ = ["Sentence", "sentences"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """Hold one sentence without the blanks around it, and where it stands in UTF-16 code units."""

    text: str
    begin: int
    end: int


def sentences(text: str, most: int) -> list[Sentence]:
    """Return the sentences of `text` in order; of more than `most`, neighbours together.

    They overlap nowhere and leave out blanks alone.
    """
    bounds = [0, *sentence_ends(text), len(text)]
    step = -(-(len(bounds) - 1) // most)
    kept = [*bounds[:-1:step], bounds[-1]]
    found: list[Sentence] = []
    units = 0
    for start, end in pairwise(kept):
        whole = text[start:end]
        bare = whole.strip()
        before = code_units(whole[: len(whole) - len(whole.lstrip())])
        if bare:
            begin = units + before
            found.append(Sentence(bare, begin, begin + code_units(bare)))
        units += code_units(whole)
    return found
