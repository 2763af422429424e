"""What looks like personal data: it must not get into a statement of reasons (DSA Article 24(5))."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

__all__ = ["looks_personal", "quotes"]

_ENDINGS: Final = (
    "com|org|net|info|io|eu|me|tv|social|app|xyz|gg|at|bg|ch|cy|cz|de|dk|ee|es|fr|gr|hr|hu|ie|lt|lu|lv|mt|nl|pl"
    "|pt|ro|se|sk|uk"  # not is, it, no, be, si: where a space is missing, these are words
)
# Each is what it looks like, and how to see it. Numbers of laws (2021/784) and dates are none of them.
_LOOKS: Final = tuple(
    (what, re.compile(pattern, re.IGNORECASE))
    for what, pattern in (
        ("an e-mail address", r"[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>().]"),
        ("a handle", r"(?<![\w@])@\w{2,}|(?<![\w/])/?u/\w{2,}"),
        (
            "a URL",
            r"\w+://|\bwww\.|\b[a-z0-9-]+\.[a-z]{2,}/\w|\b[a-z0-9-]+\.(?:" + _ENDINGS + r")\b",
        ),
        ("an IP address", r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])|(?:[0-9a-f]{1,4}:){4}"),
        ("an account number", r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,}"),
        (
            "a phone number",
            r"(?<![\w/.-])(?:\+|\(?0)\d?(?:[ ()./-]{0,2}\d){6,}|\d{3}[ .-]\d{3}[ .-]\d{4}|(?<!\d)\d{9,}",
        ),
    )
)
_SHORTEST_ID: Final = 5  # of fewer characters, anything may be one: "4"
_RUN: Final = 8  # so many words in a row are a quotation; fewer, posts and rules share by chance
_WORD: Final = re.compile(r"\w+")
_STOPS: Final = str.maketrans("\u3002\u2024\u2219", "...")


def looks_personal(text: str) -> str | None:
    """Return what a text seems to hold that names a person or their post, None where nothing does.

    It sees forms, not names: that no person is named remains for whoever writes the text to check.
    """
    seen = _seen(text)
    return next((what for what, pattern in _LOOKS if pattern.search(seen)), None)


def quotes(text: str, posts: Iterable[str], ids: Iterable[str]) -> str | None:
    """Return what of a post a text repeats, "the post's text" or "an id", None where it does not.

    A post is repeated where eight of its words stand in a row; an id where it stands by itself, has five
    characters, and is more than letters: a word may be an id too.
    """
    seen = _seen(text)
    runs = set(_runs(_words(seen)))
    if any(run in runs for post in posts for run in _runs(_words(_seen(post)))):
        return "the post's text"
    known = (one for one in ids if len(one) >= _SHORTEST_ID and not one.isalpha())
    if any(re.search(rf"(?<!\w){re.escape(_seen(one))}(?!\w)", seen, re.IGNORECASE) for one in known):
        return "an id"
    return None


def _seen(text: str) -> str:
    """Return a text as a reader sees it: in usual letters, dashes and spaces, without what has no width."""
    usual = unicodedata.normalize("NFKC", text).translate(_STOPS)
    shown = "".join("-" if unicodedata.category(one) == "Pd" else one for one in usual if _has_width(one))
    return " ".join(shown.split())


def _has_width(letter: str) -> bool:
    return unicodedata.category(letter) != "Cf"


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _runs(words: list[str]) -> Iterator[tuple[str, ...]]:
    return zip(*(words[first:] for first in range(_RUN)), strict=False)
