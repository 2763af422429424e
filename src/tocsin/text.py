"""Text as the models see it, with a way back to the characters it came from."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from html.entities import html5
from typing import Final

__all__ = ["URL", "USER", "Normalised", "letters", "normalise", "normalise_with_offsets"]

URL: Final = "httpurl"
USER: Final = "@user"


@dataclass(frozen=True, slots=True)
class Normalised:
    """Hold normalised text and, for each of its characters, where it came from.

    Character ``i`` of `text` was made from the original's characters ``starts[i]`` to ``ends[i]``
    (code points, end exclusive).
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]


_QUOTES: Final = {0x2018: "'", 0x2019: "'", 0x201B: "'", 0x201C: '"', 0x201D: '"', 0x201F: '"'}


# Reserved for emoji (UTS #51): those younger than Python's own tables stay too.
_PICTOGRAPHS: Final = range(0x1F000, 0x1FB00)


class _Folding(dict[int, str]):
    """Map one code point to its compatibility form in one case; remember each answer."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        category = unicodedata.category(character)
        if category == "Cn" and code in _PICTOGRAPHS:
            folded = character
        elif category in {"Cf", "Cs", "Co", "Cn"} or 0xFE00 <= code <= 0xFE0F:
            folded = ""
        elif category in {"Cc", "Zl", "Zp", "Zs"}:
            folded = " "
        else:
            folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", character).casefold())
        self[code] = folded
        return folded


_FOLDING: Final = _Folding(_QUOTES)


# Entities are looked for in folded text: those that have a capital in every spelling, such as
# &ZeroWidthSpace;, would be missed there.
_CAPITALISED: Final = {
    name.lower(): meaning for name, meaning in html5.items() if name.lower() not in html5 and name[-1] == ";"
}


def _entity(match: re.Match[str]) -> str:
    """Fold what an HTML entity stands for; leave what is none as it is."""
    return (_CAPITALISED.get(match[0][1:]) or html.unescape(match[0])).translate(_FOLDING)


Replacement = Callable[[re.Match[str]], str]

STEPS: Final[tuple[tuple[re.Pattern[str], Replacement], ...]] = (
    (re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});"), _entity),
    (re.compile(r"(?:https?://|www\.)[^\s<>\"]+"), lambda _: f" {URL} "),
    (re.compile(r"(?<![\w@])@\w{1,50}"), lambda _: f" {USER} "),
    (re.compile(r"\s+"), lambda _: " "),
    (re.compile(r"^ | $"), lambda _: ""),
)


def normalise(text: str) -> str:
    """Return `text` in compatibility form and one case, without invisible characters.

    Links and handles become one word each, HTML entities what they stand for, white space single
    blanks. Follows Unicode's NFKC (UAX #15), character by character. Emoji stay.
    """
    folded = text.translate(_FOLDING)
    for pattern, replacement in STEPS:
        folded = pattern.sub(replacement, folded)
    return folded


def normalise_with_offsets(text: str) -> Normalised:
    """Return what `normalise` returns, and where each character of it came from."""
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for position, character in enumerate(text):
        for folded in _FOLDING[ord(character)]:
            characters.append(folded)
            starts.append(position)
            ends.append(position + 1)
    normalised = Normalised("".join(characters), tuple(starts), tuple(ends))
    for pattern, replacement in STEPS:
        normalised = _substitute(normalised, pattern, replacement)
    return normalised


def _substitute(before: Normalised, pattern: re.Pattern[str], replacement: Replacement) -> Normalised:
    """Replace as `re.sub` does; what replaces a match came from the whole of the match."""
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    last = 0
    for match in pattern.finditer(before.text):
        kept = slice(last, match.start())
        pieces.append(before.text[kept])
        starts.extend(before.starts[kept])
        ends.extend(before.ends[kept])
        new = replacement(match)
        pieces.append(new)
        starts.extend([before.starts[match.start()]] * len(new))
        ends.extend([before.ends[match.end() - 1]] * len(new))
        last = match.end()
    pieces.append(before.text[last:])
    starts.extend(before.starts[last:])
    ends.extend(before.ends[last:])
    return Normalised("".join(pieces), tuple(starts), tuple(ends))


def letters(text: str) -> str:
    """Return the letters of `text` alone, in order."""
    return "".join(character for character in text if character.isalpha())
