"""Normalising by the piece: what stands between blanks, once for each distinct one.

Posts are made of the same pieces over and over, and hardly a step of normalising sees past a blank. So the
normal form of a text is that of its pieces, unless letters are spelled out across them, or how one is read
is up to the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from tocsin.text.edits import Step, edited
from tocsin.text.folding import FOLDING, marks
from tocsin.text.links import URL, USER
from tocsin.text.lookalikes import is_undecided
from tocsin.text.normaliser import AFTER_FOLDING, BEFORE_FOLDING
from tocsin.text.spelling import has_one_at_an_edge, has_two_at_an_edge, spaced

__all__ = ["LETTERS_IN_A_ROW", "Piece", "Pieces", "parted", "piece", "piece_all", "pieces"]

# Words, numbers and signs that no step changes but for their case: most pieces are.
_PLAIN: Final = (
    r"(?!.*([a-z])\1\1)(?:"
    r"[a-z]{2,}+(?:'[a-z]++)?(?![0-9']|[@$])|'(?:[a-z]{2,}+|(?![a-z0-9']))(?![0-9'])"
    r"|[0-9]{2,}+(?![a-z0-9'])|!(?![a-z0-9])|[-,;?\"()*+=%#.:<>~|\[\]{}^\\](?!/)|/)+"
)
_PLAIN_LINES: Final = re.compile(rf"^(?:{_PLAIN}|(.*))$", re.ASCII | re.IGNORECASE | re.MULTILINE)
# To its end, without entities.
_LINK: Final = re.compile(r"https?://[!#-%'-;=?-~]+", re.ASCII | re.IGNORECASE)
_HANDLE: Final = re.compile(r"(?!.*www)@[a-z0-9_]{1,50}([.,:;?!)]*)", re.ASCII | re.IGNORECASE)

_QUOTES: Final = [(quote, FOLDING[ord(quote)]) for quote in "‘’“”"]
_JOINING: Final = AFTER_FOLDING.index(spaced)
LETTERS_IN_A_ROW: Final = 3  # fewer are never joined


@dataclass(frozen=True, slots=True)
class Piece:
    """Hold the normal form of a piece by itself, and what it takes to be another in a text.

    `text` may be several words, or "" if nothing is left. A piece that `depends` may become another one
    beside any others; one that is `single`, beside others that are: letters spelled out.
    """

    text: str
    depends: bool
    single: bool


def pieces(text: str) -> list[str]:
    """Return what stands between white space: all of it is blanks to `normalise`."""
    return text.split()


@dataclass(frozen=True, slots=True)
class Pieces:
    """Hold many pieces, in order: their texts, and the places of those that depend or are single."""

    texts: list[str]
    depends: list[int]
    single: list[int]


def piece(raw: str) -> Piece:
    """Return the normal form of one of the `pieces` of a text."""
    found = piece_all([raw])
    return Piece(found.texts[0], depends=bool(found.depends), single=bool(found.single))


def piece_all(raw: Sequence[str]) -> Pieces:
    """Return what `piece` returns of each, sooner."""
    lines = "\n".join(raw)
    for curly, straight in _QUOTES:  # as `FOLDING` does, and no step before it sees a difference
        lines = lines.replace(curly, straight)
    found = Pieces(lines.lower().split("\n") if raw else [], [], [])
    for place, (_, other) in enumerate(_PLAIN_LINES.findall(lines)):
        if other:
            one = _other(other)
            found.texts[place] = one.text
            found.depends.extend([place] * one.depends)
            found.single.extend([place] * one.single)
    return found


def _other(raw: str) -> Piece:
    if raw[0] == "@" and (handle := _HANDLE.fullmatch(raw)):
        return Piece(f"{USER} {handle[1]}" if handle[1] else USER, depends=False, single=False)
    if _LINK.fullmatch(raw):
        return Piece(URL, depends=False, single=False)
    return _by_steps(raw)


def _by_steps(raw: str) -> Piece:
    folded = _through((marks,), _through(BEFORE_FOLDING, raw).translate(FOLDING))
    apart = _through(AFTER_FOLDING[1:_JOINING], folded)
    return Piece(
        _through(AFTER_FOLDING[_JOINING:], apart),
        depends=is_undecided(folded) or has_two_at_an_edge(apart),
        single=has_one_at_an_edge(apart),
    )


def _through(steps: Sequence[Step], text: str) -> str:
    for step in steps:
        if edits := step(text):
            text = edited(text, edits)
    return text


def parted(found: Iterable[Piece]) -> bool:
    """Say whether a text's normal form is that of all its pieces, with blanks between those not empty.

    It is if no piece depends on others and no three in a row are single; empty ones do not count.
    """
    row = 0
    for one in found:
        if one.depends:
            return False
        if one.single:
            row += 1
            if row == LETTERS_IN_A_ROW:
                return False
        elif one.text:
            row = 0
    return True
