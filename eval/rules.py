"""The lines that a post may cross under the policy `hate`: what counts as flagged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.eval.levels import LEVELS
from tocsin.eval.ranks import NULL, ranks, reaching
from tocsin.eval.subject import Subject
from tocsin.models.balanced import balanced_thresholds
from tocsin.signals import Signal

__all__ = ["BALANCED", "POLICY", "RULES", "flags"]

POLICY: Final = "hate"
BALANCED: Final = "balanced"
RULES: Final[Mapping[str, str]] = {
    "review": "at `review`",
    "urgent": "at `urgent`",
    BALANCED: "at the balanced threshold",
}


def flags(subject: Subject, rule: str) -> NDArray[np.int8]:
    """Return ``(rows,)``: 1 where the policy `hate` flags a row, 0 where not, -1 where it is null.

    `rule` is a level, or "balanced" for the score at which the bundle's own calibration rows are
    mistaken as often either way.
    """
    if rule != BALANCED:
        level = next(level for level in LEVELS if level.value == rule)
        return reaching(ranks(subject.assessments, POLICY), level)
    thresholds = balanced_thresholds(subject.scorer.bundle)
    limits = np.array([thresholds.get(row.language, {}).get(Signal.HATE, np.nan) for row in subject.rows])
    scores = subject.scores[:, list(Signal).index(Signal.HATE)]
    unknown = np.isnan(limits) | np.isnan(scores)
    return np.where(unknown, NULL, scores >= limits).astype(np.int8)
