"""Groups that texts name: another one in a harmless text, or none in any.

What is harmless of one group is so of another: counterfactual augmentation (Kaushik et al. 2020; Dixon et
al. 2018), for harmless rows alone: hateful text is not written anew. The words are plain names, no slurs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

__all__ = ["names_a_group", "renamed", "unnamed"]

# Each line: words that may stand for one another, in one form.
_ALIKE: Final[tuple[tuple[str, ...], ...]] = (
    ("muslim", "jewish", "christian", "hindu", "buddhist", "sikh", "catholic"),
    ("muslims", "jews", "christians", "hindus", "buddhists", "sikhs", "catholics"),
    ("black", "white", "asian", "latino", "arab", "african", "european"),
    ("blacks", "whites", "asians", "latinos", "arabs", "africans", "europeans"),
    (
        "mexican",
        "chinese",
        "indian",
        "pakistani",
        "turkish",
        "syrian",
        "russian",
        "german",
        "canadian",
        "israeli",
    ),
    ("mexicans", "indians", "pakistanis", "turks", "syrians", "russians", "germans", "canadians", "israelis"),
    ("gay", "lesbian", "straight", "bisexual", "transgender"),
    ("gays", "lesbians", "heterosexuals", "bisexuals"),
    ("immigrant", "migrant", "refugee", "foreigner", "citizen", "tourist"),
    ("immigrants", "migrants", "refugees", "foreigners", "citizens", "tourists"),
    ("women", "men"),
    ("woman", "man"),
    ("girls", "boys"),
    ("girl", "boy"),
    ("islam", "judaism", "christianity", "hinduism", "buddhism"),
    ("mosque", "synagogue", "church", "temple"),
    ("disabled", "deaf", "blind", "autistic"),
)
_LINE: Final = {word: line for line in _ALIKE for word in line}
_ANY: Final = re.compile(rf"(?<!\w)(?:{'|'.join(sorted(_LINE, key=len, reverse=True))})(?!\w)")


def renamed(text: str, rng: np.random.Generator) -> str | None:
    """Return a normalised text with each named group replaced, one the same way; None if none is named."""
    chosen: dict[str, str] = {}
    for word in dict.fromkeys(_ANY.findall(text)):
        others = _others(_LINE[word], word)
        chosen[word] = others[int(rng.integers(len(others)))]
    return _ANY.sub(lambda match: chosen[match[0]], text) if chosen else None


def unnamed(text: str, mask: str) -> str | None:
    """Return a normalised text with `mask` in place of every named group; None if none is named."""
    return _ANY.sub(lambda _: mask, text) if names_a_group(text) else None


def names_a_group(text: str) -> bool:
    """Say whether a normalised text names a group of people by one of the plain names known here."""
    return _ANY.search(text) is not None


def _others(line: Sequence[str], word: str) -> Sequence[str]:
    return [other for other in line if other != word]
