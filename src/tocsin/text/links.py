"""Links and handles: one word each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from tocsin.text.edits import Edit

__all__ = ["HANDLE", "LINK", "URL", "USER", "handles", "links"]

URL: Final = "httpurl"
USER: Final = "@user"

LINK: Final = r"(?:https?://|www\.)[^\s<>\"]+"
HANDLE: Final = r"(?<![\w@])@\w{1,50}"

_LINK: Final = re.compile(LINK)
_HANDLE: Final = re.compile(HANDLE)


def links(text: str) -> Sequence[Edit]:
    """Return the edits that make each link of folded text one word, and the same one."""
    if "://" not in text and "www." not in text:
        return ()
    return [(match.start(), match.end(), f" {URL} ") for match in _LINK.finditer(text)]


def handles(text: str) -> Sequence[Edit]:
    """Return the edits that make each handle of folded text one word, and the same one."""
    if "@" not in text:
        return ()
    return [(match.start(), match.end(), f" {USER} ") for match in _HANDLE.finditer(text)]
