"""How sure a figure is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri, ndtri, stdtrit

__all__ = [
    "CONFIDENCE",
    "DRAWS",
    "NORMAL",
    "Estimate",
    "bootstrapped",
    "clustered_share",
    "effective_rows",
    "newcombe",
    "proportion",
    "proportions_apart",
    "wilson",
]

DRAWS: Final = 1_000
CONFIDENCE: Final = 0.95
NORMAL: Final = float(ndtri((1 + CONFIDENCE) / 2))  # its two-sided quantile
_SEED: Final = 20_261_122
_FEW_ROWS: Final = 50
_FEW_HITS: Final = 3  # up to two of few rows, up to three of more

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Clusters = NDArray[np.intp]
Statistics = Callable[[Floats], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Estimate:
    """Hold a figure with its 95% interval."""

    value: float
    low: float
    high: float


def bootstrapped(
    statistics: Statistics,
    rows: int,
    draws: int = DRAWS,
    of_draws: Statistics | None = None,
    groups: Clusters | None = None,
) -> Mapping[str, Estimate]:
    """Return each statistic with its percentile bootstrap interval (Efron 1979), fixed seed.

    `statistics` takes ``(rows,)`` weights, how often each row was drawn, and returns its figures by
    name, NaN where a draw has none (no positive in it); such draws are left out. `of_draws` stands
    in for it on the draws, where a figure corrects for noise: a draw has that of drawing, too. Rows
    that share a number of `groups` are drawn together: as many groups as there are, with replacement
    (Davison and Hinkley 1997, section 3.8). Without it every row stands for itself.
    """
    values = statistics(np.ones(rows))
    drawn = [(of_draws or statistics)(weights) for weights in _resampled(rows, draws, groups)]
    return {name: _percentiles(value, [draw[name] for draw in drawn]) for name, value in values.items()}


def _resampled(rows: int, draws: int, groups: Clusters | None) -> Iterator[Floats]:
    """Yield how often each of `rows` rows comes up in as many draws with replacement, fixed seed."""
    generator = np.random.default_rng(_SEED)
    own = np.arange(rows) if groups is None else np.unique(groups, return_inverse=True)[1]
    drawn = int(own.max()) + 1
    for _ in range(draws):
        yield np.bincount(generator.integers(drawn, size=drawn), minlength=drawn).astype(np.float64)[own]


def _percentiles(value: float, drawn: Sequence[float]) -> Estimate:
    """Return a figure with the interval that 95% of the drawn ones lie in, NaN left out."""
    tail = (1 - CONFIDENCE) / 2
    low, high = np.nanquantile(drawn, [tail, 1 - tail])
    return Estimate(float(value), float(low), float(high))


def proportion(hits: int, rows: int) -> Estimate:
    """Return a share of independent rows with its interval; `rows` must be at least 1.

    Wilson's (1927), with the limits of Brown, Cai and DasGupta (2001, section 4.1.1) where one to three
    rows, or all but as many, are hits: there Wilson's own bound shuts out too many true shares.
    """
    found = wilson(hits / rows, rows)
    return Estimate(
        found.value, _lowest(hits, rows, found.low), 1 - _lowest(rows - hits, rows, 1 - found.high)
    )


def _lowest(hits: int, rows: int, limit: float) -> float:
    """Return the lower limit of a share: Poisson's at 95%, one-sided, where hits are few."""
    few = 1 <= hits <= (_FEW_HITS if rows > _FEW_ROWS else _FEW_HITS - 1)
    return float(chdtri(2 * hits, CONFIDENCE) / 2 / rows) if few else limit


def wilson(share: float, rows: float) -> Estimate:
    """Return a share with its interval by Wilson (1927); `rows`, above 0, need not be whole.

    Where rows are not independent, `rows` is how many that are would tell as much.
    """
    z = NORMAL
    centre = (share + z**2 / (2 * rows)) / (1 + z**2 / rows)
    half = z / (1 + z**2 / rows) * float(np.sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2)))
    return Estimate(share, 0.0 if share == 0 else centre - half, 1.0 if share == 1 else centre + half)


def clustered_share(hits: Bools, groups: Clusters) -> Estimate:
    """Return the share of ``(rows,)`` that are hits, at least one row, with its interval.

    It is that of `proportion` where every row is a cluster of its own, else Wilson's at the effective
    sample size.
    """
    told = effective_rows(hits, groups)
    rows = len(hits)
    return proportion(int(hits.sum()), rows) if told == rows else wilson(float(hits.mean()), told)


def effective_rows(hits: Bools, groups: Clusters) -> float:
    """Return how many independent rows would tell the share of hits among ``(rows,)`` as well as these do.

    Rows of one number in `groups` came together. It is the effective sample size of Korn and Graubard
    (1998), with the variance between clusters; as many as there are clusters where all rows are hits, or
    none; `rows` itself where every row is a cluster of its own, and only there.
    """
    _, places = np.unique(groups, return_inverse=True)
    rows, drawn, share = len(hits), int(places.max()) + 1, float(hits.mean())
    if drawn in {1, rows} or share in {0.0, 1.0}:
        return float(drawn)
    moved = np.bincount(places, hits - share)
    effect = max(1.0, float(moved @ moved) / (rows * share * (1 - share)))
    known = (NORMAL / float(stdtrit(drawn - 1, (1 + CONFIDENCE) / 2))) ** 2
    return rows / effect * known


def proportions_apart(hits_a: int, rows_a: int, hits_b: int, rows_b: int) -> Estimate:
    """Return the share in a less that in b, of independent rows, both counts of rows at least 1."""
    return newcombe(wilson(hits_a / rows_a, rows_a), wilson(hits_b / rows_b, rows_b))


def newcombe(a: Estimate, b: Estimate) -> Estimate:
    """Return a less b, two independent shares with their Wilson intervals, as Newcombe (1998, method 10).

    The distances of the two shares from their limits are squared and added.
    """
    apart = a.value - b.value
    below = float(np.hypot(a.value - a.low, b.high - b.value))
    above = float(np.hypot(a.high - a.value, b.value - b.low))
    return Estimate(apart, apart - below, apart + above)
