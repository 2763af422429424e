"""Pictures for words: the emoji of that name."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import cache

from tocsin.eval.perturbations.places import respelled

__all__ = ["emoji_words", "emoji_words_german", "pictures"]


def emoji_words(text: str, share: float, draw: random.Random) -> str:
    """Put the emoji of that English name for a share of the words that have one."""
    return _pictured(text, share, draw, "en")


def emoji_words_german(text: str, share: float, draw: random.Random) -> str:
    """Put the emoji of that German name for a share of the words that have one."""
    return _pictured(text, share, draw, "de")


@cache
def pictures(language: str) -> Mapping[str, str]:
    """Return the emoji of every word that is one's whole CLDR short name in a language."""
    from emoji import EMOJI_DATA, STATUS, config

    config.load_language(language)
    named: dict[str, str] = {}
    for sequence, row in EMOJI_DATA.items():
        name = str(row.get(language, "")).strip(":").casefold()
        if name.isalpha() and row["status"] == STATUS["fully_qualified"]:
            named.setdefault(name, sequence)
    return named


def _pictured(text: str, share: float, draw: random.Random, language: str) -> str:
    named = pictures(language)
    return respelled(
        text, share, draw, lambda word, _: named[word.casefold()], lambda word: word.casefold() in named
    )
