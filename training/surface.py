"""What a text looks like without being read: seven numbers that give many a corpus away."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.text import URL, USER, normalise

__all__ = ["SURFACE", "surface"]

SURFACE: Final = ("characters", "links", "handles", "hashtags", "capitals", "punctuation", "digits")

_HASHTAG: Final = re.compile(r"(?<!\w)#\w")


def surface(texts: Sequence[str]) -> NDArray[np.float64]:
    """Return ``(texts, 7)``: characters, links, handles, hashtags counted; the rest shares of characters."""
    return np.array([_looks(text) for text in texts], np.float64).reshape(-1, len(SURFACE))


def _looks(text: str) -> tuple[float, ...]:
    words = normalise(text).split()
    size = max(len(text), 1)
    return (
        len(text),
        words.count(URL),
        words.count(USER),
        len(_HASHTAG.findall(text)),
        sum(map(str.isupper, text)) / size,
        sum(unicodedata.category(character)[0] == "P" for character in text) / size,
        sum(map(str.isdecimal, text)) / size,
    )
