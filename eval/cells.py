"""How well each signal ranks, corpus by corpus and language by language: never pooled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import auc, average_precision_score, roc_curve

from tocsin.eval.intervals import Estimate, bootstrapped
from tocsin.example import Example, gold
from tocsin.signals import Signal

__all__ = ["LEAST_POSITIVES", "LEAST_ROWS", "Cell", "cells", "ranking"]

LEAST_POSITIVES: Final = 50  # fewer carry no claim
LEAST_ROWS: Final = 20  # a slice with fewer rows is not reported at all
FALSE_POSITIVE_RATES: Final = {"recall_at_fpr_0.01": 0.01, "recall_at_fpr_0.05": 0.05}

Floats = NDArray[np.float64]
Labels = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Cell:
    """Hold the figures of one corpus, signal and language on its test rows.

    `estimates` is empty where the bundle does not offer the signal or either class has fewer than
    20 rows; `claimed` says that there are 50 positives or more.
    """

    corpus: str
    signal: Signal
    language: str
    positives: int
    negatives: int
    unscored: int
    estimates: Mapping[str, Estimate]

    @property
    def claimed(self) -> bool:
        """Say whether the cell has enough positives for a claim."""
        return self.positives >= LEAST_POSITIVES and bool(self.estimates)


def cells(examples: Sequence[Example], scores: Floats) -> Iterator[Cell]:
    """Yield every cell that has a labelled row; `scores` is ``(examples, signals)``."""
    corpora = np.array([example.corpus for example in examples])
    languages = np.array([example.language for example in examples])
    for corpus, language in sorted({*zip(corpora.tolist(), languages.tolist(), strict=True)}):
        here = (corpora == corpus) & (languages == language)
        for column, signal in enumerate(Signal):
            labels = gold(examples, signal)
            rows = here & (labels >= 0)
            if rows.any():
                yield _cell(corpus, signal, language, labels[rows], scores[rows, column])


def ranking(labels: Labels, scores: Floats, weights: Floats) -> Mapping[str, float]:
    """Return AUROC, average precision and recall at fixed false-positive rates, all in [0, 1].

    Recall at a rate is that of the lowest threshold whose rate does not pass it. NaN throughout
    where the weights leave only one class.
    """
    if not weights[labels == 1].any() or not weights[labels == 0].any():
        return dict.fromkeys(("auroc", "average_precision", *FALSE_POSITIVE_RATES), float("nan"))
    alarms, recalls, _ = roc_curve(labels, scores, sample_weight=weights, drop_intermediate=False)
    return {
        "auroc": float(auc(alarms, recalls)),
        "average_precision": float(average_precision_score(labels, scores, sample_weight=weights)),
        **{
            name: float(recalls[np.searchsorted(alarms, rate, side="right") - 1])
            for name, rate in FALSE_POSITIVE_RATES.items()
        },
    }


def _cell(corpus: str, signal: Signal, language: str, labels: Labels, scores: Floats) -> Cell:
    told = ~np.isnan(scores)
    unscored = int((~told).sum())
    labels, scores = labels[told], scores[told]
    positives, negatives = int((labels == 1).sum()), int((labels == 0).sum())
    estimates = (
        bootstrapped(lambda weights: ranking(labels, scores, weights), len(labels))
        if min(positives, negatives) >= LEAST_ROWS
        else {}
    )
    return Cell(corpus, signal, language, positives, negatives, unscored, estimates)
