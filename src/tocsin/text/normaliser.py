"""The steps from a text as posted to the text that models see."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from tocsin.text.edits import Edit, Normalised, Step, edited
from tocsin.text.emoji_names import emoji, names
from tocsin.text.entities import entities
from tocsin.text.folding import FOLDING, marks
from tocsin.text.links import handles, links
from tocsin.text.lookalikes import lookalikes
from tocsin.text.spelling import respelled, spaced, stretched

__all__ = ["letters", "normalise", "normalise_with_offsets"]

_BLANKS: Final = re.compile(r"^ +| {2,}| +$")


def _blanks(text: str) -> Sequence[Edit]:
    """Return the edits that leave single blanks between words, and none around the text."""
    if "  " not in text and text == text.strip(" "):
        return ()
    edges = (0, len(text))
    return [
        (match.start(), match.end(), "" if match.start() in edges or match.end() in edges else " ")
        for match in _BLANKS.finditer(text)
    ]


# Entities are escaped more than once where a post has been through several hands.
BEFORE_FOLDING: Final[tuple[Step, ...]] = (entities, entities, entities, emoji)
# Links come twice: before spelled-out letters are joined, and for what comes of joining them.
AFTER_FOLDING: Final[tuple[Step, ...]] = (
    marks,
    lookalikes,
    links,
    handles,
    spaced,
    stretched,
    respelled,
    stretched,
    links,
    names,
    _blanks,
)


def normalise(text: str) -> str:
    """Return `text` as the models see it: one case, one form, obfuscated spellings undone.

    Links and handles become one word each, emoji their names, HTML entities what they stand for,
    white space single blanks. Styled, accented and look-alike letters become plain ones; spaced,
    stretched and leet spellings words: docs/decisions/0008-normaliser.md says how, and why.
    """
    for step in BEFORE_FOLDING:
        text = edited(text, step(text))
    text = text.translate(FOLDING)
    for step in AFTER_FOLDING:
        text = edited(text, step(text))
    return text


def normalise_with_offsets(text: str) -> Normalised:
    """Return what `normalise` returns, and where each character of it came from."""
    normalised = Normalised.of(text)
    for step in BEFORE_FOLDING:
        normalised = normalised.edited(step(normalised.text))
    normalised = normalised.edited(_folding(normalised.text))
    for step in AFTER_FOLDING:
        normalised = normalised.edited(step(normalised.text))
    return normalised


def _folding(text: str) -> Sequence[Edit]:
    """Return as edits what `str.translate` does faster."""
    return [
        (place, place + 1, FOLDING[ord(character)])
        for place, character in enumerate(text)
        if FOLDING[ord(character)] != character
    ]


def letters(text: str) -> str:
    """Return the letters of `text` alone, in order."""
    return "".join(character for character in text if character.isalpha())
