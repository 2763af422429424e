"""What the policies' levels do to test rows: what they catch, and what they flag that they should not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

import numpy as np

from tocsin.assessment import Assessment, Level
from tocsin.eval.cells import LEAST_ROWS
from tocsin.eval.intervals import Estimate, proportion
from tocsin.example import Example, gold
from tocsin.item import Item
from tocsin.policy import Policy, PolicyDocument
from tocsin.signals import Signal

__all__ = ["AUDITS", "Assessor", "Rate", "audit_rates", "policy_rates"]

LEVELS: Final = (Level.REVIEW, Level.URGENT)


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

    `kind` is "recall" (of positives), "fpr" (of negatives) or "audit" (of texts that none of the
    policies means).
    """

    kind: str
    rows_of: str
    policy: str
    level: Level
    rows: int
    hits: int
    unjudged: int
    share: Estimate


def policy_rates(
    assessor: Assessor,
    examples: Sequence[Example],
    assessments: Sequence[Assessment],
    known: Mapping[str, frozenset[Signal]],
) -> Iterator[Rate]:
    """Yield recall and false-positive rate by corpus, on rows whose labels decide the whole policy.

    `known` names the signals that can be judged in each language; rows of other languages are out.
    """
    corpora = np.array([_rows_of(example) for example in examples])
    languages = np.array([example.language for example in examples])
    labels = {signal: gold(examples, signal) for signal in Signal}
    for policy in assessor.policy.policies:
        decided = np.full(len(examples), -1, np.int8)
        for language, signals in known.items():
            here = languages == language
            decided[here] = policy.when.decide(labels, signals)[here]
        for corpus in np.unique(corpora):
            for kind, label in (("recall", 1), ("fpr", 0)):
                rows = np.flatnonzero((corpora == corpus) & (decided == label)).tolist()
                yield from _rates(kind, str(corpus), policy, [assessments[row] for row in rows])


def _rows_of(example: Example) -> str:
    return example.corpus if example.language == "en" else f"{example.corpus} ({example.language})"


def audit_rates(assessor: Assessor, examples: Sequence[Example]) -> Iterator[Rate]:
    """Yield how many harmless texts each policy flags, audit by audit."""
    for name, texts in AUDITS.items():
        items = [Item(f"{name}:{number}", text, "en") for number, text in enumerate(texts(examples))]
        assessments = assessor.assess(items)
        for policy in assessor.policy.policies:
            yield from _rates("audit", name, policy, assessments)


def _rates(kind: str, rows_of: str, policy: Policy, assessments: Sequence[Assessment]) -> Iterator[Rate]:
    reached = [
        result.level
        for assessment in assessments
        for result in assessment.policies
        if result.name == policy.name
    ]
    judged = [level for level in reached if level is not None]
    if len(judged) < LEAST_ROWS:
        return
    for level in LEVELS:
        hits = sum(found in _AT_LEAST[level] for found in judged)
        yield Rate(
            kind,
            rows_of,
            policy.name,
            level,
            len(judged),
            hits,
            len(reached) - len(judged),
            proportion(hits, len(judged)),
        )


_AT_LEAST: Final = {Level.REVIEW: {Level.REVIEW, Level.URGENT}, Level.URGENT: {Level.URGENT}}
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])[\s\"')\]]+")
_LEAST_WORDS: Final = 4


def _of(corpus: str, examples: Sequence[Example]) -> list[str]:
    return [example.text for example in examples if example.corpus == corpus]


def _sentences(corpus: str, examples: Sequence[Example]) -> list[str]:
    """Return the sentences of four words or more: shorter ones are initials and abbreviations."""
    found = (part for text in _of(corpus, examples) for part in _SENTENCE_END.split(text))
    return [part for part in found if len(part.split()) >= _LEAST_WORDS]


AUDITS: Final[Mapping[str, Callable[[Sequence[Example]], list[str]]]] = {
    "muc documents": partial(_of, "muc"),
    "muc sentences": partial(_sentences, "muc"),
    "pheme": partial(_of, "pheme"),
    "collective-action test": partial(_of, "collective-action"),
}
