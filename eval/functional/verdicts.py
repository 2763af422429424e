"""The cases of a functional test suite, and what each rule makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.eval.cells import LEAST_ROWS
from tocsin.eval.levels import LEVELS
from tocsin.eval.ranks import NULL
from tocsin.eval.rules import BALANCED, flags
from tocsin.eval.slices import Slice
from tocsin.eval.statistics.clusters import clusters
from tocsin.eval.statistics.intervals import Estimate, clustered_share
from tocsin.eval.subject import Subject
from tocsin.example import Example
from tocsin.models.balanced import balanced_thresholds
from tocsin.signals import Signal

__all__ = [
    "FUNCTIONAL_SUITES",
    "HARMLESS",
    "HATEFUL",
    "NOTHING",
    "RULES",
    "Group",
    "Verdicts",
    "verdicts",
]

FUNCTIONAL_SUITES: Final[Mapping[str, str]] = {
    "hatecheck": "HateCheck",
    "hatemoji-check": "HatemojiCheck",
    "multilingual-hatecheck": "Multilingual HateCheck",
}
RULES: Final = (BALANCED, *(level.value for level in LEVELS))
HATEFUL: Final = "hateful"
HARMLESS: Final = "non-hateful"
NOTHING: Final = "none"  # what a case without an attribute has of it

Bools = NDArray[np.bool_]
Clusters = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Group:
    """Hold which cases share a value of an attribute and a label; `where` is ``(cases,)``."""

    value: str
    label: str
    where: Bools

    @property
    def cases(self) -> int:
        """Count the cases."""
        return int(self.where.sum())


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Hold one suite's cases in one language.

    `hateful` is ``(cases,)``; `flagged` has for each rule ``(cases,)`` of 1, 0 and, where it could not
    judge, -1; `scores` are those of `hate`, NaN for null; `threshold` is the balanced one, None where
    there is none. Cases of one number in `groups` share a template, or are contrast partners.
    """

    corpus: str
    language: str
    cases: Sequence[Example]
    hateful: Bools
    scores: NDArray[np.float64]
    threshold: float | None
    flagged: Mapping[str, NDArray[np.int8]]
    groups: Clusters

    @property
    def title(self) -> str:
        """Return the suite's own name."""
        return FUNCTIONAL_SUITES[self.corpus]

    @property
    def slice(self) -> Slice:
        """Return the cases that have a score, to rank."""
        told = ~np.isnan(self.scores)
        labels = self.hateful[told].astype(np.int8)
        unscored = int((~told).sum())
        return Slice(
            self.corpus, Signal.HATE, self.language, labels, self.scores[told], unscored, self.groups[told]
        )

    @property
    def alike(self) -> bool:
        """Say whether the rows tell which cases are alike."""
        return len(np.unique(self.groups)) < len(self.groups)

    def labelled(self, label: str) -> Bools:
        """Return which cases have a label."""
        return self.hateful if label == HATEFUL else ~self.hateful

    def unjudged(self, rule: str) -> int:
        """Count the cases that a rule could not judge."""
        return int((self.flagged[rule] == NULL).sum())

    def valued(self, attribute: str) -> list[Group]:
        """Return the cases by value and label, none where no case has the attribute."""
        values = np.array([case.attributes.get(attribute, NOTHING) for case in self.cases], np.str_)
        if (values == NOTHING).all():
            return []
        return [
            Group(value, label, where)
            for value in np.unique(values).tolist()
            for label in (HATEFUL, HARMLESS)
            if (where := (values == value) & self.labelled(label)).any()
        ]

    def accuracy(self, rule: str, where: Bools) -> Estimate | None:
        """Return the share of the cases in `where` that a rule decides as labelled.

        Cases it could not judge are in no share. None where it judged fewer than 20.
        """
        told = where & (self.flagged[rule] != NULL)
        if told.sum() < LEAST_ROWS:
            return None
        return clustered_share((self.flagged[rule] == self.hateful)[told], self.groups[told])


def verdicts(subject: Subject) -> Iterator[Verdicts]:
    """Yield every functional suite that has a case with a label, language by language."""
    for corpus in FUNCTIONAL_SUITES:
        for language in sorted({row.language for row in subject.rows if row.corpus == corpus}):
            found = _verdicts(subject, corpus, language)
            if found.cases:
                yield found


def _verdicts(subject: Subject, corpus: str, language: str) -> Verdicts:
    places = subject.places(corpus, language)
    places = places[subject.labels[Signal.HATE][places] >= 0]
    cases = [subject.rows[place] for place in places]
    scores = subject.scores[places, list(Signal).index(Signal.HATE)]
    threshold = balanced_thresholds(subject.scorer.bundle).get(language, {}).get(Signal.HATE)
    return Verdicts(
        corpus,
        language,
        cases,
        subject.labels[Signal.HATE][places] == 1,
        scores,
        threshold,
        {rule: flags(subject, rule)[places] for rule in RULES},
        clusters(cases),
    )
