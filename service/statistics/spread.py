"""What a sample says of a share: its estimate, how that scatters, and what one more label could change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Spread", "Step"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Step:
    """Hold what one more label would do to an estimate, where it weighs most.

    `weight` is what such a label counts for, `share` how much of it is news: for a hit the share of misses
    around it, for a miss the share of hits.
    """

    weight: Floats
    share: Floats


@dataclass(frozen=True, slots=True)
class Spread:
    """Hold an estimate with the moments of its error; every array has the same leading shape.

    `variance` and `third` are estimates of the second and third central moment of `value` over samples that
    the design could have drawn. `more` is one more hit, `less` one more miss.
    """

    value: Floats
    variance: Floats
    third: Floats
    more: Step
    less: Step

    def scaled(self, factor: float | Floats) -> Spread:
        """Return what `factor` times as many labels would tell, were all else the same.

        Several factors are one more axis, the last.
        """
        return Spread(
            np.asarray(self.value) * np.ones_like(factor),
            self.variance / factor,
            self.third / factor**2,
            Step(self.more.weight / factor, self.more.share * np.ones_like(factor)),
            Step(self.less.weight / factor, self.less.share * np.ones_like(factor)),
        )

    @classmethod
    def stacked(cls, spreads: Sequence[Spread]) -> Spread:
        """Return several of single estimates as one, a row each."""

        def each(what: Callable[[Spread], Floats]) -> Floats:
            return np.array([float(what(one)) for one in spreads])

        return cls(
            each(lambda one: one.value),
            each(lambda one: one.variance),
            each(lambda one: one.third),
            Step(each(lambda one: one.more.weight), each(lambda one: one.more.share)),
            Step(each(lambda one: one.less.weight), each(lambda one: one.less.share)),
        )
