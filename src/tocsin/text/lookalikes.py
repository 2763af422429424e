"""Letters that look like Latin ones, read as such where the writing is Latin."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from tocsin.text.edits import Edit
from tocsin.text.links import HANDLE, LINK, URL

__all__ = ["GENERAL_MARKS", "is_latin", "is_undecided", "latin_base", "lookalike", "lookalikes"]

GENERAL_MARKS: Final = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"  # of no script

_GENERAL: Final = re.compile(f"[{GENERAL_MARKS}]")

_OTHER: Final = re.compile(r"[^\W\d_\x00-\u036f]")  # a letter that is not Latin, unless it is a rare one
_WORD: Final = re.compile(rf"{LINK}|{HANDLE}|\b{URL}\b|(?P<word>[^\W_]+)")
# "LATIN SMALL LETTER O WITH STROKE", "LATIN LETTER SMALL CAPITAL B", "LATIN SMALL LETTER TURNED E"
_NAME: Final = re.compile(r"LATIN (?:.* )?LETTER (?:[A-Z]+ )*?(?P<base>[A-Z])(?: BAR| WITH .*)?")


@dataclass(frozen=True, slots=True)
class _Word:
    """Hold a word's place and how many of its letters are Latin, look Latin, or neither."""

    start: int
    text: str
    latin: int
    alike: int
    other: int

    @property
    def letters(self) -> int:
        return self.latin + self.alike + self.other

    @property
    def reads_as_latin(self) -> bool:
        return self.latin > self.other

    @property
    def only_looks_latin(self) -> bool:
        return self.alike > 0 and self.latin == self.other == 0


def lookalikes(text: str) -> Sequence[Edit]:
    """Return the edits that make what looks Latin in Latin writing Latin, and one case of the rest.

    A word is read as Latin if its Latin letters outnumber those of other scripts that look like no
    Latin one, and a word of nothing but lookalikes if most letters of the text are in such words;
    links and handles do not count. Takes folded text.
    """
    if text.isascii() or not _OTHER.search(text):
        return ()
    words = list(_words(text))
    latin = sum(word.letters for word in words if word.reads_as_latin)
    text_is_latin = 2 * latin > sum(word.letters for word in words)
    edits: list[Edit] = []
    for word in words:
        if word.alike or word.other:
            reads = word.reads_as_latin or (text_is_latin and word.only_looks_latin)
            edits += _respelled(word, as_latin=reads)
    return edits


def is_undecided(text: str) -> bool:
    """Say whether `lookalikes` reads a word of `text` by what else stands around the text."""
    if text.isascii() or not _OTHER.search(text):
        return False
    return any(word.only_looks_latin for word in _words(text))


def _words(text: str) -> Iterator[_Word]:
    for match in _WORD.finditer(text):
        word = match["word"]
        if word and word.isascii():
            yield _Word(match.start(), word, sum(map(str.isalpha, word)), 0, 0)
        elif word:
            kinds = [_kind(character) for character in word if character.isalpha()]
            yield _Word(match.start(), word, kinds.count("latin"), kinds.count("alike"), kinds.count("other"))


def _respelled(word: _Word, *, as_latin: bool) -> Iterator[Edit]:
    for place, character in enumerate(word.text, word.start):
        new = (as_latin and lookalike(character)) or _one_case(character)
        if new != character:
            yield place, place + 1, new


def _one_case(character: str) -> str:
    return unicodedata.normalize("NFKC", character.casefold()) if character.isupper() else character


@cache
def _kind(letter: str) -> str:
    if is_latin(letter):
        return "latin"
    return "alike" if lookalike(letter) else "other"


@cache
def is_latin(letter: str) -> bool:
    """Say whether a letter is of the Latin script."""
    return letter.isascii() or unicodedata.name(letter, "").startswith("LATIN ")


@cache
def latin_base(letter: str) -> str:
    """Return the plain small letters that a small Latin letter is made from or looks like, else itself.

    Strokes, hooks, small capitals and turned letters are told by their names, IPA's alpha and the
    ligatures by Unicode's table of confusables.
    """
    if letter.isascii() or not is_latin(letter):
        return letter
    named = _NAME.fullmatch(unicodedata.name(letter))
    if named:
        return named["base"].lower()
    plain = [shape for shape in _shapes(letter) if shape.isascii() and shape.isalpha()]
    drawn = [match["base"] for shape in _shapes(letter) for match in [_NAME.fullmatch(_name(shape))] if match]
    return next(iter([*plain, *drawn]), letter).lower()


@cache
def lookalike(letter: str) -> str | None:
    """Return the small Latin letter that a letter of another script looks like, None if it does not.

    A letter that looks like none itself is taken for its other case (т for Т): whether a letter is
    a lookalike does not depend on its case.
    """
    if is_latin(letter):
        return None
    capital = letter.upper()
    small = capital.lower()  # not the letter's own: a final sigma is a sigma
    in_case = [shape for shape in _plain(letter) if shape.isupper() == letter.isupper()]
    return next(iter([*in_case, *_plain(small), *_plain(capital)]), "").lower() or None


def _plain(letter: str) -> list[str]:
    """Return the single Latin letters that a letter looks like, or that it does without its mark."""
    bare = unicodedata.normalize("NFD", letter)[:1]
    return [shape for shape in _shapes(bare) if len(shape) == 1 and shape.isascii() and shape.isalpha()]


def _shapes(letter: str) -> list[str]:
    """Return what Unicode's table calls confusable with a letter, without marks."""
    return [_GENERAL.sub("", unicodedata.normalize("NFD", row["c"])) for row in _table().get(letter, ())]


def _name(shape: str) -> str:
    return unicodedata.name(shape, "") if len(shape) == 1 else ""


@cache
def _table() -> Mapping[str, Sequence[Mapping[str, str]]]:
    """Return Unicode's table (UTS #39): read from a file of 900 kB, so only where it is needed."""
    from confusable_homoglyphs.confusables import confusables_data

    table: Mapping[str, Sequence[Mapping[str, str]]] = confusables_data
    return table
