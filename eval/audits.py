"""Texts that a policy should leave alone, and how many of them it may flag."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tocsin.assessment import Assessment, Level
from tocsin.eval.levels import Assessor, Rate, reached
from tocsin.example import Example, Label
from tocsin.item import Item
from tocsin.signals import Signal

__all__ = [
    "AUDITED_LANGUAGE",
    "AUDITS",
    "FUNCTIONAL_SUITE",
    "Allowance",
    "Audit",
    "allowance",
    "audit_rates",
    "functionality_rates",
]

FUNCTIONAL_SUITE: Final = "hatecheck"
AUDITED_LANGUAGE: Final = "en"  # of every audit so far
_HARMLESS: Final[Mapping[Level, float | None]] = {Level.REVIEW: 0.05, Level.URGENT: 0.01}
_OFFENSIVE: Final[Mapping[Level, float | None]] = {Level.REVIEW: None, Level.URGENT: 0.05}
_TIMES_OWN_NEGATIVES: Final = 2
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])[\s\"')\]]+")
_LEAST_WORDS: Final = 4


@dataclass(frozen=True, slots=True)
class Audit:
    """Say which test rows of a corpus are audited: those that have these `attributes`.

    `ceilings` are the largest shares that may be flagged, None for twice what is flagged of the
    corpus's own negatives. With `sentences`, texts are cut into theirs.
    """

    corpus: str
    ceilings: Mapping[Level, float | None]
    attributes: Mapping[str, str] = field(default_factory=dict)
    sentences: bool = False

    def has(self, example: Example) -> bool:
        """Say whether a row is audited."""
        return example.corpus == self.corpus and self.attributes.items() <= example.attributes.items()


AUDITS: Final[Mapping[str, Audit]] = {
    "muc documents": Audit("muc", _HARMLESS),
    "muc sentences": Audit("muc", _HARMLESS, sentences=True),
    "pheme": Audit("pheme", _HARMLESS),
    "collective-action test": Audit("collective-action", _HARMLESS),
    "hatexplain offensive": Audit("hatexplain", _OFFENSIVE, {"category": "offensive"}),
    "davidson offensive": Audit("davidson", _OFFENSIVE, {"class": "offensive"}),
    "cad CounterSpeech": Audit("cad", _OFFENSIVE, {"labels": "CounterSpeech"}),  # that abuses nobody
}


@dataclass(frozen=True, slots=True)
class Allowance:
    """Hold the largest share that an audit allows, and the rate that it is twice of, if it is."""

    share: float
    twice: Rate | None = None


def allowance(audited: Rate, rates: Sequence[Rate]) -> Allowance | None:
    """Return what `audited` is held to, None where its corpus has no other negatives to compare with."""
    audit = AUDITS[audited.rows_of]
    ceiling = audit.ceilings[audited.level]
    if ceiling is not None:
        return Allowance(ceiling)
    own = ("fpr", audit.corpus, audited.language, audited.policy, audited.level)
    for rate in rates:
        told = (rate.kind, rate.rows_of, rate.language, rate.policy, rate.level)
        if told == own and rate.rows > audited.rows:
            return Allowance(_TIMES_OWN_NEGATIVES * rate.share.value, rate)
    return None


def audit_rates(
    assessor: Assessor, examples: Sequence[Example], assessments: Sequence[Assessment]
) -> Iterator[Rate]:
    """Yield how many texts of each audit every policy flags; `assessments` are those of `examples`."""
    for name, audit in AUDITS.items():
        rows = [row for row, example in enumerate(examples) if audit.has(example)]
        found = [assessments[row] for row in rows]
        if audit.sentences:
            parts = [part for row in rows for part in _sentences(examples[row].text)]
            found = assessor.assess(
                [Item(f"{name}:{number}", part, AUDITED_LANGUAGE) for number, part in enumerate(parts)]
            )
        for policy in assessor.policy.policies:
            yield from reached("audit", name, AUDITED_LANGUAGE, policy, found)


def functionality_rates(
    assessor: Assessor, examples: Sequence[Example], assessments: Sequence[Assessment]
) -> Iterator[Rate]:
    """Yield how many cases of each harmless functionality of HateCheck the policy `hate` flags."""
    cases: dict[str, list[Assessment]] = {}
    for example, assessment in zip(examples, assessments, strict=True):
        if example.corpus == FUNCTIONAL_SUITE and example.label(Signal.HATE) is Label.NEGATIVE:
            cases.setdefault(example.attributes.get("functionality", "not named"), []).append(assessment)
    for policy in assessor.policy.policies:
        if policy.name == Signal.HATE:
            for name, found in sorted(cases.items()):
                yield from reached("functionality", name, AUDITED_LANGUAGE, policy, found)


def _sentences(text: str) -> Iterator[str]:
    """Yield the sentences of four words or more: shorter ones are initials and abbreviations."""
    yield from (part for part in _SENTENCE_END.split(text) if len(part.split()) >= _LEAST_WORDS)
