"""Where the sentences of a text are, well enough to score them one by one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from tocsin.service.api.perspective.utf16 import code_units

__all__ = ["Sentence", "sentences"]

# A line, or up to marks that close a sentence with the quotes and brackets after them. A full stop
# closes none after a single letter or one or two digits ("z. B.", "3. Mai") or before a small letter.
# Runs are possessive and start where they start: a comment of dots must not cost a second.
_END: Final = re.compile(
    r"""
    [\r\n\u2028\u2029]++
    | [。！？]++ [”’»」』）)\]]*+
    | (?<! [.!?…] )
      (?: [!?…][.!?…]*+ | (?<! \b\w ) (?<! \b\d\d ) \.[.!?…]*+ )
      ["'”’»)\]]*+
      (?: (?= \s++ [^\sa-zß-öø-ÿ] ) | (?= \s*+ \Z ) )
    """,
    re.VERBOSE,
)


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
    ends = [match.end() for match in _END.finditer(text)]
    bounds = [0, *ends, len(text)]
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
