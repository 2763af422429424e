"""Probabilities become classes: by a threshold chosen on dev where there are two, else the likeliest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.training.tasks.metric import COUNTED

__all__ = ["Chosen", "best_threshold", "choose", "decide"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Hold the threshold of class 1, None if there are more than two, and the metric that dev has at it."""

    threshold: float | None
    quality: float


def choose(truth: Ints, probabilities: Floats, metric: str) -> Chosen:
    """Return how to decide, by the ``(rows, classes)`` probabilities of dev."""
    classes = probabilities.shape[1]
    if classes == len((0, 1)):
        return best_threshold(truth, probabilities[:, 1], metric)
    found = np.zeros((classes, classes))
    np.add.at(found, (truth, decide(probabilities, None)), 1)
    return Chosen(None, float(COUNTED[metric](found)))


def best_threshold(truth: Ints, scores: Floats, metric: str) -> Chosen:
    """Return the threshold at which the metric is highest, half-way between two scores; the lowest such one.

    Class 1 is said where the score is at or above it, of one row at least.
    """
    distinct, place = np.unique(scores, return_inverse=True)
    ones = np.bincount(place, truth == 1, minlength=len(distinct))
    zeros = np.bincount(place, truth == 0, minlength=len(distinct))
    missed, spared = np.cumsum(ones) - ones, np.cumsum(zeros) - zeros
    found = np.stack([spared, zeros.sum() - spared, missed, ones.sum() - missed], 1).reshape(-1, 2, 2)
    reached = COUNTED[metric](found)
    best = int(np.argmax(reached))
    return Chosen(float(distinct[max(best - 1, 0) : best + 1].mean()), float(reached[best]))


def decide(probabilities: Floats, threshold: float | None) -> Ints:
    """Return the class of each row."""
    if threshold is None:
        return np.asarray(np.argmax(probabilities, 1), np.int64)
    return (probabilities[:, 1] >= threshold).astype(np.int64)
