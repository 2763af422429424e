"""Words broken from within: spelled out, split, parted by signs, masked, stretched, in alternating case."""

from __future__ import annotations

import random
from typing import Final

from tocsin.eval.perturbations.places import respelled

__all__ = ["MASK", "SIGNS", "casing", "masking", "signs", "spelled_out", "split", "stretching"]

SIGNS: Final = ".-_*·|/+~"
MASK: Final = "*"
_VOWELS: Final = frozenset("aeiouyäöüAEIOUYÄÖÜ")
_TIMES: Final = range(3, 8)


def spelled_out(text: str, share: float, draw: random.Random) -> str:
    """Put a blank between all letters of a share of the words."""
    return respelled(text, share, draw, lambda word, _: " ".join(word), _has_three)


def split(text: str, share: float, draw: random.Random) -> str:
    """Put one blank somewhere inside a share of the words."""
    return respelled(text, share, draw, lambda word, draw: _cut(word, " ", draw), _has_four)


def signs(text: str, share: float, draw: random.Random) -> str:
    """Put the same sign between all letters of a word, or in one place: a share of the words."""
    return respelled(text, share, draw, _signed, _has_three)


def masking(text: str, share: float, draw: random.Random) -> str:
    """Put an asterisk for one letter inside a share of the words."""
    return respelled(text, share, draw, _masked, _has_three)


def stretching(text: str, share: float, draw: random.Random) -> str:
    """Write a letter, a vowel if there is one, three to seven times in a share of the words."""
    return respelled(text, share, draw, _stretched, bool)


def casing(text: str, share: float, draw: random.Random) -> str:
    """Alternate small letters and capitals in a share of the words."""
    return respelled(text, share, draw, _alternating, _has_two_cases)


def _has_three(word: str) -> bool:
    return len(word) > 2


def _has_four(word: str) -> bool:
    return len(word) > 3


def _has_two_cases(word: str) -> bool:
    return sum(_other_case(letter) != letter for letter in word) > 1


def _cut(word: str, sign: str, draw: random.Random) -> str:
    place = draw.randrange(1, len(word))
    return word[:place] + sign + word[place:]


def _signed(word: str, draw: random.Random) -> str:
    sign = draw.choice(SIGNS)
    return sign.join(word) if draw.random() < 0.5 else _cut(word, sign, draw)


def _masked(word: str, draw: random.Random) -> str:
    place = draw.randrange(1, len(word) - 1)
    return word[:place] + MASK + word[place + 1 :]


def _stretched(word: str, draw: random.Random) -> str:
    vowels = [place for place, letter in enumerate(word) if letter in _VOWELS]
    place = draw.choice(vowels or range(len(word)))
    return word[:place] + word[place] * draw.choice(_TIMES) + word[place + 1 :]


def _alternating(word: str, draw: random.Random) -> str:
    first = draw.randrange(2)
    ways = [_by_turns(word, upper) for upper in (first, 1 - first)]
    return next(way for way in ways if way != word)


def _by_turns(word: str, upper: int) -> str:
    return "".join(
        letter if letter.isupper() == (place % 2 == upper) else _other_case(letter)
        for place, letter in enumerate(word)
    )


def _other_case(letter: str) -> str:
    """Return the other case of a letter where that is one letter that leads back, else the letter."""
    other = letter.swapcase()
    return other if len(other) == 1 and other.swapcase() == letter else letter
