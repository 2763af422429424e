"""What a made-up month's figures must come to, exactly, by what is planted and nothing that came of it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from math import prod

from tocsin.assessment import Level
from tocsin.policy import Target, TargetKind
from tocsin.service.review.month_testing.people import (
    ESCALATES,
    NOTICED,
    REVIEWERS,
    SENIOR,
    finally_said,
    first_and_second,
)
from tocsin.service.review.month_testing.platform import POLICIES, Kind, Platform

__all__ = ["Truth", "golden_truth"]

Weight = Callable[["_Row"], float]


@dataclass(frozen=True, slots=True)
class _Row:
    """Hold one kind of post before or after the model changed: how common, how flagged, what it comes to."""

    kind: Kind
    changed: bool
    share: float
    final: dict[str | None, float]
    flagged: dict[tuple[str | None, Level], float]

    def hits(self, policy: str | None) -> float:
        """Return how often people find that it breaks a policy; None is any."""
        return 1 - self.final[None] if policy is None else self.final[policy]

    @property
    def quiet(self) -> float:
        """Return how often the model judges it, and flags it for nothing."""
        return 0.0 if self.kind.language == "fr" else 1 - self.flagged[None, Level.REVIEW]


@dataclass(frozen=True)
class Truth:
    """Hold a platform, and which share of a period's posts came after its model changed.

    With `so` true, what a post breaks is what is planted in it, and not what people say of it.
    """

    platform: Platform
    changed: float = 0.0
    so: bool = False

    @cached_property
    def _rows(self) -> list[_Row]:
        return [
            self._row(kind, changed, share * part)
            for changed, part in ((False, 1 - self.changed), (True, self.changed))
            for kind, share in self.platform.kinds().items()
        ]

    def _row(self, kind: Kind, changed: bool, share: float) -> _Row:
        flagged: dict[tuple[str | None, Level], float] = {
            (policy, level): self.platform.flags(kind, policy, level, changed)
            for policy in POLICIES
            for level in (Level.REVIEW, Level.URGENT)
        }
        for level in (Level.REVIEW, Level.URGENT):
            flagged[None, level] = 1 - prod(1 - flagged[policy, level] for policy in POLICIES)
        final = dict(finally_said(kind, self.platform.double))
        if self.so:
            final = {said: float(said == kind.breaks) for said in (None, *POLICIES)}
        return _Row(kind, changed, share, final, flagged)

    def precision(
        self, policy: str | None, level: Level, *, language: str | None = None, community: str | None = None
    ) -> float:
        """Return of what is flagged for a policy (None: for any) the share that people confirm for it."""
        rows = list(self._within(language, community))
        return _share(rows, lambda one: one.flagged[policy, level], lambda one: one.hits(policy))

    def missed(
        self, policy: str | None, *, language: str | None = None, community: str | None = None
    ) -> float:
        """Return of what people would confirm for a policy the share that is flagged for nothing."""
        rows = list(self._within(language, community))
        return _share(rows, lambda one: one.hits(policy), lambda one: 1 - one.flagged[None, Level.REVIEW])

    def missed_of_quiet(self) -> float:
        """Return of what is judged and not flagged the share that people would confirm."""
        return _share(self._rows, lambda one: one.quiet, lambda one: one.hits(None))

    def confirmed(self, policy: str) -> float:
        """Return of what can be judged the share that people would confirm for a policy."""
        judged = [one for one in self._rows if one.kind.language != "fr"]
        return _share(judged, lambda _: 1.0, lambda one: one.hits(policy))

    def agreement(self, policy: str | None) -> tuple[float, float, float]:
        """Return the share of pairs that agree, kappa of pooled pairs, and Cohen's; None: of any."""
        pairs: dict[tuple[str | None, str | None], float] = defaultdict(float)
        for one in self._rows:
            noticed = NOTICED[one.kind.breaks is not None]
            read = 1 - one.quiet * (1 - self.platform.audit) * (1 - noticed)
            for (first, second), chance in first_and_second(one.kind).items():
                pairs[_label(first, policy), _label(second, policy)] += one.share * read * chance
        whole = sum(pairs.values())
        plain = sum(chance for (first, second), chance in pairs.items() if first == second) / whole
        sides: tuple[dict[str | None, float], dict[str | None, float]] = (
            defaultdict(float),
            defaultdict(float),
        )
        for said, chance in pairs.items():
            for side, label in zip(sides, said, strict=True):
                side[label] += chance / whole
        labels = sides[0].keys() | sides[1].keys()
        pooled = sum(((sides[0][one] + sides[1][one]) / 2) ** 2 for one in labels)
        apart = sum(sides[0][one] * sides[1][one] for one in labels)
        return plain, (plain - pooled) / (1 - pooled), (plain - apart) / (1 - apart)

    def rate(self, policy: str, target: Target, threshold: float) -> float:
        """Return what a target bounds, at a threshold of a policy's score."""
        margin = math.log(threshold / (1 - threshold))

        def reaches(one: _Row) -> float:
            return self.platform.reaches(one.kind, policy, margin, one.changed)

        if target.kind is TargetKind.RECALL:
            return _share(self._rows, lambda one: one.hits(policy), reaches)
        if target.kind is TargetKind.FPR:
            return _share(self._rows, lambda one: 1 - one.hits(policy), reaches)
        return _share(self._rows, reaches, lambda one: one.hits(policy))

    def _within(self, language: str | None, community: str | None) -> Iterator[_Row]:
        for one in self._rows:
            if language in {None, one.kind.language} and community in {None, one.kind.community}:
                yield one


def golden_truth(policy: str | None) -> float:
    """Return how often golden items of a policy are told right, those of None by whoever dismisses them."""
    kind = Kind("en", "kitchen", policy)
    told = sum(one.says(kind)[policy] for one in REVIEWERS) / len(REVIEWERS)
    return (1 - ESCALATES) * told + ESCALATES * SENIOR.says(kind)[policy]


def _label(said: str | None, policy: str | None) -> str | None:
    return said if policy is None or said == policy else None


def _share(rows: list[_Row], among: Weight, part: Weight) -> float:
    """Return which share of what is `among` is `part` too, both being independent in each kind of post.

    NaN where there is none.
    """
    whole = sum(one.share * among(one) for one in rows)
    if not whole:
        return math.nan
    return sum(one.share * among(one) * part(one) for one in rows) / whole
