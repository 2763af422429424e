"""What becomes of a post when another group of the same kind is named in it: counterfactual token fairness.

After Garg et al. 2019. Swapped texts live in memory only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.eval.cells import LEAST_ROWS
from tocsin.eval.fairness.naming import Naming, swapped
from tocsin.eval.fairness.terms import Vocabulary
from tocsin.eval.ranks import NULL, ranks
from tocsin.eval.statistics.clusters import clusters
from tocsin.eval.statistics.intervals import Estimate, bootstrapped, proportion
from tocsin.eval.subject import Subject, signal_scores
from tocsin.item import Item
from tocsin.signals import Signal

__all__ = ["Family", "Swaps", "families"]

_COLUMN: Final = list(Signal).index(Signal.HATE)

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Swaps:
    """Hold what swapping does to some rows, each row counted once, however many groups it is given.

    `flips` is the share of swaps that move a row into review or out of it; `moved` the mean absolute
    change of its score; `raised`, by group, in how many rows its name stands or was put, and how far
    the score then lies above the mean over all groups in the same row.
    """

    rows: int
    swaps: int
    flips: Estimate
    moved: Estimate
    raised: Mapping[str, tuple[int, Estimate]]


@dataclass(frozen=True, slots=True)
class Family:
    """Hold the rows of one corpus and language that name one term, of one kind, with every group named.

    `places` are the rows'; those of one number in `together` (one post, one template) are not independent
    of each other; `own` is the column of the group that a row itself names. `scores` and
    `flagged` are ``(rows, groups)``, NaN where a group has no word in that form.
    """

    corpus: str
    language: str
    kind: str
    groups: Sequence[str]
    places: NDArray[np.intp]
    together: NDArray[np.intp]
    own: NDArray[np.intp]
    scores: Floats
    flagged: Floats

    def measured(self, where: Bools) -> Swaps | None:
        """Return what swapping does to the rows in `where`, None where fewer than 20 can be swapped."""
        told = ~np.isnan(self.scores)
        where = where & (told.sum(1) > 1) & told[np.arange(len(told)), self.own]
        if where.sum() < LEAST_ROWS:
            return None
        scores, flagged, others = self.scores[where], self.flagged[where], told[where]
        own = np.arange(len(scores)), self.own[where]
        others[own] = False
        flips = _mean(np.abs(flagged - flagged[own][:, None]), others)
        moved = _mean(np.abs(scores - scores[own][:, None]), others)
        counts = dict(zip(self.groups, told[where].sum(0).tolist(), strict=True))
        lifted = dict(zip(self.groups, _above(scores).T, strict=True))
        enough = {group: lifted[group] for group, count in counts.items() if count >= LEAST_ROWS}
        together = self.together[where]
        found = _means({"flips": flips, "moved": moved, **enough}, together)
        return Swaps(
            len(scores),
            int(others.sum()),
            found["flips"] if flips.any() else proportion(0, len(np.unique(together))),
            found["moved"],
            {group: (counts[group], found[group]) for group in enough},
        )


def families(
    subject: Subject, named: Naming, vocabularies: Mapping[str, Vocabulary], policy: str
) -> Iterator[Family]:
    """Yield every corpus, language and kind of which a row with a label of `hate` names exactly one term."""
    for (corpus, language, kind), places in sorted(_single(subject, named).items()):
        groups = vocabularies[language].groups(kind)
        own = [groups.index(named.mentions[place][0].term.group) for place in places]
        at, items = _swaps(subject, named, vocabularies[language], groups, places)
        scores = np.full((len(places), len(groups)), np.nan)
        reached = np.full(scores.shape, NULL)
        for cells, assessed in (
            ((np.arange(len(places)), np.array(own)), [subject.assessments[place] for place in places]),
            (at, subject.scorer.assess(items)),
        ):
            if assessed:
                scores[cells] = signal_scores(assessed)[:, _COLUMN]
                reached[cells] = ranks(assessed, policy)
        scores[reached == NULL] = np.nan
        flagged = np.where(np.isnan(scores), np.nan, reached > 0)
        together = clusters([subject.rows[place] for place in places])
        yield Family(
            corpus, language, kind, groups, np.array(places), together, np.array(own), scores, flagged
        )


def _single(subject: Subject, named: Naming) -> dict[tuple[str, str, str], list[int]]:
    """Return where the rows stand that name one term, however often, by corpus, language and kind."""
    found: dict[tuple[str, str, str], list[int]] = {}
    for place in np.flatnonzero(subject.labels[Signal.HATE] >= 0).tolist():
        terms = {mention.term for mention in named.mentions[place]}
        if len(terms) == 1:
            row = subject.rows[place]
            found.setdefault((row.corpus, row.language, terms.pop().kind), []).append(place)
    return found


def _swaps(
    subject: Subject, named: Naming, vocabulary: Vocabulary, groups: Sequence[str], places: Sequence[int]
) -> tuple[tuple[NDArray[np.intp], NDArray[np.intp]], list[Item]]:
    """Return the rows' texts with each other group named, and for each its row and the group's column."""
    rows: list[int] = []
    columns: list[int] = []
    items: list[Item] = []
    for row, place in enumerate(places):
        example, found = subject.rows[place], named.mentions[place]
        for column, group in enumerate(groups):
            text = swapped(example.text, found, group, vocabulary) if group != found[0].term.group else None
            if text is not None:
                rows.append(row)
                columns.append(column)
                items.append(Item(f"{row}:{column}", text, example.language))
    return (np.array(rows, np.intp), np.array(columns, np.intp)), items


def _above(scores: Floats) -> Floats:
    """Return how far each score lies above the mean of its row, NaN as they are."""
    return np.asarray(scores - np.nanmean(scores, axis=1, keepdims=True))


def _mean(values: Floats, where: Bools) -> Floats:
    """Return the mean of each row's values in `where`, at least one a row."""
    return np.asarray(np.where(where, values, 0.0).sum(1) / where.sum(1))


def _means(by_row: Mapping[str, Floats], together: NDArray[np.intp]) -> Mapping[str, Estimate]:
    """Return the means over the rows that have each figure; intervals draw whole rows, and those together."""
    values = np.array(list(by_row.values())).T
    told = ~np.isnan(values)
    sums = np.where(told, values, 0.0)

    def figures(weights: Floats) -> Mapping[str, float]:
        with np.errstate(invalid="ignore"):
            return dict(zip(by_row, (weights @ sums / (weights @ told)).tolist(), strict=True))

    return bootstrapped(figures, len(values), groups=together)
