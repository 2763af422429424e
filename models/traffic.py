"""What is kept of a platform's own traffic while it is scored: scores, never a text or an id."""

from __future__ import annotations

import hashlib
import math
import secrets
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tocsin.assessment import Assessment, Level
from tocsin.item import Item
from tocsin.language import UNDETERMINED

__all__ = ["TrafficScores"]


@dataclass(slots=True)
class _Rows:
    """Hold what is kept of the scored rows that were judged in one language."""

    texts: array[int] = field(default_factory=lambda: array("Q"))
    scores: dict[str, array[float]] = field(default_factory=dict)
    urgent: dict[str, bytearray] = field(default_factory=dict)


class TrafficScores:
    """Collect the scores that items have under `policies`, by the language they were judged in.

    That is `assumed` where nobody could tell it. Copies of a text are told by keyed 64-bit hashes,
    whose key is kept nowhere. `unscorable` counts, by reason, the rows that could not be judged.
    """

    def __init__(self, policies: Iterable[str], assumed: str) -> None:
        self._policies = frozenset(policies)
        self._assumed = assumed
        self._key = secrets.token_bytes(16)
        self._rows: dict[str, _Rows] = {}
        self.unscorable: Counter[str] = Counter()

    @property
    def rows(self) -> Mapping[str, int]:
        """Return how many scored rows there are in each language."""
        return {language: len(rows.texts) for language, rows in sorted(self._rows.items())}

    def add(self, item: Item, assessment: Assessment) -> None:
        """Take one row."""
        if assessment.reason is not None:
            self.unscorable[assessment.reason.value] += 1
            return
        told = assessment.language
        rows = self._rows.setdefault(self._assumed if told == UNDETERMINED else told, _Rows())
        rows.texts.append(self._hash(item.text))
        for result in assessment.policies:
            if result.name in self._policies:
                score = math.nan if result.score is None else result.score
                rows.scores.setdefault(result.name, array("d")).append(score)
                rows.urgent.setdefault(result.name, bytearray()).append(result.level is Level.URGENT)

    def duplicates(self, language: str) -> int:
        """Return how many rows have exactly the text of another row."""
        texts = np.array(self._rows[language].texts, np.uint64)
        return len(texts) - len(np.unique(texts))

    def scores(self, language: str, policy: str) -> NDArray[np.float64]:
        """Return the policy's score of every row, NaN where it is null."""
        return np.array(self._rows[language].scores[policy], np.float64)

    def urgent(self, language: str, policy: str) -> NDArray[np.bool_]:
        """Return which rows were urgent."""
        return np.array(self._rows[language].urgent[policy], np.bool_)

    def _hash(self, text: str) -> int:
        told = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8, key=self._key)
        return int.from_bytes(told.digest(), "big")
