"""Words misspelt: typing errors, the key beside the right one, vowels left out, spelled as they sound."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from typing import Final

from tocsin.eval.perturbations.places import respelled

__all__ = ["NEIGHBOURS", "SOUNDS", "dropped_vowels", "keyboard", "sound_alike", "typos"]

_ROWS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_INNER_VOWEL: Final = re.compile(r"(?<=\w)[aeiouäöü](?=\w)", re.IGNORECASE)
SOUNDS: Final[Mapping[str, str]] = {
    "ph": "f",
    "ck": "k",
    "qu": "kw",
    "c": "k",
    "f": "ph",
    "x": "ks",
    "s": "z",
}
_SOUND: Final = re.compile(r"ph|ck|qu|c(?=[aourl])|f(?!f)|x|s$", re.IGNORECASE)


def _neighbours() -> Mapping[str, str]:
    """Return the keys beside each on a QWERTY keyboard: in its row, and in those above and below."""
    places = {key: (row, column) for row, keys in enumerate(_ROWS) for column, key in enumerate(keys)}
    return {
        key: "".join(
            other
            for other, (row_there, column_there) in places.items()
            if (row_there == row and abs(column_there - column) == 1)
            or (row_there == row - 1 and column_there in {column, column + 1})
            or (row_there == row + 1 and column_there in {column, column - 1})
        )
        for key, (row, column) in places.items()
    }


NEIGHBOURS: Final = _neighbours()


def typos(text: str, share: float, draw: random.Random) -> str:
    """Swap two letters, leave one out or write one twice: once in each of a share of the words."""
    return respelled(text, share, draw, _slipped, lambda word: len(word) > 2)


def keyboard(text: str, share: float, draw: random.Random) -> str:
    """Hit the key beside the right one, once in each of a share of the words."""
    return respelled(text, share, draw, _beside, lambda word: any(map(_has_neighbour, word)))


def dropped_vowels(text: str, share: float, draw: random.Random) -> str:
    """Leave out all vowels inside a share of the words."""
    return respelled(
        text, share, draw, lambda word, _: _INNER_VOWEL.sub("", word), lambda word: _has(_INNER_VOWEL, word)
    )


def sound_alike(text: str, share: float, draw: random.Random) -> str:
    """Spell a share of the words as they sound: k for c, ph for f, z for a last s."""
    return respelled(
        text, share, draw, lambda word, _: _SOUND.sub(_sounding, word), lambda word: _has(_SOUND, word)
    )


def _slipped(word: str, draw: random.Random) -> str:
    place = draw.randrange(1, len(word))
    before, letter = word[place - 1], word[place]
    ways = [word[:place] + word[place + 1 :], word[:place] + letter + word[place:]]
    if before != letter:
        ways.append(word[: place - 1] + letter + before + word[place + 1 :])
    return draw.choice(ways)


def _beside(word: str, draw: random.Random) -> str:
    place = draw.choice([place for place, letter in enumerate(word) if _has_neighbour(letter)])
    key = draw.choice(NEIGHBOURS[word[place].lower()])
    return word[:place] + (key.upper() if word[place].isupper() else key) + word[place + 1 :]


def _has_neighbour(letter: str) -> bool:
    return letter.lower() in NEIGHBOURS


def _sounding(match: re.Match[str]) -> str:
    sound = SOUNDS[match[0].lower()]
    return sound.upper() if match[0].isupper() else sound


def _has(pattern: re.Pattern[str], word: str) -> bool:
    return pattern.search(word) is not None
