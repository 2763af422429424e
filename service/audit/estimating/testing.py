"""Made-up platforms whose truth is known, and samples of them by the thousand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.service.audit.estimating.labelled import Domain, Labelled, Spreads, credit_of
from tocsin.service.audit.estimating.prevalence import Scores
from tocsin.service.audit.estimating.tuning import folds_of, tuned
from tocsin.service.audit.sampling.boundaries import bins_of
from tocsin.service.audit.sampling.density import Density, expected_spread
from tocsin.service.audit.sampling.dividing import divide
from tocsin.service.audit.sampling.plan import SamplePlan
from tocsin.service.audit.sampling.strata import BINS
from tocsin.service.audit.sampling.testing import REVIEW_AT, URGENT_AT
from tocsin.service.statistics.cells import Cells, cut

__all__ = ["Draws", "Kind", "Parts", "Platform", "draws", "parts_of", "platform", "single_draws", "stratify"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_ROWS: Final = 100_000
_APART: Final = {"informative": 3.0, "weak": 1.0, "useless": 0.0, "miscalibrated": 2.5, "blind": 3.0}
_CROWDED: Final = 20
_SLICES: Final = (70, 20, 8, 2)
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


@dataclass(frozen=True, slots=True)
class Parts:
    """Hold a platform cut into parts, with the truth of each: slices, what is flagged, and views.

    `flagged` is the share of rows that are, and `recall` the share of hits among these of all hits.
    """

    stratum: Ints
    taken: Ints
    inside: Mapping[str, Bools]
    domains: Mapping[str, Domain]
    truths: Mapping[str, float]
    views: Floats
    flagged: float
    recall: float


def parts_of(whole: Platform, labels: int, plan: SamplePlan, seed: int = 1) -> Parts:
    """Cut a platform: slices have 70, 20, 8 and 2% of rows; views are skewed, and hits have more of them."""
    random = np.random.default_rng([seed, 7])
    rows, flagged = len(whole.hits), whole.scores >= REVIEW_AT
    views = np.exp(random.normal(0, 1, rows) + 0.5 * whole.hits)
    place = random.choice(len(_SLICES), rows, p=[share / 100 for share in _SLICES])
    inside = {f"slice of {share}%": place == number for number, share in enumerate(_SLICES)}
    inside |= {"precision": flagged, "missed": ~flagged}
    stratum, _, taken = stratify(whole, labels, plan)

    def sums(part: Bools, values: Floats) -> Floats:
        return np.bincount(stratum[part], values[part], len(taken)).astype(np.float64)

    def domain(part: Bools) -> Domain:
        return Domain.of(np.bincount(stratum[part], minlength=len(taken)), sums(part, whole.scores))

    domains, every = {name: domain(part) for name, part in inside.items()}, np.ones(rows, bool)
    domains["views"] = Domain(domain(every).rows, sums(every, views), sums(every, views * whole.scores))
    truths = {name: float(whole.hits[part].mean()) for name, part in inside.items() if part.any()}
    truths["views"] = float((views * whole.hits).sum() / views.sum())
    del truths["missed"]
    if not flagged.any():
        del inside["precision"], inside["missed"]
    recall = float(whole.hits[flagged].sum() / whole.hits.sum())
    return Parts(stratum, taken, inside, domains, truths, views, float(flagged.mean()), recall)


def single_draws(
    whole: Platform, parts: Parts, times: int, seed: int = 1
) -> Iterator[dict[str, Spreads | None]]:
    """Draw samples one after the other; yield what the labels of each say of every part."""
    random = np.random.default_rng(seed)
    places = [np.flatnonzero(parts.stratum == one) for one in range(len(parts.taken))]
    stratum = np.repeat(np.arange(len(parts.taken)), parts.taken)
    strata = np.bincount(parts.stratum, minlength=len(parts.taken))
    inverse = np.repeat(strata / parts.taken, parts.taken)
    for _ in range(times):
        rows = np.concatenate(
            [
                one[_without_replacement(random, len(one), count, 1)[0]]
                for one, count in zip(places, parts.taken.tolist(), strict=True)
            ]
        )
        hits, scores = whole.hits[rows], whole.scores[rows]
        credit = credit_of(stratum, hits, scores, inverse, strata)
        labelled = Labelled(stratum, hits, scores, credit, inverse, parts.views[rows], {}, {})
        told: dict[str, Spreads | None] = {"precision": None, "missed": None}
        told |= {name: labelled.say(parts.domains[name], part[rows]) for name, part in parts.inside.items()}
        told["views"] = labelled.say(parts.domains["views"], np.ones(len(rows), bool), weighted=True)
        yield told


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
