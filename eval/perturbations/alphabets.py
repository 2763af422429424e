"""Other signs for letters: leet, homoglyphs, faux Cyrillic, styled letters, emoji letters, accents."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from string import ascii_letters, ascii_lowercase, ascii_uppercase
from typing import Final, TypeAlias

from tocsin.eval.perturbations.places import respelled

__all__ = [
    "FAUX_CYRILLIC",
    "LEET",
    "MARKS",
    "diacritics",
    "emoji_letters",
    "faux_cyrillic",
    "homoglyph",
    "homoglyphs",
    "leet",
    "stacked_marks",
    "styled",
]

Alphabet: TypeAlias = Mapping[str, Sequence[str]]


def _both_cases(small: Mapping[str, str]) -> Alphabet:
    return {
        letter: tuple(signs)
        for small_letter, small_signs in small.items()
        for letter, signs in ((small_letter, small_signs), (small_letter.upper(), small_signs.upper()))
    }


LEET: Final = _both_cases(
    {"a": "4@", "b": "8", "e": "3", "g": "9", "i": "1!", "o": "0", "s": "5$", "t": "7", "z": "2"}
)
# Letters that merely remind of Latin ones, and that no table of confusables has.
FAUX_CYRILLIC: Final = _both_cases(
    {"a": "д", "b": "ь", "e": "э", "g": "б", "n": "и", "r": "я", "u": "ц", "w": "ш", "x": "ж", "y": "ч"}
)
MARKS: Final = tuple(map(chr, [*range(0x300, 0x305), *range(0x306, 0x309), 0x30A, 0x30C, 0x323, 0x327]))
_STACKED: Final = range(3, 9)
_ALIKE_SCRIPTS: Final = ("CYRILLIC ", "GREEK ")
_STYLES: Final = (
    "MATHEMATICAL BOLD {case} {letter}",
    "MATHEMATICAL SANS-SERIF {case} {letter}",
    "MATHEMATICAL SANS-SERIF BOLD ITALIC {case} {letter}",
    "MATHEMATICAL BOLD SCRIPT {case} {letter}",
    "MATHEMATICAL BOLD FRAKTUR {case} {letter}",
    "MATHEMATICAL MONOSPACE {case} {letter}",
    "FULLWIDTH LATIN {case} LETTER {letter}",
    "CIRCLED LATIN {case} LETTER {letter}",
)
_EMOJI_A: Final = (0x1F1E6, 0x1F170, 0x1F150)  # regional indicators, letters in squares, in circles


def leet(text: str, share: float, draw: random.Random) -> str:
    """Write digits and signs for half of the letters that have one, in a share of the words."""
    return _signed(text, share, draw, LEET, of_letters=0.5)


def homoglyph(text: str, share: float, draw: random.Random) -> str:
    """Write the Cyrillic and Greek letters that look the same for all letters that have one."""
    return _signed(text, share, draw, homoglyphs())


def faux_cyrillic(text: str, share: float, draw: random.Random) -> str:
    """Write Cyrillic letters that remind of Latin ones, in a share of the words."""
    return _signed(text, share, draw, FAUX_CYRILLIC)


def styled(text: str, share: float, draw: random.Random) -> str:
    """Write bold, script, fullwidth or circled letters: one style a text, in a share of the words."""
    return _signed(text, share, draw, draw.choice(_styles()))


def emoji_letters(text: str, share: float, draw: random.Random) -> str:
    """Write letters as regional indicators, in squares or in circles: one kind a text."""
    first = draw.choice(_EMOJI_A)
    signs = [chr(first + place) for place in range(26)]
    return _signed(text, share, draw, dict(zip(ascii_letters, signs * 2, strict=True)))


def diacritics(text: str, share: float, draw: random.Random) -> str:
    """Put a mark on every letter of a share of the words, in one character with it where there is one."""
    return respelled(text, share, draw, _marked, str.isascii)


def stacked_marks(text: str, share: float, draw: random.Random) -> str:
    """Pile three to eight marks on every letter of a share of the words."""
    return respelled(text, share, draw, _piled, str.isascii)


@cache
def homoglyphs() -> Alphabet:
    """Return the Cyrillic and Greek letters that Unicode's table (UTS #39) confuses with one Latin one."""
    from confusable_homoglyphs.confusables import confusables_data

    meant: dict[str, str] = {}
    for letter in ascii_letters:
        for row in confusables_data.get(letter, ()):
            if _is_alike(row["c"], letter):
                meant.setdefault(row["c"], letter)
    return {
        letter: tuple(sign for sign, means in meant.items() if means == letter)
        for letter in sorted(set(meant.values()))
    }


def _is_alike(sign: str, letter: str) -> bool:
    return (
        len(sign) == 1
        and unicodedata.name(sign, "").startswith(_ALIKE_SCRIPTS)
        and (sign.islower(), sign.isupper()) == (letter.islower(), letter.isupper())
    )


@cache
def _styles() -> tuple[Alphabet, ...]:
    return tuple(dict(_style(name)) for name in _STYLES)


def _style(name: str) -> Iterator[tuple[str, Sequence[str]]]:
    for case, letters in (("SMALL", ascii_lowercase), ("CAPITAL", ascii_uppercase)):
        for letter in letters:
            yield letter, (unicodedata.lookup(name.format(case=case, letter=letter.upper())),)


def _signed(text: str, share: float, draw: random.Random, alphabet: Alphabet, of_letters: float = 1.0) -> str:
    def respelling(word: str, draw: random.Random) -> str:
        able = [place for place, letter in enumerate(word) if letter in alphabet]
        sure = draw.choice(able)
        return "".join(
            draw.choice(alphabet[letter])
            if letter in alphabet and (place == sure or draw.random() < of_letters)
            else letter
            for place, letter in enumerate(word)
        )

    return respelled(text, share, draw, respelling, lambda word: any(map(alphabet.__contains__, word)))


def _marked(word: str, draw: random.Random) -> str:
    return "".join(unicodedata.normalize("NFC", letter + draw.choice(MARKS)) for letter in word)


def _piled(word: str, draw: random.Random) -> str:
    return "".join(letter + "".join(draw.choices(MARKS, k=draw.choice(_STACKED))) for letter in word)
