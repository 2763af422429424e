"""Levels as numbers: what a policy made of each item, to count with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.assessment import Assessment, Level

__all__ = ["NULL", "ranks", "reaching"]

NULL: Final = -1  # the policy could not be judged
_RANKS: Final = {level: rank for rank, level in enumerate(Level)}

Ranks = NDArray[np.int8]


def ranks(assessments: Sequence[Assessment], policy: str) -> Ranks:
    """Return ``(items,)``: 0 for none, 1 for review, 2 for urgent, -1 for null or no such policy."""
    return np.array([_rank(assessment, policy) for assessment in assessments], np.int8)


def reaching(found: Ranks, level: Level) -> Ranks:
    """Return ``(items,)``: 1 where `level` or a higher one is reached, 0 where not, -1 for null."""
    return np.where(found == NULL, NULL, found >= _RANKS[level]).astype(np.int8)


def _rank(assessment: Assessment, policy: str) -> int:
    for result in assessment.policies:
        if result.name == policy:
            return NULL if result.level is None else _RANKS[result.level]
    return NULL
