"""What a task is measured by: figures of counted decisions, and the area under the ROC curve."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["AREA", "COUNTED", "area", "counts"]

AREA: Final = "auroc"

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def counts(truth: Ints, said: Ints, classes: int, weights: Floats) -> Floats:
    """Return how many rows of each class, down, were said to be of which, across: ``(classes, classes)``."""
    found: Floats = np.bincount(truth * classes + said, weights, minlength=classes**2).astype(np.float64)
    return found.reshape(classes, classes)


def area(truth: Ints, scores: Floats, weights: Floats) -> float:
    """Return the chance that a row of class 1 scores above one of class 0; NaN where either has no row."""
    ranked, place = np.unique(scores, return_inverse=True)
    ones = np.bincount(place, weights * (truth == 1), minlength=len(ranked))
    zeros = np.bincount(place, weights * (truth == 0), minlength=len(ranked))
    pairs = ones.sum() * zeros.sum()
    below = np.cumsum(zeros) - zeros / 2
    return float(ones @ below / pairs) if pairs else float("nan")


def _accuracy(found: Floats) -> Floats:
    return np.asarray(_right(found).sum(-1) / found.sum((-2, -1)))


def _each_f1(found: Floats) -> Floats:
    """Return the F1 of each class, 0 where it has no row and none was said to be of it."""
    both = found.sum(-2) + found.sum(-1)
    return np.asarray(np.divide(2 * _right(found), both, out=np.zeros_like(both), where=both > 0))


def _right(found: Floats) -> Floats:
    return np.diagonal(found, axis1=-2, axis2=-1)


# Each takes counts, ``(..., classes, classes)``, and returns as many figures as there are such tables.
COUNTED: Final[Mapping[str, Callable[[Floats], Floats]]] = MappingProxyType(
    {
        "accuracy": _accuracy,
        "f1": lambda found: _each_f1(found)[..., 1],
        "macro-f1": lambda found: _each_f1(found).mean(-1),
    }
)
