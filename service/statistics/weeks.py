"""Whether the latest week is like the weeks before it, where days differ and weekdays do by themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Statistic", "chance_of", "holm", "logit_shift", "stability"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Statistic = Callable[[Floats, Floats], Floats]

_DRAWS: Final = 9_999
_SEED: Final = 1937  # the year of Pitman's papers: the same counts always have the same chance
_HALF: Final = 0.5
_CLOSE: Final = 1e-9


def chance_of(counts: Ints, statistic: Statistic) -> float:
    """Return how probable it is that weeks that are alike differ as much as the last one does.

    `counts` are ``(weeks, days, kinds)``, the latest week last. A permutation test (Pitman 1937): under the
    hypothesis each weekday of the latest week could as well have been that of another week. So whatever the
    scatter from day to day, and whatever weekdays are like, a chance of p or less comes up p of the time; if
    days follow each other it may come up more often. By 9,999 draws, the same every time.
    """
    weeks, days, _ = counts.shape
    random = np.random.default_rng(_SEED)
    chosen = random.integers(weeks, size=(_DRAWS, days))
    chosen = np.concatenate([np.full((1, days), weeks - 1), chosen])
    late = counts[chosen, np.arange(days)].sum(axis=1).astype(np.float64)
    early = counts.sum(axis=(0, 1)) - late
    found = statistic(late, early)
    return float((found >= found[0] - _CLOSE).mean())  # the observed one is among them


def logit_shift(late: Floats, early: Floats) -> Floats:
    """Return how far the first of two kinds has moved as a share: the difference of log-odds, either way."""
    odds = [np.log((side[..., 0] + _HALF) / (side[..., 1] + _HALF)) for side in (late, early)]
    return np.asarray(np.abs(odds[0] - odds[1]))


def stability(late: Floats, early: Floats) -> Floats:
    """Return the population stability index of the kinds (Siddiqi 2006), half an item added to each."""
    shares = [(side + _HALF) / (side + _HALF).sum(axis=-1, keepdims=True) for side in (late, early)]
    return np.asarray(((shares[0] - shares[1]) * np.log(shares[0] / shares[1])).sum(axis=-1))


def holm(chances: list[float], rate: float) -> list[bool]:
    """Return which of several tests are too improbable, so that any at all is so by luck at most at `rate`.

    (Holm 1979, Scandinavian Journal of Statistics 6.)
    """
    order = np.argsort(chances, kind="stable")
    told = [False] * len(chances)
    for place, number in enumerate(order.tolist()):
        if chances[number] > rate / (len(chances) - place):
            break
        told[number] = True
    return told
