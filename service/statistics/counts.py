"""Weighted counts of rare events, and what share of two of them one is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.service.statistics.confidence import CONFIDENCE, interval
from tocsin.service.statistics.pearson import Pearson3
from tocsin.service.statistics.ratios import Limits, part_of_both
from tocsin.service.statistics.spread import Spread, Step

__all__ = ["Count", "doubt", "shares"]

Floats = NDArray[np.float64]

_ROOM: Final = 50.0  # how far below 1 counts are scaled: their limits must not reach where shares end
_NOTHING: Final = 1e-90  # its cube is still above 0


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

    @classmethod
    def stacked(cls, counts: Sequence[Count]) -> Count:
        """Return several single counts as one, a row each."""
        moments = [
            [float(one.value), float(one.second), float(one.third), float(one.largest)] for one in counts
        ]
        value, second, third, largest = np.array(moments).reshape(-1, 4).T
        return cls(value, second, third, largest)

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


def shares(part: Count, rest: Count, confidence: float = CONFIDENCE) -> Limits:
    """Return ``part / (part + rest)`` of two counts of different things, with its interval; NaN of nothing.

    Each count has the gamma limits of Fay and Feuer (1997) and Fay and Kim (2017), as in `interval`; the
    share has those that they make together by variance estimates recovery (Donner and Zou 2012), as in
    `part_of_both`. Which of all that came was hit is left to chance as well: the interval is of what share
    it would be of more that comes like it.
    """
    whole = _ROOM * (part.value + rest.value + part.largest + rest.largest + _NOTHING)
    one, other = (
        Limits(each.value, *interval(each, confidence)) for each in (part.spread(whole), rest.spread(whole))
    )
    return part_of_both(one, other)


def doubt(part: Count, rest: Count, share: float) -> Floats:
    """Return how probable counts like these, or better ones, would be if ``part`` were less than a `share`.

    A p-value: of the hypothesis that ``part / (part + rest)`` is below `share`. What speaks against it,
    ``(1 - share) part - share rest``, has the moments of both counts and, as in `at_least`, a distribution
    of type III with twice the skewness, after one more of `rest` was counted where it counts for most.
    """
    gain, loss = 1 - share, share
    more = rest.largest
    doubted = Pearson3(
        np.asarray(gain * part.value - loss * (rest.value + more)),
        np.asarray(gain**2 * part.second + loss**2 * (rest.second + more**2)),
        np.asarray(2 * (gain**3 * part.third - loss**3 * (rest.third + more**3))),
    )
    return doubted.below(np.zeros_like(doubted.mean))
