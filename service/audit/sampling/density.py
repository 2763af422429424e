"""How much more often than evenly each row should be drawn, so that one sample serves every policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Density", "expected_spread"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def expected_spread(scores: Floats) -> Floats:
    """Return the standard deviation that a label should have by its score, NaN where there is none.

    That of a coin with the score as its probability. A policy's score is an ordering and may be far from one:
    that makes samples less efficient, never estimates wrong.
    """
    return np.asarray(np.sqrt(scores * (1 - scores)))


@dataclass(frozen=True, slots=True)
class Density:
    """Hold what makes the density of a row: how often it should be drawn, where 1 is as often as any.

    `even` is the share of labels that are spread evenly over all rows, which bounds how rarely any row is
    drawn (Owen and Zhou 2000, JASA 95, on defensive mixtures). `weighted` is the share spread by the weight
    column. `flagged` is the share that goes to what policies flag, divided equally among their levels: what
    precision is told from. The rest is divided equally among the policies, and for each goes where its labels
    should scatter most (Neyman 1934; by a model's variance, Särndal, Swensson and Wretman 1992, chapter
    12). `spreads` are the mean expected spread of each policy over all rows that have its score, `flags`
    the share of rows that each flags at each level, ``(levels, policies)``, `weight` the mean weight.
    """

    even: float
    weighted: float
    flagged: float
    spreads: tuple[float, ...]
    flags: tuple[tuple[float, ...], ...]
    weight: float

    def of(self, scores: Floats, levels: Sequence[Bools], weights: Floats | None) -> Floats:
        """Return the density of rows with ``(rows, policies)`` scores, NaN where a policy has none.

        `levels` say which policies flagged each row, level by level.
        """
        found = np.full(len(scores), self.even)
        found += self.weighted * _relative(weights, self.weight, len(scores))
        share = self.flagged / (len(self.flags) * len(self.spreads))
        for flagged, means in zip(levels, self.flags, strict=True):
            for place, mean in enumerate(means):
                found += share * _relative(flagged[:, place].astype(np.float64), mean, len(scores))
        rest = 1 - self.even - self.weighted - self.flagged
        for place, mean in enumerate(self.spreads):
            found += (
                rest / len(self.spreads) * _relative(expected_spread(scores[:, place]), mean, len(scores))
            )
        return found


def _relative(values: Floats | None, mean: float, rows: int) -> Floats:
    """Return values over their mean; 1, as often as any, where nothing is known."""
    if values is None or not mean > 0:
        return np.ones(rows)
    return np.asarray(np.where(np.isnan(values), 1.0, values / mean))
