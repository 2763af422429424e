"""Which form of an identity term a word is, where one spelling serves for several: rules of thumb."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["ENGLISH_GRAMMAR", "GERMAN_GRAMMAR", "Grammar", "cased"]

_NEXT: Final = re.compile(r"\s+([^\W\d_]+)")
_LAST: Final = re.compile(r"([^\W\d_]+)\s+$")
_ARTICLE: Final = re.compile(r"\b([aA])n?(\s+)$")
_LIKE_A_CONSONANT: Final = ("eu", "u")  # a European
# A word after which no noun begins: what stands before it is a noun itself, or ends its clause.
_NO_NOUN: Final = frozenset(
    re.findall(
        r"\w+",
        "a am an and are as at because but by can cannot could did do does for from had has have he i if in"
        " is it like may might must not of on or our says shall she should so than that the their them then"
        " these they this those to too was we were what when where which who will with would you your",
    )
)
_DATIVES: Final = frozenset(
    re.findall(r"\w+", "allen aus bei den denen diesen mit nach seit unter unseren vielen von zu zwischen")
)
_SINGULARS: Final = frozenset(
    re.findall(r"\w+", "der dem des ein einem einen eines jeder jedem jeden kein keinem keinen")
)


@dataclass(frozen=True, slots=True)
class Grammar:
    """Hold what swapping words takes in one language.

    `forms` are the columns of its table of terms, the adjective's first, which takes each of `endings`.
    `choose` says which of a word's forms is meant, given those, the text before it, itself and the text
    after; `before` returns the text before a word as it must be, given that and the word.
    """

    forms: tuple[str, ...]
    choose: Callable[[Sequence[str], str, str, str], str]
    endings: tuple[str, ...] = ("",)
    before: Callable[[str, str], str] = lambda before, _word: before


def _english_form(forms: Sequence[str], _before: str, _word: str, after: str) -> str:
    """Return the form: an adjective if a noun may follow, else one or many people."""
    follows = _NEXT.match(after)
    adjectival = follows is not None and follows[1].lower() not in _NO_NOUN
    wanted = ("adjective", "people", "person") if adjectival else ("people", "person", "adjective")
    return next(form for form in wanted if form in forms)


def _german_form(forms: Sequence[str], before: str, word: str, _after: str) -> str:
    """Return the form: a noun has a capital; the word before tells dative and singular."""
    nouns = [form for form in forms if not form.startswith("adjective")]
    if not nouns or (len(nouns) < len(forms) and not word[:1].isupper()):
        return forms[0]
    precedes = _LAST.search(before)
    article = precedes[1].lower() if precedes else ""
    wanted = ["people", "person", "dative", "women", "woman"]
    if article in _DATIVES:
        wanted.insert(0, "dative")
    elif article in _SINGULARS:
        wanted.insert(0, "person")
    return next(form for form in wanted if form in nouns)


def _articled(before: str, word: str) -> str:
    """Return the text before an English word with the indefinite article that goes with it."""
    vowel = word[:1].lower() in "aeio" and not word.lower().startswith(_LIKE_A_CONSONANT)
    return _ARTICLE.sub(lambda match: f"{match[1]}{'n' if vowel else ''}{match[2]}", before)


def cased(word: str, like: str) -> str:
    """Return a word in the case of another: all capitals, a first capital, or as it is written."""
    if len(like) > 1 and like.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if like[:1].isupper() else word


ENGLISH_GRAMMAR: Final = Grammar(("adjective", "person", "people"), _english_form, before=_articled)
GERMAN_GRAMMAR: Final = Grammar(
    ("adjective", "person", "people", "dative", "woman", "women"),
    _german_form,
    endings=("", "e", "en", "er", "es", "em"),
)
