"""Decided items in the order of their scores, and what lies above and below a threshold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.service.statistics.counts import Count

__all__ = ["Cumulated", "Evidence"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_MOST: Final = 100  # places that are tried, evenly spaced, and as many again that are close at the top
_MOMENTS: Final = 3


@dataclass(frozen=True, slots=True)
class Cumulated:
    """Hold what decided items come to on both sides of thresholds, one or several."""

    hits: Count
    alarms: Count
    hits_below: Count
    alarms_below: Count

    @property
    def flags(self) -> Floats:
        """Return about how many items reach them."""
        return np.asarray(self.hits.value + self.alarms.value)


@dataclass(frozen=True)
class Evidence:
    """Hold ``(items,)`` decided items, the highest scores first, and last those that have none (NaN).

    `hits` says which break the policy; `weights` what each counts for, itself and those like it that nobody
    decided. `drawn` are those of the random audit. Make one with `of`, which sorts.
    """

    scores: Floats
    hits: Bools
    weights: Floats
    drawn: Bools

    @classmethod
    def of(cls, scores: Floats, hits: Bools, weights: Floats, drawn: Bools) -> Evidence:
        """Return items in their order."""
        order = np.argsort(np.where(np.isnan(scores), np.inf, -scores), kind="stable")
        return cls(scores[order], hits[order], weights[order], drawn[order])

    @property
    def audited(self) -> int:
        """Return how many the random audit drew."""
        return int(self.drawn.sum())

    @cached_property
    def places(self) -> Ints:
        """Return the places of scores to try as thresholds, falling: at most 200, whatever the labels are."""
        differ = np.append(self.scores[1:] != self.scores[:-1], True)
        every = np.flatnonzero(differ & ~np.isnan(self.scores))
        if len(every) <= _MOST:
            return every
        even = np.linspace(0, len(every) - 1, _MOST)
        close = np.geomspace(1, len(every), _MOST) - 1
        return np.asarray(every[np.unique(np.concatenate([even, close]).astype(np.int64))])

    def at(self, places: Ints | int, more: float = 1.0) -> Cumulated:
        """Return what lies above and below the scores at `places`, which count as above.

        With `more` times as many labels of the random audit, if these say what those would.
        """
        above = [self._count(hits, places, more) for hits in (True, False)]
        below = [self._below(hits, places, more) for hits in (True, False)]
        return Cumulated(*above, *below)

    def _count(self, hits: bool, places: Ints | int, more: float) -> Count:
        sums, largest = self._sums[hits], self._largest
        told = [sums[drawn][:, places] for drawn in (False, True)]
        heaviest = np.maximum(largest[False][places], largest[True][places] / more)
        return Count(*_moments(told[0], told[1], more), np.asarray(heaviest))

    def _below(self, hits: bool, places: Ints | int, more: float) -> Count:
        sums, largest = self._sums[hits], self._largest_below
        told = [sums[drawn][:, -1:] - np.atleast_2d(sums[drawn][:, places].T).T for drawn in (False, True)]
        told = [one[:, 0] if np.ndim(places) == 0 else one for one in told]
        heaviest = np.maximum(largest[False][places], largest[True][places] / more)
        return Count(*_moments(told[0], told[1], more), np.asarray(heaviest))

    @cached_property
    def _sums(self) -> dict[bool, dict[bool, Floats]]:
        """Return sums from the top: of hits or not, drawn or not, the first three powers of weights."""

        def sums(kept: Bools) -> Floats:
            weights = np.where(kept, self.weights, 0.0)
            return np.stack([np.cumsum(weights**power) for power in range(1, _MOMENTS + 1)])

        return {
            hits: {drawn: sums((self.hits == hits) & (self.drawn == drawn)) for drawn in (False, True)}
            for hits in (False, True)
        }

    @cached_property
    def _largest(self) -> dict[bool, Floats]:
        return {
            drawn: np.maximum.accumulate(np.where(self.drawn == drawn, self.weights, 0.0))
            for drawn in (False, True)
        }

    @cached_property
    def _largest_below(self) -> dict[bool, Floats]:
        """Return the largest weight after each place."""
        found = {}
        for drawn in (False, True):
            rising = np.maximum.accumulate(np.where(self.drawn == drawn, self.weights, 0.0)[::-1])[::-1]
            found[drawn] = np.append(rising[1:], 0.0)
        return found


def _moments(sure: Floats, drawn: Floats, more: float) -> tuple[Floats, Floats, Floats]:
    first, second, third = (np.asarray(sure[power] + drawn[power] / more**power) for power in range(_MOMENTS))
    return first, second, third
