"""Thresholds that meet a target, and what may be said of them.

A rate is bounded as in distribution-free risk control (Bates et al. 2021; for one monotone rate
that is the binomial tail of Clopper and Pearson 1934): with probability at least `CONFIDENCE`
over the calibration rows, the true rate keeps the target on rows drawn as they were. The rows of
a budget are a platform's own traffic, the rate is the share of it that reaches a level.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.policy import Target, TargetKind

__all__ = [
    "CONFIDENCE",
    "Evidence",
    "Threshold",
    "allowed_errors",
    "budget_holds",
    "fit_budget",
    "fit_threshold",
    "least_traffic",
    "lower_bound",
    "upper_bound",
]

CONFIDENCE: Final = 0.95
LEAST_POSITIVES: Final = 100
LEAST_NEGATIVES: Final = 1_000
LEAST_TRAFFIC: Final = 1_000
_CANDIDATES: Final = 40

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Hold the scores of the calibration rows that are decided: `positives` and `negatives`, ascending."""

    positives: Floats
    negatives: Floats

    @classmethod
    def of(cls, scores: Floats, labels: NDArray[np.int8]) -> Evidence:
        """Sort scores by their labels: 1 positive, 0 negative, -1 left out; NaN scores are left out."""
        told = ~np.isnan(scores)
        return cls(np.sort(scores[told & (labels == 1)]), np.sort(scores[told & (labels == 0)]))


@dataclass(frozen=True, slots=True)
class Threshold:
    """Hold a threshold and its standing.

    An item fires where its score is at least `value`, which is infinite where there is no row to fit
    it on or no threshold meets a precision. `certified` says that enough rows carry the target at
    `CONFIDENCE`. Where they are too few even to tell the rate, the threshold lies beyond all of
    them, and the true rate may well miss the target.
    """

    value: float
    certified: bool
    positives: int
    negatives: int


def fit_threshold(target: Target, evidence: Evidence, prevalence: float | None) -> Threshold:
    """Return the lowest threshold that keeps `target`, certified or as well as the rows allow.

    `prevalence` in (0, 1) is what the platform expects; only precision asks for it. Raises
    ValueError for a budget, which `fit_budget` fits.
    """
    if target.kind not in _FITS:
        raise ValueError(
            "a budget is fitted on the platform's own traffic, not on labelled rows;"
            " here must be fpr, recall, precision or a number"
        )
    value, certified = _FITS[target.kind](target.value, evidence, prevalence)
    return Threshold(value, certified, len(evidence.positives), len(evidence.negatives))


def fit_budget(rate: float, scores: Floats) -> float:
    """Return the lowest threshold that at most `rate` of the traffic behind `scores` reaches.

    At `CONFIDENCE`, on texts drawn independently as these were. A null (NaN) never reaches it and
    counts as traffic; a score of infinity always does: the answer is infinite where those alone
    are too many. Raises ValueError for fewer scores than `least_traffic`.
    """
    least = least_traffic(rate)
    if len(scores) < least:
        raise ValueError(f"a budget of {rate:g} takes at least {least:,} rows, had {len(scores):,}")
    falling = np.sort(np.where(np.isnan(scores), -np.inf, scores))[::-1]
    return max(_above(falling[allowed_errors(len(falling), rate)]), 0.0)


def least_traffic(rate: float) -> int:
    """Return how many rows of traffic a budget of `rate` takes: enough to tell it, and `LEAST_TRAFFIC`."""
    return max(LEAST_TRAFFIC, math.ceil(math.log(1 - CONFIDENCE) / math.log1p(-rate)))


def budget_holds(rate: float, rows: int, reached: int) -> bool:
    """Say whether `reached` of `rows` are few enough to certify a budget of `rate`."""
    return rows >= least_traffic(rate) and reached <= allowed_errors(rows, rate)


def allowed_errors(rows: int, rate: float, confidence: float = CONFIDENCE) -> int:
    """Return how many of `rows` may err so that, at `confidence`, the true rate is at most `rate`.

    `confidence` is at least 0.5. -1 where not even none suffices: fewer than
    ``log(1 - confidence) / log(1 - rate)`` rows.
    """
    # No more than the median, and that is never above this.
    tail = np.cumsum(np.exp(_log_binomial(rows, rate, math.ceil(rows * rate))))
    return int(np.searchsorted(tail, 1 - confidence, side="right")) - 1


def _number(value: float, _evidence: Evidence, _prevalence: float | None) -> tuple[float, bool]:
    return value, False  # a number that somebody chose promises nothing


def _fpr(rate: float, evidence: Evidence, _prevalence: float | None) -> tuple[float, bool]:
    """Let through at most as many negatives as the bound allows."""
    falling = evidence.negatives[::-1]
    passed = allowed_errors(len(falling), rate)
    certified = len(falling) >= LEAST_NEGATIVES and passed >= 0
    if not certified:
        passed = math.floor(rate * (len(falling) + 1)) - 1
    return (_above(falling[max(passed, 0)]), certified) if len(falling) else (math.inf, False)


def _recall(rate: float, evidence: Evidence, _prevalence: float | None) -> tuple[float, bool]:
    """Miss at most as many positives as the bound allows."""
    rising = evidence.positives
    missed = allowed_errors(len(rising), 1 - rate)
    certified = len(rising) >= LEAST_POSITIVES and missed >= 0
    if not certified:
        missed = math.floor((1 - rate) * (len(rising) + 1)) - 1
    return (float(rising[max(missed, 0)]), certified) if len(rising) else (math.inf, False)


def _precision(rate: float, evidence: Evidence, prevalence: float | None) -> tuple[float, bool]:
    """Take the lowest candidate whose precision is bounded, each bound at a share of the risk."""
    if prevalence is None:
        raise ValueError("a precision target needs the key prevalence, what share of positives to expect")
    if not len(evidence.positives) or not len(evidence.negatives):
        return math.inf, False
    enough = len(evidence.positives) >= LEAST_POSITIVES and len(evidence.negatives) >= LEAST_NEGATIVES
    risk = (1 - CONFIDENCE) / (2 * _CANDIDATES) if enough else 0.5
    for value in np.unique(np.quantile(evidence.positives, np.linspace(0, 1, _CANDIDATES), method="lower")):
        recall = lower_bound(int((evidence.positives >= value).sum()), len(evidence.positives), risk)
        alarms = upper_bound(int((evidence.negatives >= value).sum()), len(evidence.negatives), risk)
        true, false = prevalence * recall, (1 - prevalence) * alarms
        if true > 0 and true / (true + false) >= rate:
            return float(value), enough
    return math.inf, False


_FITS: Final[Mapping[TargetKind, Callable[[float, Evidence, float | None], tuple[float, bool]]]] = {
    TargetKind.NUMBER: _number,
    TargetKind.FPR: _fpr,
    TargetKind.RECALL: _recall,
    TargetKind.PRECISION: _precision,
}


def _above(score: float) -> float:
    """Return the smallest threshold that `score` does not reach."""
    return float(np.nextafter(score, np.inf))


def _log_binomial(rows: int, rate: float, most: int) -> Floats:
    """Return the log-probabilities of 0 to `most` errors in `rows` draws."""
    errors = np.arange(most + 1)
    ways = np.concatenate([[0.0], np.cumsum(np.log((rows + 1 - errors[1:]) / errors[1:]))])
    return np.asarray(ways + errors * math.log(rate) + (rows - errors) * math.log1p(-rate))


def upper_bound(hits: int, rows: int, risk: float) -> float:
    """Return the rate at which `hits` or fewer of `rows` have probability `risk`."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        likely = float(np.exp(_log_binomial(rows, middle, hits)).sum()) > risk if 0 < middle < 1 else False
        low, high = (middle, high) if likely else (low, middle)
    return high if hits < rows else 1.0


def lower_bound(hits: int, rows: int, risk: float) -> float:
    """Return the rate at which `hits` or more of `rows` have probability `risk`."""
    return 1.0 - upper_bound(rows - hits, rows, risk)
