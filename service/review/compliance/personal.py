"""What looks like personal data: it must not get into a statement of reasons (DSA Article 24(5))."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

__all__ = ["looks_personal", "quotes"]

# Each is what it looks like, and how to see it. Numbers of laws (2021/784) and dates are none of them.
_LOOKS: Final = tuple(
    (what, re.compile(pattern, re.IGNORECASE))
    for what, pattern in (
        ("an e-mail address", r"[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>().]"),
        ("a handle", r"(?<![\w@])@\w{2,}|(?<![\w/])/?u/\w{2,}"),
        ("a URL", r"\w+://|\bwww\.|\b[a-z0-9-]+\.(?:com|org|net|info|io|eu|me|tv|de|fr|uk|at|ch|social)\b"),
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


def looks_personal(text: str) -> str | None:
    """Return what a text seems to hold that names a person or their post, None where nothing does.

    It sees forms, not names: that no person is named remains for whoever writes the text to check.
    """
    return next((what for what, pattern in _LOOKS if pattern.search(text)), None)


def quotes(text: str, posts: Iterable[str], ids: Iterable[str]) -> str | None:
    """Return what of a post a text repeats, "the post's text" or "an id", None where it does not.

    A post is repeated where eight of its words stand in a row; an id where it stands by itself, has five
    characters, and is more than letters: a word may be an id too.
    """
    words = _WORD.findall(text.casefold())
    runs = set(_runs(words))
    if any(run in runs for post in posts for run in _runs(_WORD.findall(post.casefold()))):
        return "the post's text"
    known = (one for one in ids if len(one) >= _SHORTEST_ID and not one.isalpha())
    if any(re.search(rf"(?<!\w){re.escape(one)}(?!\w)", text, re.IGNORECASE) for one in known):
        return "an id"
    return None


def _runs(words: list[str]) -> Iterator[tuple[str, ...]]:
    return zip(*(words[first:] for first in range(_RUN)), strict=False)
