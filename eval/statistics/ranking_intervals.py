"""How sure the figures of a ranking are, and the difference of two rankings of the same rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from tocsin.eval.statistics.intervals import CONFIDENCE, NORMAL, Estimate, wilson
from tocsin.eval.statistics.ranking import FALSE_POSITIVE_RATES, Ranking

__all__ = ["Ranked", "Source", "ranked", "ranking_estimates"]

Floats = NDArray[np.float64]
Labels = NDArray[np.int8]
Clusters = NDArray[np.intp]
_UPPER: Final = (1 + CONFIDENCE) / 2
_NOTHING: Final = 1e-9  # what rounding leaves of a deviation of 0


@dataclass(frozen=True, slots=True)
class Source:
    """Hold one independent source of a figure's error: its standard deviation, and whose doing it is.

    `moves` says how far each cluster of rows moved the figure, ``(clusters,)``: two figures of the same
    rows err together as far as these agree. `least` is the variance that a difference of two has even
    where no row tells them apart.
    """

    deviation: float
    moves: Floats
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class Ranked:
    """Hold one figure of a ranking with its interval, and what its error is made of.

    `freedom` is the degrees of freedom that its standard deviation is known with.
    """

    estimate: Estimate
    freedom: float
    sources: tuple[Source, ...]


def ranked(labels: Labels, scores: Floats, groups: Clusters | None = None) -> Mapping[str, Ranked]:
    """Return the figures of `Ranking.figures` for ``(rows,)`` labels of both classes, with intervals.

    AUROC: DeLong, DeLong and Clarke-Pearson (1988), for clusters as Obuchowski (1997), on the log-odds
    scale (Qin and Hotilovac 2008), Student's t. Average precision: likewise, from its influence function.
    Recall at a false-positive rate: Wilson's for the positives at the effective sample size of Korn and
    Graubard (1998), and the rank of the threshold among the negatives, squared and added. Rows that
    share a number of `groups` are one cluster.

    Intervals hold the true figure in 93 to 97% of data sets from 50 positives. From 20: areas in 90 to 96%,
    an AUROC of .98 in 88%. Recall where fewer than 20 negatives belong above the threshold, or fewer than
    20 positives are found: more often than they say, up to 99%.
    """
    rows = _Rows.of(labels, scores, groups)
    return {
        "auroc": rows.auroc(),
        "average_precision": rows.average_precision(),
        **{name: rows.recall(rate) for name, rate in FALSE_POSITIVE_RATES.items()},
    }


def ranking_estimates(
    labels: Labels, scores: Floats, groups: Clusters | None = None
) -> Mapping[str, Estimate]:
    """Return the figures of `ranked` with their intervals alone."""
    return {name: figure.estimate for name, figure in ranked(labels, scores, groups).items()}


@dataclass(frozen=True, slots=True)
class _Rows:
    """Hold rows in the order of falling scores: each one's cluster, and the level of its score.

    `caught` and `flagged` count positives and negatives from the highest level down to each.
    """

    positive: NDArray[np.bool_]
    groups: Clusters
    levels: Clusters
    caught: Floats
    flagged: Floats

    @classmethod
    def of(cls, labels: Labels, scores: Floats, groups: Clusters | None) -> _Rows:
        ranking = Ranking.of(labels, scores)
        levels = np.repeat(np.arange(len(ranking.ends)), np.diff(ranking.ends, prepend=-1))
        caught = np.cumsum(ranking.positive)[ranking.ends].astype(np.float64)
        flagged = np.cumsum(~ranking.positive)[ranking.ends].astype(np.float64)
        own = np.arange(len(labels)) if groups is None else groups
        return cls(ranking.positive, own[ranking.order], levels, caught, flagged)

    @property
    def positives(self) -> float:
        return float(self.caught[-1])

    @property
    def negatives(self) -> float:
        return float(self.flagged[-1])

    def clusters(self, of: NDArray[np.bool_]) -> int:
        """Count the clusters that have one of these rows."""
        return len(np.unique(self.groups[of]))

    def moves(self, influence: Floats) -> Floats:
        """Return how far each cluster moved a figure that rows moved so far."""
        return np.asarray(np.bincount(self.groups, influence), np.float64)

    def auroc(self) -> Ranked:
        above = _between(self.caught)[self.levels] / self.positives
        below = 1 - _between(self.flagged)[self.levels] / self.negatives
        area = float(below[self.positive].mean())
        parts = [
            self._inflated(np.where(of, (wins - area) / count, 0.0), of)
            for of, wins, count in (
                (self.positive, below, self.positives),
                (~self.positive, above, self.negatives),
            )
        ]
        return self._on_log_odds(area, parts[0] + parts[1], self._freedom(parts))

    def average_precision(self) -> Ranked:
        seen = self.caught + self.flagged
        precisions = self.caught / seen
        gained = np.diff(self.caught, prepend=0.0) / self.positives
        value = min(1.0, float(gained @ precisions))  # a sum of shares may pass 1 by rounding
        raised, lowered = (_from_here(gained * part / seen) for part in (np.ones(len(seen)), precisions))
        own = (precisions[self.levels] - value) / self.positives + raised[self.levels]
        influence = np.where(self.positive, own, 0.0) - lowered[self.levels]
        moved = self._inflated(influence, self.positive)
        return self._on_log_odds(value, moved, self.clusters(self.positive) - 1)

    def recall(self, rate: float) -> Ranked:
        recalls, alarms = self.caught / self.positives, self.flagged
        value, last = _at(recalls, alarms / self.negatives, rate)
        hits, alarmed = self.positive & (self.levels <= last), ~self.positive & (self.levels <= last)
        counted = self._share(hits, self.positive, value)
        share = float(alarmed.sum() / self.negatives)
        placed = self._share(alarmed, ~self.positive, share)
        half = NORMAL * self.negatives * np.sqrt(rate * (1 - rate) / placed.rows)
        low, high = self._recalled(rate * self.negatives - half), self._recalled(rate * self.negatives + half)
        low, high = min(low, value), max(high, value)
        limits = wilson(value, counted.rows)
        estimate = Estimate(
            value,
            max(0.0, value - float(np.hypot(value - limits.low, value - low))),
            min(1.0, value + float(np.hypot(limits.high - value, high - value))),
        )
        sources = (
            Source(counted.deviation, counted.moves, 2 / (counted.rows + 2) ** 2),
            Source((high - low) / 2 / NORMAL, placed.moves),
        )
        return Ranked(estimate, max(self.clusters(self.positive) - 1, 1), sources)

    def _recalled(self, alarms: float) -> float:
        """Return the recall at a threshold with so many negatives above it, between those that there are."""
        last = np.append(np.diff(self.flagged) > 0, True)
        counts, recalls = self.flagged[last], self.caught[last] / self.positives
        return float(np.interp(alarms - 0.5, np.append(-1.0, counts), np.append(0.0, recalls)))

    def _share(self, hits: NDArray[np.bool_], of: NDArray[np.bool_], share: float) -> _Share:
        """Return what is known of a share of these rows, as many as would tell as much if independent."""
        rows, clusters = float(of.sum()), self.clusters(of)
        moves = self.moves(np.where(of, (hits - share) / rows, 0.0))
        if clusters == rows:
            return _Share(rows, moves, share)
        if share in {0.0, 1.0}:
            return _Share(clusters, moves, share)
        effect = max(1.0, float(moves @ moves) / (share * (1 - share) / rows))
        known = (NORMAL / float(stdtrit(clusters - 1, _UPPER))) ** 2
        return _Share(rows / effect * known, moves, share)

    def _inflated(self, influence: Floats, of: NDArray[np.bool_]) -> Floats:
        """Return moves of clusters, larger by what a variance from few clusters is too small."""
        clusters = self.clusters(of)
        return self.moves(influence) * float(np.sqrt(clusters / max(clusters - 1, 1)))

    def _freedom(self, parts: list[Floats]) -> float:
        """Return the degrees of freedom of a sum of two variances (Satterthwaite 1946)."""
        variances = np.array([float(part @ part) for part in parts])
        each = np.array([max(self.clusters(of) - 1, 1) for of in (self.positive, ~self.positive)])
        if variances.sum() < _NOTHING**2:  # it adds nothing to a difference, and takes nothing from it
            return float(each.min())
        return float(variances.sum() ** 2 / (variances**2 / each).sum())

    def _on_log_odds(self, value: float, moves: Floats, freedom: float) -> Ranked:
        freedom = max(freedom, 1.0)
        deviation = float(np.sqrt(moves @ moves))
        sources = (Source(deviation, moves),)
        if deviation < _NOTHING:  # no row says how sure: as sure as of a share of the rarer class
            fewest = min(self.clusters(self.positive), self.clusters(~self.positive))
            return Ranked(wilson(value, fewest), freedom, sources)
        odds = value / (1 - value)
        ratio = float(np.exp(stdtrit(freedom, _UPPER) * deviation / (value * (1 - value))))
        low, high = odds / ratio / (1 + odds / ratio), odds * ratio / (1 + odds * ratio)
        return Ranked(Estimate(value, low, high), freedom, sources)


@dataclass(frozen=True, slots=True)
class _Share:
    """Hold how many independent rows a share is worth, and how far each cluster moved it."""

    rows: float
    moves: Floats
    share: float

    @property
    def deviation(self) -> float:
        return float(np.sqrt(self.share * (1 - self.share) / self.rows))


def _between(counts: Floats) -> Floats:
    """Return at each level the count halfway to the level above: ties count half."""
    return counts - np.diff(counts, prepend=0.0) / 2


def _from_here(parts: Floats) -> Floats:
    """Return the sums from each level down to the last."""
    return np.cumsum(parts[::-1])[::-1]


def _at(recalls: Floats, alarms: Floats, most: float) -> tuple[float, int]:
    """Return the recall at the last level with `most` alarms or fewer, and that level; 0 and -1 above all."""
    last = int(np.searchsorted(alarms, most, side="right")) - 1
    return (float(recalls[last]), last) if last >= 0 else (0.0, -1)
