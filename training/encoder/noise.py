"""Spelling disturbed as posts are to slip past filters, or by haste: what is said stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

__all__ = ["disturbed"]

_SHARE: Final = 0.3  # of a text's words
_VOWELS: Final = frozenset("aeiouAEIOU")
_SIGNS: Final = "*.-_+~|"
_FILLERS: Final = ("🔥", "😂", "🙏", "👀", "🤔", "💯", "✨", "❗", "👉", "🌍", "😎", "🍀")
_LEET: Final = str.maketrans("aeiostAEIOST", "431057431057")
_LEAST: Final = 4  # letters: shorter words stay

Rng = np.random.Generator


def disturbed(text: str, rng: Rng) -> str:
    """Return `text` with one kind of disturbance in about a third of its words."""
    change = _CHANGES[int(rng.integers(len(_CHANGES)))]
    words = text.split(" ")
    chosen = rng.random(len(words)) < _SHARE
    return " ".join(change(word, rng) if hit else word for word, hit in zip(words, chosen, strict=True))


def _without_vowels(word: str, _: Rng) -> str:
    if len(word) < _LEAST:
        return word
    return word[0] + "".join(letter for letter in word[1:] if letter not in _VOWELS)


def _with_a_sign(word: str, rng: Rng) -> str:
    if len(word) < _LEAST:
        return word
    at = int(rng.integers(1, len(word)))
    return word[:at] + _SIGNS[int(rng.integers(len(_SIGNS)))] + word[at:]


def _starred(word: str, rng: Rng) -> str:
    if len(word) < _LEAST:
        return word
    at = int(rng.integers(1, len(word) - 1))
    return word[:at] + "*" + word[at + 1 :]


def _swapped(word: str, rng: Rng) -> str:
    if len(word) < _LEAST:
        return word
    at = int(rng.integers(1, len(word) - 2))
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _dropped(word: str, rng: Rng) -> str:
    if len(word) < _LEAST:
        return word
    at = int(rng.integers(1, len(word)))
    return word[:at] + word[at + 1 :]


def _leet(word: str, _: Rng) -> str:
    return word.translate(_LEET)


def _before_an_emoji(word: str, rng: Rng) -> str:
    return f"{word} {_FILLERS[int(rng.integers(len(_FILLERS)))]}"


def _halved(word: str, rng: Rng) -> str:
    if len(word) < _LEAST:
        return word
    at = int(rng.integers(2, len(word) - 1))
    return f"{word[:at]} {word[at:]}"


_CHANGES: Final[tuple[Callable[[str, Rng], str], ...]] = (
    _without_vowels,
    _with_a_sign,
    _starred,
    _swapped,
    _dropped,
    _leet,
    _before_an_emoji,
    _halved,
)
