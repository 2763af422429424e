"""How well each signal ranks, corpus by corpus and language by language: never pooled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tocsin.eval.slices import Slice
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.statistics.ranking_intervals import ranking_estimates
from tocsin.signals import Signal

__all__ = ["LEAST_POSITIVES", "LEAST_ROWS", "Cell", "cell"]

LEAST_POSITIVES: Final = 50  # fewer carry no claim
LEAST_ROWS: Final = 20  # a slice with fewer rows is not reported at all


@dataclass(frozen=True, slots=True)
class Cell:
    """Hold the figures of one corpus, signal and language on its test rows.

    `estimates` is empty where the bundle does not offer the signal or either class has fewer than
    20 rows; `claimed` says that there are 50 positives or more.
    """

    corpus: str
    signal: Signal
    language: str
    positives: int
    negatives: int
    unscored: int
    estimates: Mapping[str, Estimate]

    @property
    def claimed(self) -> bool:
        """Say whether the cell has enough positives for a claim."""
        return self.positives >= LEAST_POSITIVES and bool(self.estimates)


def cell(part: Slice) -> Cell:
    """Return how well the scores of one slice rank its rows."""
    enough = min(part.positives, part.negatives) >= LEAST_ROWS
    return Cell(
        part.corpus,
        part.signal,
        part.language,
        part.positives,
        part.negatives,
        part.unscored,
        ranking_estimates(part.labels, part.scores, part.groups) if enough else {},
    )
