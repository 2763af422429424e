"""What each corpus's calibration rows say of the share of positives, and of how to move scores to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from tocsin.example import Example, gold
from tocsin.models.calibration import Calibration, probability
from tocsin.signals import Signal
from tocsin.training.calibrate import Judge

__all__ = ["Counted", "calibration_counts", "matched_offset"]

Floats = NDArray[np.float64]
Labels = NDArray[np.int8]


class Counted(TypedDict):
    """Hold the gold labels of one corpus, signal and language, and the offset that matches their share.

    `matched` is None where there is no positive or no negative, or no calibration of the signal.
    """

    positives: int
    negatives: int
    matched: float | None


def calibration_counts(
    judge: Judge, calibration: Calibration, examples: Sequence[Example]
) -> dict[str, dict[str, dict[str, Counted]]]:
    """Return ``{corpus: {signal: {language: counted}}}`` of the rows with a gold label.

    A corpus that says nothing of a signal in a language is not in it.
    """
    found: dict[str, dict[str, dict[str, Counted]]] = {}
    for corpus, language in sorted({(row.corpus, row.language) for row in examples}):
        here = [row for row in examples if (row.corpus, row.language) == (corpus, language)]
        margins = judge.margins([row.text for row in here])
        for signal in Signal:
            labels = gold(here, signal)
            if (labels >= 0).any():
                scaling = calibration.of(signal, language)
                log_odds = scaling.log_odds(margins[:, judge.signals.index(signal)]) if scaling else None
                counted = _counted(labels, log_odds)
                found.setdefault(corpus, {}).setdefault(signal.value, {})[language] = counted
    return found


def matched_offset(log_odds: Floats, share: float) -> float:
    """Return what to add to log-odds so that the mean of their probabilities is `share`, in (0, 1).

    The mean rises with the offset, so there is one. It is the maximum-likelihood intercept where the
    slope stays 1: the labels enter that only by their sum. Adjustment by EM (Saerens et al. 2002) ends
    where mean and share agree, too; there the share is unknown, and the offset follows from it.
    """
    aim = np.log(share / (1 - share))
    # Where all rows are below the aim, and where all are above; 1 more, for rounding.
    low, high = aim - log_odds.max() - 1, aim - log_odds.min() + 1
    return float(brentq(lambda offset: probability(log_odds + offset).mean() - share, low, high))


def _counted(labels: Labels, log_odds: Floats | None) -> Counted:
    positives, negatives = int((labels == 1).sum()), int((labels == 0).sum())
    matched = None
    if log_odds is not None and min(positives, negatives):
        matched = matched_offset(log_odds[labels >= 0], positives / (positives + negatives))
    return {"positives": positives, "negatives": negatives, "matched": matched}
