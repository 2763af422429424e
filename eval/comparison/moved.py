"""Two files of scores, signal by signal: which rows have a score, and how far scores moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tocsin.eval.cells import LEAST_ROWS
from tocsin.eval.comparison.score_file import ScoreFile
from tocsin.eval.statistics.drifting import Drift, drift_of
from tocsin.eval.statistics.intervals import Estimate, proportion, proportions_apart
from tocsin.signals import Signal

__all__ = ["Moved", "moved", "rows_of", "without_score"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Moved:
    """Hold the scores of one signal, before and after: ``(rows,)`` each, at least 20.

    `missing` counts the rows of each file that have no score of it.
    """

    signal: Signal
    before: Floats
    after: Floats
    missing: tuple[int, int]

    @cached_property
    def drift(self) -> Drift:
        """Return how far they moved."""
        return drift_of(self.before, self.after)

    @property
    def unscored(self) -> tuple[Estimate, Estimate]:
        """Return the shares of rows without a score, before and after."""
        (old, rows), (new, later) = self._counts
        return proportion(old, rows), proportion(new, later)

    @property
    def risen(self) -> Estimate:
        """Return by how much that share rose."""
        (old, rows), (new, later) = self._counts
        return proportions_apart(new, later, old, rows)

    @property
    def _counts(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return how many rows lack a score, of how many, before and after."""
        old, new = self.missing
        return (old, old + len(self.before)), (new, new + len(self.after))


def moved(before: ScoreFile, after: ScoreFile) -> Iterator[Moved]:
    """Yield every signal that has 20 scores in both files."""
    earlier, later = rows_of(before), rows_of(after)
    for signal in Signal:
        old, new = _scores(before, signal), _scores(after, signal)
        if min(len(old), len(new)) >= LEAST_ROWS:
            yield Moved(signal, old, new, (len(earlier) - len(old), len(later) - len(new)))


def rows_of(file: ScoreFile) -> frozenset[str]:
    """Return the ids of all rows of a file, with a score or without."""
    return frozenset().union(*file.scores.values())


def without_score(file: ScoreFile) -> int:
    """Count the rows that have no score of any signal."""
    told = {row for scores in file.scores.values() for row, score in scores.items() if not np.isnan(score)}
    return len(rows_of(file) - told)


def _scores(file: ScoreFile, signal: Signal) -> Floats:
    told: Mapping[str, float] = file.scores.get(signal, {})
    scores = np.fromiter(told.values(), np.float64, len(told))
    return scores[~np.isnan(scores)]
