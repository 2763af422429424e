"""Thresholds from decisions: the one that keeps a target, with a stated chance of being wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.policy import Target, TargetKind
from tocsin.service.review.quality.evidence import Cumulated, Evidence
from tocsin.service.review.quality.weighing import FEWEST, Told
from tocsin.service.statistics.counts import Count, doubt, shares

__all__ = ["REFITTED", "RISK", "Refit", "keeps", "place_of", "rate_of", "refit", "threshold_at"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

RISK: Final = 0.05
"""How probable it may be that a threshold breaks its target."""
_FACTORS: Final = np.exp2(np.arange(1, 25) / 4)  # up to 64 times as many labels
_STARTS: Final = 4  # of a precision's search, each at a quarter of the risk
_APART: Final = 4  # times as many items above
_MOST_FLAGGED: Final = 0.5  # of all that arrives: what flags more orders nothing
_HALF_A_STEP: Final = 5e-7  # scores are kept with six decimals


@dataclass(frozen=True, slots=True)
class Refit:
    """Hold what decisions make of one target.

    `threshold` is None where none keeps it for sure; then `why` says so, and `more_labels` how many more of
    the random audit it would take, None where they would not help. `rate` is what the target bounds, at the
    threshold; `flags` is about how many items of the period reach it.
    """

    target: Target
    threshold: float | None
    rate: Told
    flags: float | None = None
    why: str | None = None
    more_labels: int | None = None


def refit(target: Target, evidence: Evidence) -> Refit:
    """Return the threshold that keeps `target` on items like these, but for a probability of `RISK`.

    Thresholds are tried in an order that no label has a say in, each by a bound that holds with probability
    1 - RISK, and the last before the first that fails is taken: fixed-sequence testing, as in "Learn then
    test" (Angelopoulos, Bates, Candès, Jordan and Lei 2025, Annals of Applied Statistics 19). The strictest
    comes first for a false-positive rate and a precision, the loosest for a recall. Precision falls no more
    surely than it rises, so that its search starts in four places, each at a quarter of the risk. What flags
    more than half of all that arrives is no threshold. Raises
    ValueError for a budget or a number, which bound no error.
    """
    place = place_of(target, evidence)
    if place is None:
        return _refused(REFITTED[target.kind], target, evidence)
    above = evidence.at(place)
    threshold = threshold_at(evidence, place)
    return Refit(target, threshold, rate_of(target, above, len(evidence.scores)), float(above.flags))


def place_of(target: Target, evidence: Evidence) -> int | None:
    """Return the place of the score that `refit` takes for a threshold, None where no score will do."""
    return _search(REFITTED[target.kind], target.value, evidence)


def keeps(target: Target, evidence: Evidence, place: int) -> bool:
    """Say whether the score at a place keeps `target` too, as surely as the one that `refit` takes."""
    passed = [one for one in _passed(REFITTED[target.kind], target.value, evidence) if len(one)]
    if target.kind is TargetKind.FPR:  # whose true value rises with what is flagged
        return any(place <= one.max() for one in passed)
    return any(place in one for one in passed)


def threshold_at(evidence: Evidence, place: int) -> float:
    """Return the threshold that the score at a place reaches, also unrounded."""
    return max(float(evidence.scores[place]) - _HALF_A_STEP, 0.0)


def rate_of(target: Target, sides: Cumulated, decided: int) -> Told:
    """Return what a target bounds, with its interval."""
    found = shares(*REFITTED[target.kind].counts(sides))
    if np.isnan(found.value):
        return Told(decided, why="nothing was confirmed")
    return Told(decided, float(found.value), float(found.low), float(found.high))


@dataclass(frozen=True, slots=True)
class _Asked:
    """Hold how one kind of target is tested: which counts make its rate, and whether that is to be high.

    `orders` are places of scores in the orders in which they are tried, each at its share of the risk.
    """

    counts: Callable[[Cumulated], tuple[Count, Count]]
    high: bool
    orders: Callable[[Ints, float], list[Ints]]

    def doubt(self, sides: Cumulated, value: float) -> Floats:
        """Return how probable such decisions would be if the target were broken."""
        part, rest = self.counts(sides)
        return doubt(part, rest, value) if self.high else doubt(rest, part, 1 - value)


def _search(ask: _Asked, value: float, evidence: Evidence, more: float = 1.0) -> int | None:
    """Return the place of the score that is taken, None where none is."""
    taken = [int(passed[-1]) for passed in _passed(ask, value, evidence, more) if len(passed)]
    lowest = max(taken, default=None)  # of several searches
    if lowest is None or float(evidence.at(lowest).flags) > _MOST_FLAGGED * evidence.weights.sum():
        return None
    return lowest


def _passed(ask: _Asked, value: float, evidence: Evidence, more: float = 1.0) -> list[Ints]:
    """Return the places of each search before the first that fails: all of them keep the target."""
    if min(evidence.audited, len(evidence.places)) < FEWEST:
        return []
    orders = ask.orders(evidence.places, value)
    risk = RISK / len(orders)
    kept = [(ask.doubt(evidence.at(order, more), value) <= risk, order) for order in orders if len(order)]
    return [order[: len(order) if passed.all() else int(np.argmin(passed))] for passed, order in kept]


def _refused(ask: _Asked, target: Target, evidence: Evidence) -> Refit:
    """Return why there is no threshold, and how many labels more would find one."""
    rate = Told(len(evidence.scores))
    if evidence.audited < FEWEST:
        why = f"the random audit has fewer than {FEWEST} decided items, {evidence.audited}"
        return Refit(target, None, rate, why=why)
    if len(evidence.places) < FEWEST:
        return Refit(target, None, rate, why=f"fewer than {FEWEST} different scores were decided")
    for factor in _FACTORS:
        if _search(ask, target.value, evidence, float(factor)) is not None:
            more = math.ceil((factor - 1) * evidence.audited)
            why = f"the random audit is too thin: it would take about {more:,} decided items more"
            return Refit(target, None, rate, why=why, more_labels=more)
    return Refit(target, None, rate, why="no threshold keeps it, by what was decided")


def _strictest_first(places: Ints, value: float) -> list[Ints]:
    del value
    return [places]


def _loosest_first(places: Ints, value: float) -> list[Ints]:
    del value
    return [places[::-1]]


def _from_several(places: Ints, value: float) -> list[Ints]:
    """Return orders that begin with so many items above as could show the target, and more."""
    least = math.ceil(math.log(RISK / _STARTS) / math.log(value))
    return [places[places + 1 >= least * _APART**start] for start in range(_STARTS)]


REFITTED: Final[Mapping[TargetKind, _Asked]] = {
    TargetKind.PRECISION: _Asked(lambda sides: (sides.hits, sides.alarms), True, _from_several),
    TargetKind.FPR: _Asked(lambda sides: (sides.alarms, sides.alarms_below), False, _strictest_first),
    TargetKind.RECALL: _Asked(lambda sides: (sides.hits, sides.hits_below), True, _loosest_first),
}
"""What each kind of target bounds, and how."""
