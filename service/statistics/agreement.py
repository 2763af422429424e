"""How far people agree beyond chance, with intervals that hold where labels are rare and items few."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.service.statistics.readings import Patterns, Readings, pooled_patterns, two_way_patterns

__all__ = ["FEWEST_ITEMS", "Agreement", "Estimate", "agreement", "cohen"]

Floats = NDArray[np.float64]
Statistic = Callable[[Floats], Floats]

FEWEST_ITEMS: Final = 20
"""Items that two people read; with fewer nothing is told."""
_DRAWS: Final = 2_000
_SEED: Final = 1960  # the year of Cohen's paper: the same readings always have the same interval
_TAIL: Final = 0.025
_PRIOR: Final = 1.5  # items in all, which is Jeffreys' half for each of the three that two labels can make


@dataclass(frozen=True, slots=True)
class Estimate:
    """Hold a figure with the ends of its 95% interval, or `why` there is none."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Hold how far all who read the same items agree; `items` had at least two readings.

    `plain` is the share of pairs that agree. `kappa` is that of pooled pairs, where chance is what
    everybody's labels together make (Scott 1955); `alpha` is Krippendorff's (1970) for names: the same but
    for a correction where readings are few, and with the same interval.
    """

    items: int
    readings: int
    plain: Estimate
    kappa: Estimate
    alpha: Estimate


def agreement(readings: Readings) -> Agreement:
    """Return how far readings of the same items agree, each item counting for its weight.

    The interval is the middle 95% of what a Dirichlet distribution over the items' patterns says: a Bayesian
    bootstrap over items (Rubin 1981) with Jeffreys' prior over what two people can say of one, of 1.5 items
    in all. An item with one reading tells nothing and is left out. Where items weigh so unequally that 20 of
    equal weight would tell more, nothing is told.
    """
    found = pooled_patterns(readings)
    items, count = int(found.counts.sum()), int((found.counts * found.sizes).sum())
    plain, kappa = _estimates(found)
    return Agreement(items, count, plain, kappa, _alpha(found, kappa))


def cohen(readings: Readings) -> Estimate:
    """Return Cohen's kappa (1960) of two raters, whose numbers are 0 and 1: each has chances of their own.

    Items that lack a reading of either are left out.
    """
    return _estimates(two_way_patterns(readings))[1]


def _estimates(found: Patterns) -> tuple[Estimate, Estimate]:
    """Return the share of pairs that agree, and kappa."""
    if found.worth < FEWEST_ITEMS:
        why = f"worth fewer than {FEWEST_ITEMS} items with two readings, {math.floor(found.worth)}"
        return Estimate(why=why), Estimate(why=why)
    observed = np.tensordot(found.counts * found.weights, found.matrices, axes=1)
    posterior, whole = _posterior(found), float(_plain(observed))
    plain = _estimate(_plain, observed, posterior)
    # Where nobody disagreed, complete agreement is not ruled out; nor that nobody ever agrees.
    plain = replace(plain, low=0.0 if whole == 0 else plain.low, high=1.0 if whole == 1 else plain.high)
    if len(observed) == 1:
        return plain, Estimate(why="all readings have the same label")
    kappa = _estimate(_kappa, observed, posterior)
    return plain, replace(kappa, high=1.0) if whole == 1 else kappa


def _estimate(statistic: Statistic, observed: Floats, posterior: Floats) -> Estimate:
    value = float(statistic(observed))
    low, high = np.quantile(statistic(posterior), (_TAIL, 1 - _TAIL)).tolist()
    return Estimate(value, min(low, value), max(high, value))


def _posterior(found: Patterns) -> Floats:
    """Return what items may come to, ``(draws, labels, labels)``."""
    random, kinds = np.random.default_rng(_SEED), len(found.prior)
    drawn = random.gamma(found.counts, size=(_DRAWS, len(found.counts))) * found.weights
    before = random.gamma(_PRIOR / kinds, size=(_DRAWS, kinds)) * found.typical
    return np.asarray(np.tensordot(drawn, found.matrices, axes=1) + np.tensordot(before, found.prior, axes=1))


def _plain(pairs: Floats) -> Floats:
    """Return the share of pairs on the diagonal of ``(..., labels, labels)``."""
    return np.asarray(np.trace(pairs, axis1=-2, axis2=-1) / pairs.sum(axis=(-2, -1)))


def _kappa(pairs: Floats) -> Floats:
    """Return what agreement there is beyond chance, of what there could be."""
    whole = pairs.sum(axis=(-2, -1))
    chance = (pairs.sum(axis=-1) * pairs.sum(axis=-2)).sum(axis=-1) / whole**2
    return np.asarray(1 - (1 - _plain(pairs)) / (1 - chance))


def _alpha(found: Patterns, kappa: Estimate) -> Estimate:
    if kappa.value is None or kappa.low is None or kappa.high is None:
        return kappa
    weights = found.counts * found.sizes * found.weights
    readings = weights.sum() ** 2 / (weights * found.weights).sum()  # as many of equal weight as tell so much
    value = 1 - (1 - kappa.value) * (readings - 1) / readings
    return Estimate(value, kappa.low, max(kappa.high, value))
