"""How far scores moved, as counts on a fine grid: in constant memory, and to its step exact."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["QUANTILES", "STEPS", "RankAgreement", "ScoreMoves"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STEPS: Final = 100_000  # of the grid from 0 to 1
QUANTILES: Final = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


class ScoreMoves:
    """Count the scores of one policy in A and in B, and their differences, over rows that have both."""

    def __init__(self) -> None:
        self.before = np.zeros(STEPS + 1, np.int64)
        self.after = np.zeros(STEPS + 1, np.int64)
        self._differences = np.zeros(2 * STEPS + 1, np.int64)
        self._distance = 0.0

    def add(self, before: Floats, after: Floats) -> None:
        """Count some rows; NaN where there is no score."""
        both = ~(np.isnan(before) | np.isnan(after))
        one, other = before[both], after[both]
        self.before += np.bincount(_steps(one), minlength=STEPS + 1)
        self.after += np.bincount(_steps(other), minlength=STEPS + 1)
        self._differences += np.bincount(_steps(other - one) + STEPS, minlength=2 * STEPS + 1)
        self._distance += float(np.abs(other - one).sum())

    @property
    def rows(self) -> int:
        """Return how many rows have both."""
        return int(self.before.sum())

    @property
    def distance(self) -> float:
        """Return the mean of how far apart the two scores are."""
        return self._distance / self.rows

    @property
    def moved(self) -> tuple[int, int]:
        """Return how many scores are higher in B, and how many lower, by a step or more."""
        return int(self._differences[STEPS + 1 :].sum()), int(self._differences[:STEPS].sum())

    def quantile(self, share: float) -> float:
        """Return the least difference, B less A, that so large a share of rows does not exceed."""
        reached = np.cumsum(self._differences)
        rank = max(1, int(np.ceil(share * reached[-1])))
        return float(np.searchsorted(reached, rank) - STEPS) / STEPS


class RankAgreement:
    """Add up Spearman's correlation of ranks from a second pass, once all scores are counted."""

    def __init__(self, moves: ScoreMoves) -> None:
        self._before, self._after = _ranks(moves.before), _ranks(moves.after)
        one, other = (
            float(counts @ ranks**2)
            for counts, ranks in ((moves.before, self._before), (moves.after, self._after))
        )
        self._scale = float(np.sqrt(one * other))
        self._sum = 0.0

    def add(self, before: Floats, after: Floats) -> None:
        """Look at some rows; NaN where there is no score."""
        both = ~(np.isnan(before) | np.isnan(after))
        self._sum += float(self._before[_steps(before[both])] @ self._after[_steps(after[both])])

    @property
    def value(self) -> float | None:
        """Return the correlation, tied scores given their middle rank; None where one side has one score."""
        return self._sum / self._scale if self._scale > 0 else None


def _steps(scores: Floats) -> Ints:
    return np.asarray(np.rint(scores * STEPS), np.int64)


def _ranks(counts: Ints) -> Floats:
    """Return the middle rank of each step, less that of all rows."""
    reached = np.cumsum(counts)
    return np.asarray(reached - (counts - 1) / 2 - (reached[-1] + 1) / 2)
