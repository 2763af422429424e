"""One form for what is written in many: styled letters, accents, case, invisible characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from tocsin.text.edits import Edit
from tocsin.text.lookalikes import GENERAL_MARKS, is_latin, latin_base

__all__ = ["FOLDING", "KEPT", "PLACEHOLDERS", "UMLAUTS", "marks"]

UMLAUTS: Final = "äöü"  # "" folds them to their base letters, too: docs/decisions/0008-normaliser.md
KEPT: Final = frozenset(UMLAUTS + "йёїўѓќ")  # letters of their own, whatever they are composed of

# What emoji become until their names are written: FOLDING must leave them alone.
PLACEHOLDERS: Final = range(0x100000, 0x10FFFE)

# Reserved for emoji (UTS #51): those younger than Python's own tables stay too.
_PICTOGRAPHS: Final = range(0x1F000, 0x1FB00)

_QUOTES: Final = {
    **dict.fromkeys(map(ord, "‘’‚‛´ʼ′"), "'"),
    **dict.fromkeys(map(ord, "“”„‟"), '"'),
}
_BLANK: Final = "\u2800"  # a Braille pattern without dots
_UNSEEN: Final = re.compile(
    r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)

_GENERAL: Final = re.compile(f"[{GENERAL_MARKS}]")
# Those, and what joins the character before it in Japanese and Korean. Eight at a time: canonical
# ordering takes time quadratic in the length of a run.
_CLUSTER: Final = re.compile(f".?[{GENERAL_MARKS}\u3099\u309a\u1161-\u11ff]{{1,8}}")
_JOINING: Final = re.compile(f"[{GENERAL_MARKS}\u3099\u309a\u1161-\u11ff]")
_ABOVE: Final = 230  # the class of marks that stand above a letter
_ENCLOSED: Final = re.compile(
    r"(?:NEGATIVE (?:CIRCLED|SQUARED) LATIN CAPITAL LETTER|REGIONAL INDICATOR SYMBOL LETTER) ([A-Z])"
)


class _Folding(dict[int, str]):
    """Map one code point to its compatibility form in one case; remember each answer.

    General combining marks stay: `marks` has still to see what they stand on. Capitals of other
    scripts stay: they look like other Latin letters than the small ones do.
    """

    def __missing__(self, code: int) -> str:
        folded = _folded(chr(code))
        self[code] = folded
        return folded


def _folded(character: str) -> str:
    category = unicodedata.category(character)
    if ord(character) in PLACEHOLDERS or (category == "Cn" and ord(character) in _PICTOGRAPHS):
        return character
    if category in {"Cf", "Cs", "Co", "Cn", "Me"} or _UNSEEN.match(character):
        return ""
    if _GENERAL.match(character):
        return character
    if category in {"Cc", "Zl", "Zp", "Zs"} or character == _BLANK:
        return " "
    enclosed = _ENCLOSED.fullmatch(unicodedata.name(character, ""))
    if enclosed:
        return enclosed[1].lower()
    return "".join(map(_letter, _cased(unicodedata.normalize("NFKC", character))))


def _cased(text: str) -> str:
    """Return `text` in one case; a capital that is not Latin waits for `lookalikes`."""
    return "".join(
        character
        if character.isupper() and not is_latin(character)
        else unicodedata.normalize("NFKC", character.casefold())
        for character in text
    )


def _letter(character: str) -> str:
    """Return the letter under the marks that a character is composed of."""
    if character.isascii() or character.lower() in KEPT:
        return character
    head, _, mark = unicodedata.decomposition(character).partition(" ")
    if mark and _GENERAL.fullmatch(chr(int(mark, 16))):
        return _letter(chr(int(head, 16)))
    return latin_base(character)


FOLDING: Final = _Folding(_QUOTES)


def marks(text: str) -> Sequence[Edit]:
    """Return the edits that take general combining marks off, in folded text.

    Letters that are kept with their mark are composed, as Hangul and kana are. Marks of one script,
    such as vowel signs, stay.
    """
    if text.isascii() or not _JOINING.search(text):
        return ()
    found = ((match, _composed(match[0])) for match in _CLUSTER.finditer(text))
    return [(match.start(), match.end(), composed) for match, composed in found if composed != match[0]]


def _composed(cluster: str) -> str:
    """Return what is left of a character and its marks: the first above it may make it another letter."""
    decomposed = unicodedata.normalize("NFD", cluster)
    bare = _GENERAL.sub("", decomposed)
    above = [mark for mark in _GENERAL.findall(decomposed) if unicodedata.combining(mark) == _ABOVE]
    if len(bare) == 1:
        bare = _letter(unicodedata.normalize("NFC", "".join([bare, *above[:1]]))[:1])
    return unicodedata.normalize("NFC", bare)
