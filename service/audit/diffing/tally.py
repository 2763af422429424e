"""What all pairs of rows add up to, in one pass."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from tocsin.service.audit.diffing.rows import Pairs
from tocsin.service.audit.diffing.scores import ScoreMoves
from tocsin.service.audit.diffing.states import STATES, Moves
from tocsin.service.audit.sampling.values import Values

__all__ = ["Tally"]

Ints = NDArray[np.int64]

_STATES = len(STATES)
_CELLS = _STATES * _STATES


class Tally:
    """Count pairs by policy and both states, whole and by slice, and how far scores moved."""

    def __init__(self, policies: int, values: Mapping[str, Values]) -> None:
        self.only_a = self.only_b = 0
        self.scores = [ScoreMoves() for _ in range(policies)]
        self._values = values
        self._whole = np.zeros((1, policies, _CELLS), np.int64)
        self._cuts = {name: np.zeros((0, policies, _CELLS), np.int64) for name in values}

    def add(self, pairs: Pairs) -> None:
        """Count some pairs; rows that only one audit has are in no table."""
        here, there = pairs.there
        self.only_a += int((here & ~there).sum())
        self.only_b += int((there & ~here).sum())
        both = here & there
        before, after = pairs.before.states[both], pairs.after.states[both]
        cells = before.astype(np.int64) * _STATES + after
        self._whole += _counted(np.zeros(len(cells), np.int64), cells, 1)
        for name, counts in self._cuts.items():
            codes = pairs.codes(name)[both]
            told = codes >= 0
            known = len(self._values[name].known)
            found = _counted(codes[told], cells[told], known)
            found[: len(counts)] += counts
            self._cuts[name] = found
        for policy, scores in enumerate(self.scores):
            scores.add(pairs.before.scores[both, policy], pairs.after.scores[both, policy])

    def moves(self, policy: int) -> Moves:
        """Return the table of one policy."""
        return _moves(self._whole[0, policy])

    def by_slice(self, name: str, policy: int) -> list[Moves]:
        """Return the tables of one policy by the number of a slice's value."""
        return [_moves(cells) for cells in self._cuts[name][:, policy]]

    @property
    def rows(self) -> int:
        """Return how many rows both audits have."""
        return self.moves(0).rows

    @property
    def read(self) -> tuple[int, int]:
        """Return how many rows came of A and of B."""
        return self.rows + self.only_a, self.rows + self.only_b


def _counted(codes: Ints, cells: Ints, values: int) -> Ints:
    """Count cells, ``(rows, policies)``, by code, policy and cell."""
    policies = cells.shape[1]
    places = (codes[:, None] * policies + np.arange(policies)) * _CELLS + cells
    found = np.bincount(places.reshape(-1), minlength=values * policies * _CELLS)
    return np.asarray(found.reshape(values, policies, _CELLS), np.int64)


def _moves(cells: Ints) -> Moves:
    return Moves(cells.reshape(_STATES, _STATES))
