"""Policies with their thresholds fitted, in one language: what an item's level is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tocsin.assessment import Level, PolicyResult
from tocsin.errors import PolicyError
from tocsin.models.manifest import GateRecord, MemberRecord
from tocsin.models.reference import Reference
from tocsin.models.thresholds import CONFIDENCE, Evidence, Threshold, budget_holds, fit_threshold
from tocsin.policy import (
    All,
    Any,
    Expression,
    LanguageFit,
    Leaf,
    LevelName,
    Policy,
    PolicyDocument,
    Target,
    TargetKind,
)
from tocsin.signals import Signal

__all__ = ["FittedPolicy", "Gate", "Traffic", "fit_policies", "without_promises_of_recall"]

Floats = NDArray[np.float64]
Columns = Mapping[Signal, Floats]


@dataclass(frozen=True, slots=True)
class Traffic:
    """Hold what a budget was fitted on: rows in the language, and how many of them reach the level.

    `reached` is None where the budget was not fitted in this language.
    """

    rows: int
    reached: int | None


@dataclass(frozen=True, slots=True)
class Gate:
    """Hold what one level of one policy asks for.

    `certified` says that the target was fitted on enough rows decided for the whole policy. There is
    either one threshold on the policy's score or, where labelled rows do not decide the whole
    policy, each member's own, at its share of the error (docs/decisions/0005-targets.md): then nothing is
    certified of the whole. A budget has one threshold and `traffic` (docs/decisions/0011-budgets.md).
    """

    target: Target
    whole: Threshold
    members: Mapping[Signal, Threshold]
    certified: bool
    traffic: Traffic | None = None

    @property
    def fitted(self) -> bool:
        """Say whether there is a threshold to compare with: all but a budget always have one."""
        return self.traffic is None or self.traffic.reached is not None

    def fires(self, policy: Policy, columns: Columns, scores: Floats) -> NDArray[np.bool_]:
        """Return which items reach this level; a null never does."""
        if self.members:
            thresholds = {signal: threshold.value for signal, threshold in self.members.items()}
            return np.asarray(policy.when.fires(columns, thresholds) & ~np.isnan(scores))
        return np.asarray(scores >= self.whole.value)

    def record(self, policy: str, level: LevelName, language: str) -> GateRecord:
        """Return what a manifest and a check of a policy file say of this gate."""
        members = {
            signal: MemberRecord(
                threshold=_finite(one.value), positives=one.positives, negatives=one.negatives
            )
            for signal, one in self.members.items()
        }
        return GateRecord(
            policy=policy,
            level=level,
            language=language,
            target=str(self.target),
            certified=self.certified,
            confidence=CONFIDENCE,
            threshold=None if members else _finite(self.whole.value),
            members=members,
            positives=self.whole.positives,
            negatives=self.whole.negatives,
            rows=self.traffic.rows if self.traffic else None,
            reached=self.traffic.reached if self.traffic else None,
        )


@dataclass(frozen=True, slots=True)
class FittedPolicy:
    """Hold a policy with its gates in one language, where `known` signals can be judged.

    The policy is null in a language that a budget of its was not fitted in. `missing` are the
    signals that it asks for and that are null in this language.
    """

    policy: Policy
    review: Gate
    urgent: Gate
    known: frozenset[Signal]
    missing: tuple[Signal, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        missing = tuple(signal for signal in Signal if signal in self.policy.signals - self.known)
        object.__setattr__(self, "missing", missing)

    @property
    def certified(self) -> bool:
        """Say whether every target of the policy is."""
        return self.review.certified and self.urgent.certified

    def records(self, language: str) -> tuple[GateRecord, GateRecord]:
        """Return the records of both gates, review first."""
        name = self.policy.name
        return self.review.record(name, "review", language), self.urgent.record(name, "urgent", language)

    @property
    def fitted(self) -> bool:
        """Say whether the policy has a threshold at both levels."""
        return self.review.fitted and self.urgent.fitted

    @property
    def judged(self) -> bool:
        """Say whether the bundle has the signals to score the policy with in this language."""
        nothing = np.array([np.nan])
        columns = {signal: np.zeros(1) if signal in self.known else nothing for signal in Signal}
        return not np.isnan(self._scores(columns)).any()

    def scores(self, columns: Columns) -> Floats:
        """Return the policy's score of each item, NaN where it is null."""
        scores = self._scores(columns)
        return scores if self.fitted else np.full_like(scores, np.nan)

    def _scores(self, columns: Columns) -> Floats:
        scores = self.policy.when.score(columns)
        for signal in self.policy.requires:
            scores = np.where(np.isnan(columns[signal]), np.nan, scores)
        return scores

    def reached(self, columns: Columns) -> NDArray[np.bool_]:
        """Return which items reach any level of the policy."""
        scores = self.scores(columns)
        review = self.review.fires(self.policy, columns, scores)
        return review | self.urgent.fires(self.policy, columns, scores)

    def results(self, columns: Columns) -> list[PolicyResult]:
        """Return what the policy makes of each item."""
        scores = self.scores(columns)
        urgent = self.urgent.fires(self.policy, columns, scores)
        review = self.review.fires(self.policy, columns, scores) | urgent
        levels = np.where(urgent, 2, np.where(review, 1, 0)).tolist()
        name, certified, missing = self.policy.name, self.certified, self.missing
        return [
            PolicyResult(name, None, None, certified=False, missing=missing)
            if math.isnan(score)
            else PolicyResult(name, score, _LEVELS[level], certified, missing)
            for score, level in zip(scores.tolist(), levels, strict=True)
        ]


_LEVELS = (Level.NONE, Level.REVIEW, Level.URGENT)


def fit_policies(
    document: PolicyDocument,
    reference: Reference,
    known: frozenset[Signal],
    traffic: LanguageFit | None = None,
) -> tuple[FittedPolicy, ...]:
    """Fit every target of a policy file on the reference rows of one language.

    Budgets are those of `traffic`, what was fitted before in this language. Raises PolicyError for
    a target that cannot be fitted at all, a budget without traffic among them.
    """
    return tuple(_fitted(document, policy, reference, known, traffic) for policy in document.policies)


def without_promises_of_recall(fitted: FittedPolicy) -> FittedPolicy:
    """Return a policy as it stands where some texts are cleared before they are judged.

    What flags less keeps a share of false positives, or a budget. What it still finds, and how precisely, is
    no longer what the rows said: a target of recall or precision is not certified.
    """

    def kept(gate: Gate) -> Gate:
        lost = gate.target.kind in {TargetKind.RECALL, TargetKind.PRECISION}
        return replace(gate, certified=gate.certified and not lost)

    return replace(fitted, review=kept(fitted.review), urgent=kept(fitted.urgent))


def _fitted(
    document: PolicyDocument,
    policy: Policy,
    reference: Reference,
    known: frozenset[Signal],
    traffic: LanguageFit | None,
) -> FittedPolicy:
    def gate(level: LevelName, target: Target) -> Gate:
        if traffic is not None and target.kind is TargetKind.BUDGET:
            return _budget(policy.name, level, target, traffic)
        return _gate(document, policy, level, target, reference, known)

    review, urgent = gate("review", policy.review), gate("urgent", policy.urgent)
    # What is urgent is reviewed: a lower or unrelated threshold for urgent would break review's promise,
    # but for a budget's: what was urgent of the traffic counts as reached.
    above = not urgent.members and urgent.whole.value >= review.whole.value
    kept = review.certified and (above or review.traffic is not None)
    whole = review.fitted and urgent.fitted  # a null policy keeps no promise at either level
    return FittedPolicy(
        policy,
        replace(review, certified=kept and whole),
        replace(urgent, certified=urgent.certified and whole),
        known,
    )


def _budget(policy: str, level: LevelName, target: Target, traffic: LanguageFit) -> Gate:
    """Return the gate that the platform's traffic gave; one that it did not give never fires."""
    fit = traffic.level(policy, level)
    if fit is None:
        never = Threshold(math.inf, certified=False, positives=0, negatives=0)
        return Gate(target, never, {}, certified=False, traffic=Traffic(traffic.rows, None))
    certified = budget_holds(target.value, traffic.rows, fit.reached)
    whole = Threshold(fit.threshold, certified, positives=0, negatives=0)
    return Gate(target, whole, {}, certified, Traffic(traffic.rows, fit.reached))


def _gate(
    document: PolicyDocument,
    policy: Policy,
    level: LevelName,
    target: Target,
    reference: Reference,
    known: frozenset[Signal],
) -> Gate:
    scores, labels = reference.score_columns(known), reference.label_columns(known)

    def fitted(when: Expression, share: int = 1) -> Threshold:
        evidence = Evidence.of(when.score(scores), when.decide(labels, known))
        try:
            return fit_threshold(_divided(target, share), evidence, document.prevalence)
        except ValueError as error:
            raise PolicyError(document.source, f"policies.{policy.name}.{level}", str(error)) from error

    whole = fitted(policy.when)
    if whole.certified or target.kind is TargetKind.NUMBER:
        return Gate(target, whole, {}, certified=whole.certified and not policy.signals - known)
    shares = _shares(policy.when, known, _SPLITTING.get(target.kind))
    members = {signal: fitted(Leaf(signal), shares[signal]) for signal in Signal if signal in shares}
    return Gate(target, whole, members, certified=False)


# Under `any` the false positives of the members add up, under `all` what they miss.
_SPLITTING: Mapping[TargetKind, type[Expression]] = {TargetKind.FPR: Any, TargetKind.RECALL: All}


def _shares(
    when: Expression, known: frozenset[Signal], splitting: type[Expression] | None
) -> dict[Signal, int]:
    """Return by how much each known member's error is divided, so that their sum is the target's."""
    if not isinstance(when, Any | All):
        return dict.fromkeys(when.signals() & known, 1)
    judged = [member for member in when.members if member.signals() & known]
    parts = len(judged) if splitting is not None and isinstance(when, splitting) else 1
    shares: dict[Signal, int] = {}
    for member in judged:
        for signal, share in _shares(member, known, splitting).items():
            shares[signal] = max(shares.get(signal, 1), share * parts)
    return shares


def _divided(target: Target, share: int) -> Target:
    if target.kind is TargetKind.FPR:
        return Target(target.kind, target.value / share)
    if target.kind is TargetKind.RECALL:
        return Target(target.kind, 1 - (1 - target.value) / share)
    return target


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
