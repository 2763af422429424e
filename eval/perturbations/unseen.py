"""What a reader does not see: zero-width characters, writing turned round twice, entities, odd blanks."""

from __future__ import annotations

import random
from typing import Final

from tocsin.eval.perturbations.places import between, chosen, replaced, respelled

__all__ = [
    "BLANKS",
    "ZERO_WIDTH",
    "entities",
    "odd_blanks",
    "right_to_left",
    "zero_width",
]

ZERO_WIDTH: Final = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
BLANKS: Final = "\u00a0\u2003\u2009\u202f\u3000\u2800"  # the last has no dots: Braille
_OVERRIDE: Final = "\u202e"
_POP: Final = "\u202c"


def zero_width(text: str, share: float, draw: random.Random) -> str:
    """Put a character without width between all letters of a share of the words."""
    return respelled(text, share, draw, _parted, _has_two)


def right_to_left(text: str, share: float, draw: random.Random) -> str:
    """Store words backwards behind an override that shows them forwards (Boucher et al. 2022)."""
    return respelled(text, share, draw, _turned, _is_no_palindrome)


def entities(text: str, share: float, draw: random.Random) -> str:
    """Write the letters of a share of the words as HTML's numeric entities."""
    return respelled(text, share, draw, _numbered, bool)


def odd_blanks(text: str, share: float, draw: random.Random) -> str:
    """Put other blanks (no-break, wide, thin, Braille) for a share of those between words."""
    gaps = chosen(between(text), share, draw)
    return replaced(text, [(gap, draw.choice(BLANKS) * (gap[1] - gap[0])) for gap in gaps])


def _parted(word: str, draw: random.Random) -> str:
    return word[0] + "".join(draw.choice(ZERO_WIDTH) + letter for letter in word[1:])


def _has_two(word: str) -> bool:
    return len(word) > 1


def _turned(word: str, _: random.Random) -> str:
    return f"{_OVERRIDE}{word[::-1]}{_POP}"


def _is_no_palindrome(word: str) -> bool:
    return word != word[::-1]


def _numbered(word: str, _: random.Random) -> str:
    return "".join(f"&#{ord(letter)};" for letter in word)
