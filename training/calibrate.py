"""Fit what turns margins into probabilities, and keep what thresholds are fitted to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from tocsin.example import Example, gold
from tocsin.models.calibration import Calibration, SignalCalibration, probability
from tocsin.models.reference import Reference
from tocsin.signals import Signal

__all__ = ["LEAST_POSITIVES", "Judge", "calibrate", "reference_rows"]

LEAST_POSITIVES: Final = 10  # fewer calibrate nothing: the signal is then not offered

Floats = NDArray[np.float64]
Labels = NDArray[np.int8]


class Judge(Protocol):
    """Name what scores texts: a screen or an encoder."""

    @property
    def signals(self) -> tuple[Signal, ...]:
        """Return the signals, in the order of the margins' columns."""
        ...

    def margins(self, texts: Sequence[str]) -> Floats:
        """Return the ``(texts, signals)`` margins of texts as posted."""
        ...


def calibrate(judge: Judge, examples: Sequence[Example]) -> Calibration:
    """Return Platt scalings, by signal and language, fitted on rows that fitted nothing else.

    Targets are smoothed as Platt (1999) does, ``(n+ + 1) / (n+ + 2)`` and ``1 / (n- + 2)``, so that
    few positives do not claim certainty. A signal with fewer than ten rows of a class in a language, or
    whose margin falls where positives are, gets none there.
    """
    margins = judge.margins([example.text for example in examples])
    languages = np.array([example.language for example in examples])
    found = {}
    for column, signal in enumerate(judge.signals):
        labels = gold(examples, signal)
        scalings = {}
        for language in np.unique(languages).tolist():
            here = languages == language
            if min((labels[here] == 1).sum(), (labels[here] == 0).sum()) < LEAST_POSITIVES:
                continue
            if (scaling := _platt(margins[here, column], labels[here])) is not None:
                scalings[language] = scaling
        if scalings:
            found[signal] = scalings
    return Calibration(signals=found)


def reference_rows(
    judge: Judge, calibration: Calibration, examples: Sequence[Example], language: str
) -> Reference:
    """Return calibrated scores and gold labels of a language's rows that say anything of any signal.

    Scores are as exact as a bundle keeps them: thresholds on record are then those that it fits when read.
    """
    signals = judge.signals
    examples = [example for example in examples if example.language == language]
    labels = np.stack([gold(examples, signal) for signal in signals], axis=1)
    telling = np.flatnonzero((labels >= 0).any(axis=1)).tolist()
    margins = judge.margins([examples[row].text for row in telling])
    scores = np.zeros(margins.shape)
    for column, signal in enumerate(signals):
        scaling = calibration.of(signal, language)
        if scaling is not None:
            scores[:, column] = probability(scaling.log_odds(margins[:, column]))
    return Reference(signals, scores.astype(np.float32).astype(np.float64), labels[telling])


def _platt(margins: Floats, labels: Labels) -> SignalCalibration | None:
    """Fit by maximum likelihood; a smoothed target is two weighted rows, one of each class.

    None where a higher margin does not mean a higher probability: such a signal is not learned.
    """
    told = labels >= 0
    margins, positive = margins[told], labels[told] == 1
    positives, negatives = int(positive.sum()), int((~positive).sum())
    target = np.where(positive, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    rows = np.concatenate([margins, margins])[:, None]
    classes = np.repeat([True, False], len(margins))
    model = LogisticRegression(C=np.inf, solver="lbfgs", tol=1e-8, max_iter=1_000)
    model.fit(rows, classes, sample_weight=np.concatenate([target, 1 - target]))
    slope = float(model.coef_[0, 0])
    if slope <= 0:
        return None
    return SignalCalibration(
        slope=slope,
        intercept=float(model.intercept_[0]),
        reference_prevalence=positives / (positives + negatives),
        positives=positives,
        negatives=negatives,
    )
