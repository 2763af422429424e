"""Thresholds at which both kinds of error are as frequent: a fixed point to measure a signal at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.models.bundle import Bundle
from tocsin.models.reference import Reference
from tocsin.models.thresholds import Evidence
from tocsin.signals import Signal

__all__ = ["LEAST_OF_A_CLASS", "balanced_threshold", "balanced_thresholds"]

LEAST_OF_A_CLASS: Final = 20

Floats = NDArray[np.float64]


def balanced_thresholds(bundle: Bundle) -> Mapping[str, Mapping[Signal, float]]:
    """Return the threshold of equal error of every signal, by language.

    Fitted to the calibration rows that the bundle stores, all corpora of a language together, and to
    nothing else: it is the bundle's own. Absent where the bundle does not offer the signal in the
    language or where either class has fewer than 20 rows. No policy uses it; it carries no guarantee.
    """
    return {
        language: _in_language(reference, bundle.manifest.known(language))
        for language, reference in bundle.references.items()
    }


def balanced_threshold(evidence: Evidence) -> float:
    """Return the score at which false-positive and false-negative rate are closest: equal error.

    Candidates are the distinct scores of the rows; a row fires where its score is at least the
    threshold. The rates' difference is compared as a whole number (false positives times positives
    less false negatives times negatives), so without rounding. It falls strictly from candidate to
    candidate: at most two are as close, one with more false positives and one with more misses; the
    lower is taken, the one that misses less. Raises ValueError where a class has no row.
    """
    positives, negatives = len(evidence.positives), len(evidence.negatives)
    if not positives or not negatives:
        raise ValueError(f"each class must have a row, had {positives} positives and {negatives} negatives")
    candidates = np.unique(np.concatenate([evidence.positives, evidence.negatives]))
    missed = np.searchsorted(evidence.positives, candidates, side="left")
    flagged = negatives - np.searchsorted(evidence.negatives, candidates, side="left")
    apart = np.abs(flagged * positives - missed * negatives)
    return float(candidates[np.argmin(apart)])  # the first of equals: the lower


def _in_language(reference: Reference, known: frozenset[Signal]) -> Mapping[Signal, float]:
    scores, labels = reference.score_columns(known), reference.label_columns(known)
    evidence = {signal: Evidence.of(scores[signal], labels[signal]) for signal in Signal}
    return {
        signal: balanced_threshold(told)
        for signal, told in evidence.items()
        if min(len(told.positives), len(told.negatives)) >= LEAST_OF_A_CLASS
    }
