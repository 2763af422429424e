"""What an audit made of a row under one policy, and what a table of such pairs adds up to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["ABSENT", "STATES", "Moves", "State"]

Ints = NDArray[np.int64]


class State(StrEnum):
    """Name it: one of three levels, or why there is none."""

    NONE = "none"
    REVIEW = "review"
    URGENT = "urgent"
    UNJUDGED = "unjudged"
    UNSCORABLE = "unscorable"
    REJECTED = "rejected"


STATES: Final = tuple(State)
ABSENT: Final = len(STATES)  # the number of what the other audit does not have at all
_LEVELS: Final = 3  # the first states, in their order


@dataclass(frozen=True, slots=True)
class Moves:
    """Hold how many rows were of each state in A and in B, ``(states in A, states in B)``."""

    table: Ints

    @property
    def rows(self) -> int:
        """Return all rows."""
        return int(self.table.sum())

    @property
    def judged(self) -> int:
        """Return the rows that have a level in both."""
        return int(self._levels.sum())

    @property
    def raised(self) -> int:
        """Return those of them whose level is higher in B."""
        return int(np.triu(self._levels, 1).sum())

    @property
    def lowered(self) -> int:
        """Return those of them whose level is lower in B."""
        return int(np.tril(self._levels, -1).sum())

    @property
    def share(self) -> float | None:
        """Return the share of the judged rows that flip; None where there are none."""
        return (self.raised + self.lowered) / self.judged if self.judged else None

    @property
    def kappa(self) -> float | None:
        """Return how far levels agree beyond what their shares alone make: Cohen's kappa (1960), unweighted.

        None where both have one level throughout.
        """
        if not self.judged:
            return None
        shares = self._levels / self.judged
        chance = float(shares.sum(axis=0) @ shares.sum(axis=1))
        return None if chance >= 1 else (float(np.trace(shares)) - chance) / (1 - chance)

    @property
    def lost(self) -> int:
        """Return the rows that have a level in A alone."""
        return int(self.table[:_LEVELS, _LEVELS:].sum())

    @property
    def gained(self) -> int:
        """Return the rows that have a level in B alone."""
        return int(self.table[_LEVELS:, :_LEVELS].sum())

    @property
    def flagged(self) -> tuple[int, int, int]:
        """Return the rows at `review` or above: in A, in B, and in both."""
        flagged = slice(1, _LEVELS)
        one, other = self.table[flagged].sum(), self.table[:, flagged].sum()
        return int(one), int(other), int(self.table[flagged, flagged].sum())

    @property
    def change(self) -> float | None:
        """Return by how much the flagged share of all rows is higher in B; None where there are no rows."""
        one, other, _ = self.flagged
        return (other - one) / self.rows if self.rows else None

    @property
    def _levels(self) -> Ints:
        return self.table[:_LEVELS, :_LEVELS]
