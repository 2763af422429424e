"""The labels of one policy, and what they say of any part of all rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.assessment import Level
from tocsin.service.audit.estimating.population import Population
from tocsin.service.audit.estimating.prevalence import Scores, classical, powered
from tocsin.service.audit.estimating.tuning import folds_of, tuned
from tocsin.service.statistics.cells import cut
from tocsin.service.statistics.spread import Spread

__all__ = ["Domain", "Labelled", "Spreads", "credit_of", "labelled_rows"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Spreads:
    """Hold what labels say of a share: alone, and helped by the scores."""

    labels: int
    hits: int
    classical: Spread
    powered: Spread


@dataclass(frozen=True, slots=True)
class Domain:
    """Name a part of all rows by stratum: how many rows, how much of the whole, and the sum of their scores.

    Of rows that weigh alike, `sizes` are `rows`.
    """

    rows: Ints
    sizes: Floats
    scores: Floats

    @classmethod
    def of(cls, rows: Ints, scores: Floats) -> Domain:
        """Return the part of rows that weigh alike."""
        return cls(rows, rows.astype(np.float64), scores)

    def without(self, other: Domain) -> Domain:
        """Return the rest of this part."""
        return Domain(self.rows - other.rows, self.sizes - other.sizes, self.scores - other.scores)


@dataclass(frozen=True, slots=True)
class Labelled:
    """Hold ``(labels,)`` labels of one policy, in a random order within strata.

    `inverse` is how many rows each stands for: those of its stratum over those of them that have a label.
    """

    stratum: Ints
    hits: Floats
    scores: Floats
    credit: Floats
    inverse: Floats
    weights: Floats
    levels: Mapping[Level, Bools]
    slices: Mapping[str, Ints]

    def say(self, domain: Domain, inside: Bools, *, weighted: bool = False) -> Spreads | None:
        """Return what the labels `inside` a part say of it, None where they are too few to tell.

        Within a stratum they count as drawn at random from the part's rows there, which they are, given how
        many they came to be (post-stratification: Holt and Smith 1979, JRSS A 142).
        """
        used = np.flatnonzero(inside & (self.weights > 0) if weighted else inside)
        counts = self.inverse[used] * (self.weights[used] if weighted else 1.0)
        found = cut(self.stratum[used], counts, domain.rows, domain.sizes)
        if found is None:
            return None
        cells, joined = found
        used = used[cells.order]
        means = np.bincount(joined, domain.scores) / np.bincount(joined, domain.sizes)
        hits, scores = self.hits[used], Scores(self.scores[used], means, self.credit[used])
        return Spreads(len(used), int(hits.sum()), classical(cells, hits), powered(cells, hits, scores))


def labelled_rows(population: Population, policy: int, hits: Floats) -> Labelled:
    """Return the labels of a policy; `hits` are ``(rows of the sample,)``, NaN where there is no label."""
    rows = np.flatnonzero(~np.isnan(hits))
    sample, strata = population.sample, population.whole.rows
    stratum = sample.stratum[rows]
    labels = np.bincount(stratum, minlength=len(strata))
    inverse = (strata / np.maximum(labels, 1))[stratum]
    scores = sample.scores[rows, policy]
    return Labelled(
        stratum,
        hits[rows],
        scores,
        credit_of(stratum, hits[rows], scores, inverse, strata),
        inverse,
        sample.weights[rows],
        {level: flagged[rows, policy] for level, flagged in sample.levels.items()},
        {name: codes[rows] for name, codes in sample.slices.items()},
    )


def credit_of(stratum: Ints, hits: Floats, scores: Floats, inverse: Floats, strata: Ints) -> Floats:
    """Return how far the score of each label is trusted, by the labels of all strata."""
    found = cut(stratum, inverse, strata, strata.astype(np.float64))
    credit = np.zeros(len(stratum))
    if found is not None:
        cells, _ = found
        folds = folds_of(stratum)[cells.order]
        credit[cells.order] = tuned(cells, hits[cells.order], scores[cells.order], folds)
    return credit
