"""A platform's traffic becomes a clearing rule: numbers are kept while it is read, never a text or an id."""

from __future__ import annotations

import hashlib
import secrets
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tocsin.models.cascade.clearing import Clearing, fit_clearing
from tocsin.text import normalise

__all__ = ["TrafficRows"]


@dataclass(slots=True)
class _Rows:
    closeness: array[float] = field(default_factory=lambda: array("d"))
    flagged: bytearray = field(default_factory=bytearray)


class TrafficRows:
    """Collect what both tiers make of traffic, by the language that a text was judged in.

    A text that stands there twice, as far as the tiers can tell, counts once: copies are not independent of
    each other, and the bound takes independent rows. They are told by keyed 64-bit hashes, whose key is kept
    nowhere. `unscorable` counts, by reason, the rows that could not be judged; `other` those in a language
    that no cascade reads.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(16)
        self._seen: set[int] = set()
        self._rows: dict[str, _Rows] = {}
        self.copies = 0
        self.other = 0
        self.unscorable: Counter[str] = Counter()

    @property
    def rows(self) -> Mapping[str, int]:
        """Return how many distinct texts there are in each language."""
        return {language: len(rows.closeness) for language, rows in sorted(self._rows.items())}

    def add(self, text: str, language: str, closeness: float, *, flagged: bool) -> None:
        """Take one text."""
        read = normalise(text)  # what both tiers read
        told = hashlib.blake2b(read.encode("utf-8", "surrogatepass"), digest_size=8, key=self._key)
        if (seen := int.from_bytes(told.digest(), "big")) in self._seen:
            self.copies += 1
            return
        self._seen.add(seen)
        rows = self._rows.setdefault(language, _Rows())
        rows.closeness.append(closeness)
        rows.flagged.append(flagged)

    def clearings(self, languages: Sequence[str], loss: float) -> Mapping[str, Clearing]:
        """Return the rule of each language; nothing is cleared where too few of its texts are flagged."""
        return {
            language: fit_clearing(
                np.array(rows.closeness, np.float64), np.array(rows.flagged, np.bool_), loss
            )
            for language in languages
            for rows in [self._rows.get(language, _Rows())]
        }
