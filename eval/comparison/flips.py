"""The same items as two bundles judge them, and which of them change their level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tocsin.assessment import Assessment, Level, PolicyResult
from tocsin.eval.subject import Subject
from tocsin.item import Item
from tocsin.models import Scorer

__all__ = ["Flip", "Pair"]


@dataclass(frozen=True, slots=True)
class Flip:
    """Hold one item that changes its level under one policy; `change` is that of the policy's score."""

    id: str
    corpus: str
    language: str
    policy: str
    before: Level
    after: Level
    change: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Hold what an old bundle and a new one made of the test rows, and the policies that both have."""

    subject: Subject
    before: Sequence[Assessment]
    after: Sequence[Assessment]
    policies: Sequence[str]

    @classmethod
    def of(cls, subject: Subject, baseline: Scorer) -> Pair:
        """Return the test rows as both judge them."""
        before = baseline.assess([Item(row.id, row.text, row.language) for row in subject.rows])
        old = {policy.name for policy in baseline.policy.policies}
        both = [policy.name for policy in subject.scorer.policy.policies if policy.name in old]
        return cls(subject, before, subject.assessments, both)

    def places(self) -> Iterator[tuple[str, str, list[int]]]:
        """Yield each corpus in each of its languages, with where its rows stand."""
        for corpus, language in sorted({(row.corpus, row.language) for row in self.subject.rows}):
            yield corpus, language, np.asarray(self.subject.places(corpus, language)).tolist()

    def flips(self) -> list[Flip]:
        """Return every change of a level that both bundles could judge, the largest change of score first."""
        found = [
            flip
            for row, before, after in zip(self.subject.rows, self.before, self.after, strict=True)
            for flip in _flips(row.corpus, row.language, self.policies, before, after)
        ]
        return sorted(found, key=lambda flip: (-abs(flip.change), flip.id, flip.policy))


def _flips(
    corpus: str, language: str, policies: Sequence[str], before: Assessment, after: Assessment
) -> Iterator[Flip]:
    earlier, later = _by_name(before), _by_name(after)
    for policy in policies:
        old, new = earlier[policy], later[policy]
        if old.level in {new.level, None} or new.level is None:
            continue
        change = (new.score or 0.0) - (old.score or 0.0)
        yield Flip(after.id, corpus, language, policy, old.level, new.level, change)


def _by_name(assessment: Assessment) -> dict[str, PolicyResult]:
    return {result.name: result for result in assessment.policies}
