"""How far apart two classifiers are on the same rows, and whether that is more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtr, stdtrit
from scipy.stats import binomtest

from tocsin.eval.statistics.intervals import CONFIDENCE, NORMAL, Estimate
from tocsin.eval.statistics.ranking_intervals import Ranked, Source

__all__ = ["Apart", "Verdict", "holm", "rankings_apart", "shares_apart", "verdict"]

Bools = NDArray[np.bool_]
Clusters = NDArray[np.intp]
Floats = NDArray[np.float64]
_UPPER: Final = (1 + CONFIDENCE) / 2
_CHANCE: Final = 0.05


class Verdict(StrEnum):
    """Say what a difference comes to, seen from the first of two."""

    BETTER = "better"
    WORSE = "worse"
    NONE = "no detectable difference"


@dataclass(frozen=True, slots=True)
class Apart:
    """Hold a figure of the first less that of the second, and how often chance makes as much of nothing.

    `p_value` is two-sided, of the hypothesis that there is no difference, not adjusted for other tests.
    """

    estimate: Estimate
    p_value: float


def rankings_apart(a: Ranked, b: Ranked) -> Apart:
    """Return how far apart one figure of two rankings of the same rows is.

    Both must come of the same rows, labels and groups. The variance is that of each source of error in
    both less what they have in common: for the AUROC that is DeLong, DeLong and Clarke-Pearson (1988),
    for clusters Obuchowski (1997). Interval and p-value are Student's.
    """
    value = a.estimate.value - b.estimate.value
    deviation = float(np.sqrt(sum(map(_variance, a.sources, b.sources))))
    freedom = min(a.freedom, b.freedom)
    half = float(stdtrit(freedom, _UPPER)) * deviation
    chance = 2 * float(stdtr(freedom, -abs(value) / deviation)) if deviation else float(value == 0)
    return Apart(Estimate(value, max(-1.0, value - half), min(1.0, value + half)), chance)


def _variance(a: Source, b: Source) -> float:
    """Return the variance of a difference; two that no row tells apart differ by `least` alone."""
    lengths = float(np.sqrt((a.moves @ a.moves) * (b.moves @ b.moves)))
    together = float(a.moves @ b.moves) / lengths if lengths else 0.0
    common = 2 * together * a.deviation * b.deviation
    return max(0.0, a.deviation**2 + b.deviation**2 - common) + max(a.least, b.least)


def shares_apart(hits_a: Bools, hits_b: Bools, groups: Clusters | None = None) -> Apart:
    """Return how far apart the shares of hits of two classifiers are among the same ``(rows,)``.

    The interval is the adjusted one of Bonett and Price (2012), with `groups` at the effective sample
    size. The p-value is McNemar's exact one (1947); where rows share a number of `groups`, that of
    Durkalski et al. (2003), which only asks that the clusters are independent.
    """
    apart = hits_a.astype(np.float64) - hits_b
    rows = len(apart)
    own = np.arange(rows) if groups is None else np.unique(groups, return_inverse=True)[1]
    told, wins, losses = _effective(apart, own), float((apart > 0).mean()), float((apart < 0).mean())
    more, less = ((told * share + 1) / (told + 2) for share in (wins, losses))
    half = float(NORMAL * np.sqrt((more + less - (more - less) ** 2) / (told + 2)))
    low, high = max(-1.0, more - less - half), min(1.0, more - less + half)
    value = float(apart.mean())
    estimate = Estimate(value, min(low, value), max(high, value))
    return Apart(estimate, _chance(np.asarray(np.bincount(own, apart)), rows, wins * rows, losses * rows))


def _effective(apart: Floats, groups: Clusters) -> float:
    """Return how many independent rows would tell a mean difference as well as these do."""
    rows, clusters = len(apart), int(groups.max()) + 1
    variance = float(apart.var()) / rows
    if clusters == rows:
        return rows
    if not variance or clusters == 1:
        return clusters
    moves = np.bincount(groups, (apart - apart.mean()) / rows)
    effect = max(1.0, float(moves @ moves) / variance)
    return rows / effect * (NORMAL / float(stdtrit(clusters - 1, _UPPER))) ** 2


def _chance(sums: Floats, rows: int, wins: float, losses: float) -> float:
    if not wins + losses:
        return 1.0
    if len(sums) == rows:
        return float(binomtest(round(wins), round(wins + losses)).pvalue)
    spread = float(np.sqrt(sums @ sums))
    return 2 * float(ndtr(-abs(sums.sum()) / spread)) if spread else 1.0


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values that may be read side by side: adjusted by Holm's step-down rule (1979)."""
    order = np.argsort(p_values, kind="stable")
    scaled = np.array(p_values)[order] * np.arange(len(order), 0, -1)
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    found: list[float] = adjusted.tolist()
    return found


def verdict(apart: Apart, adjusted: float, *, less_is_better: bool = False) -> Verdict:
    """Return what a difference comes to at an adjusted p-value."""
    if adjusted >= _CHANCE or not apart.estimate.value:
        return Verdict.NONE
    return Verdict.BETTER if (apart.estimate.value > 0) != less_is_better else Verdict.WORSE
