"""Where the sentences of a text end, well enough to score or to show them one by one."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["sentence_ends"]

# A line, or up to marks that close a sentence with the quotes and brackets after them. A full stop
# closes none after a single letter or one or two digits ("z. B.", "3. Mai") or before a small letter.
# Runs are possessive and start where they start: a comment of dots must not cost a second.
_END: Final = re.compile(
    r"""
    [\r\n\u2028\u2029]++
    | [。！？।॥؟۔]++ [”’»」』）)\]]*+
    | (?<! [.!?…] )
      (?: [!?…][.!?…]*+ | (?<! \b\w ) (?<! \b\d\d ) \.[.!?…]*+ )
      ["'”’»)\]]*+
      (?: (?= \s++ [^\sa-zß-öø-ÿ] ) | (?= \s*+ \Z ) )
    """,
    re.VERBOSE,
)


def sentence_ends(text: str) -> list[int]:
    """Return the places, in code points, at which sentences of `text` end, ascending; 0 is never one.

    What stands after the last of them is a sentence too, unless it is blank.
    """
    return [match.end() for match in _END.finditer(text)]
