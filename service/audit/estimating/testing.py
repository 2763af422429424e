"""Made-up platforms whose truth is known, and samples of them by the thousand."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.service.audit.estimating.cells import Cells, cut
from tocsin.service.audit.estimating.prevalence import Scores
from tocsin.service.audit.estimating.tuning import folds_of, tuned
from tocsin.service.audit.sampling.boundaries import bins_of
from tocsin.service.audit.sampling.density import Density, expected_spread
from tocsin.service.audit.sampling.dividing import divide
from tocsin.service.audit.sampling.plan import SamplePlan
from tocsin.service.audit.sampling.strata import BINS
from tocsin.service.audit.sampling.testing import REVIEW_AT, URGENT_AT

__all__ = ["Draws", "Kind", "Platform", "draws", "platform", "stratify"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_ROWS: Final = 100_000
_APART: Final = {"informative": 3.0, "weak": 1.0, "useless": 0.0, "miscalibrated": 2.5, "blind": 3.0}
_CROWDED: Final = 20
_UNSEEN: Final = 0.3


class Kind(StrEnum):
    """Name what the scores of a platform are worth.

    `MISCALIBRATED` ones are twice too sure, and calibrated where hits are 30%. Three in ten hits of a `BLIND`
    model look like misses to it, whatever it says of the others.
    """

    INFORMATIVE = "informative"
    WEAK = "weak"
    USELESS = "useless"
    MISCALIBRATED = "miscalibrated"
    BLIND = "blind"


@dataclass(frozen=True, slots=True)
class Platform:
    """Hold for each row whether it is a hit (1 or 0) and what it scores."""

    hits: Floats
    scores: Floats

    @property
    def truth(self) -> float:
        """Return the share of hits."""
        return float(self.hits.mean())


def platform(kind: Kind, prevalence: float, rows: int = _ROWS, seed: int = 1) -> Platform:
    """Return rows with exactly that share of hits, and with scores that are worth what `kind` says."""
    random = np.random.default_rng([seed, round(prevalence * 1e6)])
    hits = np.zeros(rows)
    hits[random.choice(rows, round(prevalence * rows), replace=False)] = 1.0
    seen = hits * (random.random(rows) >= _UNSEEN) if kind is Kind.BLIND else hits
    apart = _APART[kind]
    if kind is Kind.USELESS:
        return Platform(hits, _logistic(random.normal(-2.5, 1.5, rows)))
    margin = apart * (random.normal(0, 1, rows) + apart * seen) - apart**2 / 2
    if kind is Kind.MISCALIBRATED:
        return Platform(hits, _logistic(2 * (margin + _logit(0.3))))
    return Platform(hits, _logistic(margin + _logit(prevalence)))


@dataclass(frozen=True, slots=True)
class Draws:
    """Hold ``(times, labels)`` rows that samples drew, and the cells that all of these samples share."""

    rows: Ints
    cells: Cells
    stratum: Ints
    means: Floats
    folds: Ints

    def scores(self, whole: Platform) -> Scores:
        """Return the scores of what was drawn, trusted as far as the labels say."""
        hits, scores = whole.hits[self.rows], whole.scores[self.rows]
        return Scores(scores, self.means, tuned(self.cells, hits, scores, self.folds))


def stratify(whole: Platform, labels: int, plan: SamplePlan | None = None) -> tuple[Ints, Ints, Ints]:
    """Return each row's stratum, how many rows each has, and how many labels it gets.

    As `tocsin audit sample` would, of one policy that flags what scores 0.5, and 0.8, or more.
    """
    plan = plan or SamplePlan(labels, seed=0)
    scores = whole.scores[:, None]
    levels = [scores >= at for at in (REVIEW_AT, URGENT_AT)]
    flags = tuple((float(flagged.mean()),) for flagged in levels)
    spreads = (float(expected_spread(scores).mean()),)
    density = Density(plan.even, 0.0, plan.flagged, spreads, flags, 0.0).of(scores, levels, None)
    bins, group = bins_of(density), levels[0][:, 0].astype(np.int64)
    keys, count = group * BINS + bins, int(group.max()) + 1
    rows = np.bincount(keys, minlength=count * BINS).reshape(count, BINS)
    sums = np.bincount(keys, density, count * BINS).reshape(count, BINS).astype(np.float64)
    divided = divide(plan, rows, sums, np.zeros(count, np.int64))
    starts = np.concatenate([number * BINS + one.starts for number, one in enumerate(divided)])
    return (
        np.asarray(np.searchsorted(starts, keys, side="right") - 1, np.int64),
        np.concatenate([one.rows for one in divided]),
        np.concatenate([one.labels for one in divided]),
    )


def draws(
    whole: Platform, labels: int, times: int, *, plan: SamplePlan | None = None, seed: int = 1
) -> Draws:
    """Draw a stratified sample many times, each without replacement within strata."""
    stratum, rows, taken = stratify(whole, labels, plan)
    random = np.random.default_rng(seed)
    drawn = [
        places[_without_replacement(random, len(places), count, times)]
        for places, count in ((np.flatnonzero(stratum == one), count) for one, count in enumerate(taken))
    ]
    cell = np.repeat(np.arange(len(rows)), taken)
    found = cut(cell, np.repeat(rows / taken, taken), rows, rows.astype(np.float64))
    assert found is not None  # noqa: S101 - every stratum has two labels
    means = np.bincount(stratum, whole.scores) / rows
    return Draws(np.concatenate(drawn, axis=1), found[0], stratum, means, folds_of(cell))


def _without_replacement(random: np.random.Generator, rows: int, count: int, times: int) -> Ints:
    """Return ``(times, count)`` different numbers below `rows`, each row of them in a random order."""
    if rows < _CROWDED * count:
        return np.argsort(random.random((times, rows)), axis=1)[:, :count]
    found = random.integers(rows, size=(times, count))
    # A row with a number twice is drawn anew, all of it: what remains is a fair draw of different ones.
    while (twice := np.flatnonzero((np.diff(np.sort(found, axis=1), axis=1) == 0).any(axis=1))).size:
        found[twice] = random.integers(rows, size=(len(twice), count))
    return found


def _logistic(values: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-values)))


def _logit(share: float) -> float:
    return float(np.log(share / (1 - share)))
