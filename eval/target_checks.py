"""Whether a false-positive target is kept on test rows, in the mixture of corpora that it was fitted on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np

from tocsin.eval.calibration_error import calibration_rows
from tocsin.eval.levels import Rate
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.statistics.mixture import Stratum, mixed_share
from tocsin.eval.subject import Subject
from tocsin.models.manifest import GateRecord
from tocsin.policy import Expression, Target, TargetKind
from tocsin.signals import Signal

__all__ = ["TargetCheck", "Verdict", "target_checks", "target_of"]

_NEGLIGIBLE: Final = 0.01  # of the rows that fitted a gate
_LEAST_EXPECTED: Final = 5  # false positives at the target itself: of fewer rows, none tells nothing


class Verdict(StrEnum):
    """Say what test rows tell of a target.

    `KEPT` is at or below it, `CHANCE` above but no further than chance may bring it, `MISSED` above it
    with the whole interval.
    """

    KEPT = "kept"
    CHANCE = "above, within chance"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class TargetCheck:
    """Hold one target and the rate on `rows` test negatives of as many `corpora` as it was fitted on."""

    gate: GateRecord
    corpora: int
    rows: int
    share: Estimate

    @property
    def verdict(self) -> Verdict:
        """Return what the rate tells of the target."""
        target = target_of(self.gate).value
        if self.share.value <= target:
            return Verdict.KEPT
        return Verdict.CHANCE if self.share.low <= target else Verdict.MISSED


def target_checks(
    subject: Subject, gates: Sequence[GateRecord], rates: Sequence[Rate]
) -> Iterator[TargetCheck]:
    """Yield a check for each fpr target whose mixture of corpora is known and tested whole.

    Left out are targets that so few test negatives say nothing of: five would be above it by themselves.
    """
    for gate in gates:
        if target_of(gate).kind is not TargetKind.FPR:
            continue
        place = (gate.policy, gate.level, gate.language)
        tested = {
            rate.rows_of: rate
            for rate in rates
            if rate.kind == "fpr" and (rate.policy, rate.level.value, rate.language) == place
        }
        weights = _mixture(subject, gate, tested)
        strata = [
            Stratum(weight, tested[corpus].hits, tested[corpus].rows) for corpus, weight in weights.items()
        ]
        rows = sum(one.rows for one in strata)
        if strata and rows * target_of(gate).value >= _LEAST_EXPECTED:
            yield TargetCheck(gate, len(strata), rows, mixed_share(strata))


def _mixture(subject: Subject, gate: GateRecord, tested: Mapping[str, Rate]) -> Mapping[str, float]:
    """Return how many of the negatives that fitted a gate are of each corpus, nothing where nobody knows.

    Corpora without a test rate of their own are left out where they hold less than 1% of the rows.
    """
    told = _fitted_on(subject, gate)
    missing = sum(count for corpus, count in told.items() if corpus not in tested)
    if not told or missing > _NEGLIGIBLE * sum(told.values()):
        return {}
    return {corpus: count for corpus, count in told.items() if corpus in tested}


def _fitted_on(subject: Subject, gate: GateRecord) -> Mapping[str, int]:
    """Return the calibration negatives that fitted a gate by corpus, nothing where nobody counted them.

    The record counts by signal. So they are known where one signal decides; and where only one corpus can
    tell a negative of the whole policy, unless each of several signals got a threshold on rows of its own.
    """
    policy = next(one for one in subject.scorer.policy.policies if one.name == gate.policy)
    known = subject.known(gate.language)
    signals = policy.when.signals() & known
    told = {
        corpus: {signal: _negatives(record, signal, gate.language) for signal in signals}
        for corpus, record in (calibration_rows(subject.training) or {}).items()
    }
    if len(signals) == 1:
        return {corpus: sum(counts.values()) for corpus, counts in told.items() if any(counts.values())}
    telling = [corpus for corpus, counts in told.items() if _decides(policy.when, counts, known)]
    return {telling[0]: gate.negatives} if len(telling) == 1 and not gate.members else {}


def _negatives(record: Mapping[str, Mapping[str, Mapping[str, Any]]], signal: Signal, language: str) -> int:
    counted: int = record.get(signal, {}).get(language, {}).get("negatives", 0)
    return counted


def _decides(when: Expression, negatives: Mapping[Signal, int], known: frozenset[Signal]) -> bool:
    """Say whether a row that is negative for all that its corpus has negatives of is one of the whole."""
    labels = {signal: np.array([0 if negatives.get(signal) else -1], np.int8) for signal in Signal}
    return bool(when.decide(labels, known)[0] == 0)


def target_of(record: GateRecord) -> Target:
    """Return the target that a gate was fitted to."""
    try:
        return Target.parse(float(record.target))
    except ValueError:
        return Target.parse(record.target)
