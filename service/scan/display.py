"""Text made safe to look at: nothing in it can steer a terminal, and nothing is invisible."""

from __future__ import annotations

import re
import string
import unicodedata
from typing import Final

__all__ = ["MASK", "cut", "mask", "reveal"]

MASK: Final = "•"
SHORT_ESCAPES: Final = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
# Controls, formats (bidi, zero width), surrogates, private use, unassigned; line and paragraph separators.
UNSEEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters and marks that Unicode draws as nothing (Default_Ignorable_Code_Point), and the blank braille cell.
UNSEEN_CHARACTERS: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
PLAIN: Final = frozenset(string.punctuation)


def reveal(text: str) -> str:
    """Return `text` with every control, bidi, zero-width or otherwise unseen character spelled out."""
    return text if text.isascii() and text.isprintable() else "".join(map(_revealed, text))


def mask(text: str) -> str:
    """Return the shape of `text`: spaces and ASCII punctuation stay, all else becomes a dot."""
    return "".join(" " if char.isspace() else char if char in PLAIN else MASK for char in text)


def cut(text: str, limit: int) -> str:
    """Return at most `limit` characters of `text`, saying how long it was where it was longer."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"


def _revealed(char: str) -> str:
    if char in SHORT_ESCAPES:
        return SHORT_ESCAPES[char]
    unseen = unicodedata.category(char) in UNSEEN_CATEGORIES or UNSEEN_CHARACTERS.match(char)
    return _escaped(ord(char)) if unseen else char


def _escaped(code: int) -> str:
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
