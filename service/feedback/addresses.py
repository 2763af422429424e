"""Addresses on the web, taken out of what is kept: they lead to people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["LINK", "Unlinked", "hosts_only", "unlinked"]

LINK: Final = "[link]"

# With a scheme, with "www." before it, or a name with a dot and a path behind it. What looks ahead is
# bounded: a comment of letters and dots must not cost a second.
_ADDRESS: Final = re.compile(
    r"""
    (?: (?<! [a-z0-9+.-] ) [a-z][a-z0-9+.-]{1,20}:// (?: [^\s/?\#@<>"]* @ )?
      | \b (?= www\. )
      | (?<! [\w.-] ) (?= (?: [\w-]{1,63}+ \. ){1,8} [^\W\d_]{2,63} (?: : \d{1,5} )? [/?\#] )
    )
    (?P<host> \[ [0-9a-f:.]* \] | [^\s/?\#:@<>"]* )
    [^\s<>"]*
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Unlinked:
    """Hold a text without its links, and where each of them stood: first, one past the last."""

    text: str
    links: tuple[tuple[int, int], ...]

    def place(self, was: int, *, after: bool = False) -> int:
        """Return where the character `was` of the text with links is now.

        Inside a link, that is the link's start; or one past its last, with `after`.
        """
        now = was
        for start, end in self.links:
            if was >= end:
                now += len(LINK) - (end - start)
            elif was > start:
                now += len(LINK) * after - (was - start)
        return now


def unlinked(text: str) -> Unlinked:
    """Return `text` with "[link]" for every address in it."""
    found = tuple(match.span() for match in _ADDRESS.finditer(text))
    return Unlinked(_ADDRESS.sub(LINK, text), found)


def hosts_only(label: str) -> str:
    """Return `label` with nothing left of its addresses but their hosts."""
    return _ADDRESS.sub(lambda match: match["host"].lower(), label)
