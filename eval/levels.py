"""What the policies' levels do to test rows: what they catch, and what they flag that they should not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from tocsin.assessment import Assessment, Level
from tocsin.eval.cells import LEAST_ROWS
from tocsin.eval.statistics.intervals import Estimate, proportion
from tocsin.example import Example, gold
from tocsin.item import Item
from tocsin.policy import Policy, PolicyDocument
from tocsin.signals import Signal

__all__ = ["LEVELS", "Assessor", "Rate", "level_pairs", "policy_rates", "reached", "unjudged"]

LEVELS: Final = (Level.REVIEW, Level.URGENT)
_AT_LEAST: Final = {Level.REVIEW: {Level.REVIEW, Level.URGENT}, Level.URGENT: {Level.URGENT}}


class Assessor(Protocol):
    """Judge items: what a scorer does."""

    @property
    def policy(self) -> PolicyDocument:
        """Return the policy file it judges under."""
        ...

    def assess(self, items: Sequence[Item]) -> list[Assessment]:
        """Return one assessment an item, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Rate:
    """Hold the share of `rows` that reach a level of a policy; `unjudged` rows are in no share.

    `rows_of` names a corpus, an audit or a functionality. `kind` is "recall" (of positives), "fpr"
    (of negatives), "audit" (of texts that none of the policies means) or "functionality" (of one
    test suite's harmless cases).
    """

    kind: str
    rows_of: str
    language: str
    policy: str
    level: Level
    rows: int
    hits: int
    unjudged: int
    share: Estimate


def policy_rates(
    policies: Sequence[Policy],
    examples: Sequence[Example],
    assessments: Sequence[Assessment],
    known: Mapping[str, frozenset[Signal]],
) -> Iterator[Rate]:
    """Yield recall and false-positive rate by corpus, on rows whose labels decide the whole policy.

    `known` names the signals that can be judged in each language; rows of other languages are out.
    """
    corpora = np.array([example.corpus for example in examples])
    languages = np.array([example.language for example in examples])
    labels = {signal: gold(examples, signal) for signal in Signal}
    places = sorted({*zip(corpora.tolist(), languages.tolist(), strict=True)})
    for policy in policies:
        decided = np.full(len(examples), -1, np.int8)
        for language, signals in known.items():
            here = languages == language
            decided[here] = policy.when.decide(labels, signals)[here]
        for corpus, language in places:
            here = (corpora == corpus) & (languages == language)
            for kind, label in (("recall", 1), ("fpr", 0)):
                rows = np.flatnonzero(here & (decided == label)).tolist()
                yield from reached(kind, corpus, language, policy, [assessments[row] for row in rows])


def reached(
    kind: str, rows_of: str, language: str, policy: Policy, assessments: Sequence[Assessment]
) -> Iterator[Rate]:
    """Yield how many items reach each level of a policy, nothing where fewer than 20 were judged."""
    found = [
        result.level
        for assessment in assessments
        for result in assessment.policies
        if result.name == policy.name
    ]
    judged = [level for level in found if level is not None]
    if len(judged) < LEAST_ROWS:
        return
    for level in LEVELS:
        hits = sum(one in _AT_LEAST[level] for one in judged)
        yield Rate(
            kind,
            rows_of,
            language,
            policy.name,
            level,
            len(judged),
            hits,
            len(found) - len(judged),
            proportion(hits, len(judged)),
        )


def unjudged(rates: Iterable[Rate]) -> Iterator[str]:
    """Yield which rates leave out rows that could not be judged, in one line; nothing where none does."""
    told = [
        f"`{review.policy}` · {review.rows_of} ({review.language}, {review.kind}): {review.unjudged:,}"
        for review, _ in level_pairs(rates)
        if review.unjudged
    ]
    if told:
        yield f"Not judged, so in no share, neither as flagged nor as left alone: {'; '.join(told)}."


def level_pairs(rates: Iterable[Rate]) -> Iterator[tuple[Rate, Rate]]:
    """Yield the two levels of one policy on one set of rows together, review first."""
    by_place: dict[tuple[str, str, str, str], dict[Level, Rate]] = {}
    for rate in rates:
        place = (rate.policy, rate.rows_of, rate.language, rate.kind)
        by_place.setdefault(place, {})[rate.level] = rate
    for levels in by_place.values():
        yield levels[Level.REVIEW], levels[Level.URGENT]
