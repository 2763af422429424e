"""Weighted counts of rare events, and what share of two of them one is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.service.statistics.confidence import CONFIDENCE, at_least, at_most, interval
from tocsin.service.statistics.ratios import Limits, part_of_both
from tocsin.service.statistics.spread import Spread, Step

__all__ = ["Count", "Shares", "shares"]

Floats = NDArray[np.float64]

_ROOM: Final = 50.0  # how far below 1 counts are scaled: their limits must not reach where shares end
_NOTHING: Final = 1e-300


@dataclass(frozen=True, slots=True)
class Count:
    """Hold sums over what was counted, arrays of one shape: of weights, their squares and their cubes.

    `largest` is what one more could count for: the largest weight of anything that was looked at, found or
    not. Counts of things that come independently are sums of Poisson numbers, whose moments these are.
    """

    value: Floats
    second: Floats
    third: Floats
    largest: Floats

    @classmethod
    def of(cls, found: Floats, looked_at: Floats) -> Count:
        """Return what the weights of what was found add up to, of all that was looked at."""
        return cls(
            np.asarray(found.sum()),
            np.asarray((found**2).sum()),
            np.asarray((found**3).sum()),
            np.asarray(looked_at.max() if looked_at.size else 0.0),
        )

    def __add__(self, other: Count) -> Count:
        """Return both together."""
        return Count(
            self.value + other.value,
            self.second + other.second,
            self.third + other.third,
            np.maximum(self.largest, other.largest),
        )

    def scaled(self, factor: float | Floats) -> Count:
        """Return what `factor` times as many looks would count, each for so much less."""
        return Count(
            self.value * np.ones_like(factor),
            self.second / factor,
            self.third / factor**2,
            self.largest / factor,
        )

    def spread(self, whole: Floats) -> Spread:
        """Return the count as a share of `whole`, which is far more."""
        nothing = Step(self.largest / whole, np.zeros_like(self.largest))
        more = Step(self.largest / whole, np.ones_like(self.largest))
        return Spread(self.value / whole, self.second / whole**2, self.third / whole**3, more, nothing)


@dataclass(frozen=True, slots=True)
class Shares:
    """Hold shares with the ends of their intervals, and with bounds that hold one by one; NaN of nothing."""

    value: Floats
    low: Floats
    high: Floats
    at_least: Floats
    at_most: Floats


def shares(part: Count, rest: Count, confidence: float = CONFIDENCE) -> Shares:
    """Return ``part / (part + rest)`` of two counts of different things.

    Each count has the gamma limits of Fay and Feuer (1997) and Fay and Kim (2017), as in `interval`; the
    share has those that they make together by variance estimates recovery (Donner and Zou 2012), as in
    `part_of_both`. Which of all that came was hit is left to chance as well: the interval is of what share
    it would be of more that comes like it.
    """
    whole = _ROOM * (part.value + rest.value + part.largest + rest.largest + _NOTHING)
    one, other = part.spread(whole), rest.spread(whole)
    middle = part_of_both(*(Limits(each.value, *interval(each, confidence)) for each in (one, other)))
    bounds = part_of_both(*(_bounds(each, confidence) for each in (one, other)))
    return Shares(middle.value, middle.low, middle.high, bounds.low, bounds.high)


def _bounds(spread: Spread, confidence: float) -> Limits:
    return Limits(spread.value, at_least(spread, confidence), at_most(spread, confidence))
