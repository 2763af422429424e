"""How far two bundles agree on the same items: as numbers, and as flags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, rankdata

from tocsin.eval.statistics.intervals import CONFIDENCE, DRAWS, Estimate, bootstrapped, proportion

__all__ = ["Flags", "correlations"]

_FEWER_DRAWS: Final = 400  # of correlations: there are many, of many rows
_SEED: Final = 20_261_124

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Flags:
    """Count items by whether each bundle flags them.

    `up` are flagged by the new one alone, `down` by the old one alone. There is at least one item.
    """

    both: int
    up: int
    down: int
    neither: int

    @classmethod
    def of(cls, before: Bools, after: Bools) -> Flags:
        """Return the counts of ``(items,)`` flags."""
        return cls(
            both=int((before & after).sum()),
            up=int((~before & after).sum()),
            down=int((before & ~after).sum()),
            neither=int((~before & ~after).sum()),
        )

    @property
    def items(self) -> int:
        """Count all items."""
        return self.both + self.up + self.down + self.neither

    @property
    def before(self) -> Estimate:
        """Return the share that the old bundle flags."""
        return proportion(self.both + self.down, self.items)

    @property
    def after(self) -> Estimate:
        """Return the share that the new bundle flags."""
        return proportion(self.both + self.up, self.items)

    @property
    def agreement(self) -> Estimate:
        """Return the share of items that both flag or neither does."""
        return proportion(self.both + self.neither, self.items)

    @property
    def p(self) -> float:
        """Return McNemar's exact p-value: how often chance makes flips as one-sided as these."""
        flips = self.up + self.down
        return float(binomtest(self.up, flips).pvalue) if flips else 1.0

    @cached_property
    def kappa(self) -> Estimate | None:
        """Return Cohen's kappa (1960), agreement beyond chance: 1 is perfect, 0 is chance.

        Its interval is the bootstrap's over items, drawn as the counts that they add up to. None where
        both bundles flag all items or none.
        """
        counts = np.array([self.both, self.up, self.down, self.neither])
        value = _kappa(counts)
        if np.isnan(value):
            return None
        drawn = np.random.default_rng(_SEED).multinomial(self.items, counts / self.items, size=DRAWS)
        tail = (1 - CONFIDENCE) / 2
        low, high = np.nanquantile(_kappa(drawn), [tail, 1 - tail])
        return Estimate(float(value), float(low), float(high))


def correlations(before: Floats, after: Floats) -> Mapping[str, Estimate | None]:
    """Return Spearman's and Pearson's correlation and the mean absolute change of ``(rows,)`` scores.

    With bootstrap intervals of 400 draws; those of Spearman's keep the ranks of all rows. A correlation is
    None where one of the bundles gives all rows the same score.
    """
    moments = _Moments.of(before, after)
    told = [name for name, value in moments.figures(np.ones(len(before))).items() if not np.isnan(value)]
    found = bootstrapped(lambda weights: _only(told, moments.figures(weights)), len(before), _FEWER_DRAWS)
    return {name: found.get(name) for name in ("spearman", "pearson", "change")}


@dataclass(frozen=True, slots=True)
class _Moments:
    """Hold for each row what the correlations add up: ``(rows, 11)``."""

    columns: Floats

    @classmethod
    def of(cls, before: Floats, after: Floats) -> _Moments:
        ranked = [_standard(rankdata(scores)) for scores in (before, after)]
        plain = [_standard(scores) for scores in (before, after)]
        pairs = [part for a, b in (ranked, plain) for part in (a, b, a * a, b * b, a * b)]
        return cls(np.column_stack([*pairs, np.abs(after - before)]))

    def figures(self, weights: Floats) -> Mapping[str, float]:
        means = weights @ self.columns / weights.sum()
        return {
            "spearman": _correlation(*means[:5]),
            "pearson": _correlation(*means[5:10]),
            "change": float(means[10]),
        }


def _only(names: Sequence[str], figures: Mapping[str, float]) -> Mapping[str, float]:
    return {name: figures[name] for name in names}


def _standard(values: Floats) -> Floats:
    """Return values with mean 0 and, unless all are the same, a spread of 1: sums lose no digits so."""
    centred = np.zeros(len(values)) if np.ptp(values) == 0 else values - values.mean()
    return np.asarray(centred / (centred.std() or 1.0))


def _correlation(a: float, b: float, aa: float, bb: float, ab: float) -> float:
    spread = (aa - a * a) * (bb - b * b)
    return float((ab - a * b) / np.sqrt(spread)) if spread > 0 else float("nan")


def _kappa(counts: NDArray[np.int64]) -> Floats:
    """Return kappa of ``(..., 4)`` counts, NaN where chance alone agrees on everything."""
    both, up, down, neither = np.moveaxis(counts / counts.sum(axis=-1, keepdims=True), -1, 0)
    chance = (both + up) * (both + down) + (neither + up) * (neither + down)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(chance < 1, (both + neither - chance) / (1 - chance), np.nan))
