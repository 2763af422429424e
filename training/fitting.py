"""One linear model of one signal: what it is fitted to, and how well it ranks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from tocsin.example import Example, Label
from tocsin.signals import Signal
from tocsin.training.grams import Matrix, narrow

__all__ = [
    "NEGATIVE",
    "POSITIVE",
    "PRESUMED",
    "UNKNOWN",
    "Counting",
    "Linear",
    "Rows",
    "areas",
    "codes",
    "fit_linear",
    "quality",
    "row_weights",
]

_LEAST_OF_A_CLASS: Final = 10  # fewer dev positives or negatives than this choose nothing
_SEED: Final = 20_261_122

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Labels = NDArray[np.int8]
POSITIVE, NEGATIVE, PRESUMED, UNKNOWN = 1, 0, 2, -1
_CODES: Final[Mapping[Label, int]] = {
    Label.POSITIVE: POSITIVE,
    Label.NEGATIVE: NEGATIVE,
    Label.PRESUMED_NEGATIVE: PRESUMED,
    Label.UNKNOWN: UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Counting:
    """Say what rows count for: a presumed negative `presumed_weight` of a row that people labelled.

    The labelled rows of a corpus of n together count for ``n ** temperature``: 1 is each row alike,
    0 each corpus.
    """

    presumed_weight: float
    temperature: float


@dataclass(frozen=True, slots=True)
class Linear:
    """Hold the weights of the columns of a matrix, and an intercept."""

    weights: Floats
    intercept: float

    def margins(self, matrix: Matrix) -> Floats:
        """Return the margin of each row, without the intercept."""
        return np.asarray(matrix @ self.weights)


@dataclass(frozen=True, slots=True)
class Rows:
    """Hold rows as a design matrix, with what fitting needs to know of each."""

    matrix: Matrix
    examples: Sequence[Example]

    def labels(self, signal: Signal) -> Labels:
        """Return what each row says of a signal."""
        return codes(self.examples, signal)

    def tells(self, signal: Signal, places: NDArray[np.int64] | None = None) -> bool:
        """Say whether there are rows of both classes, at some places if given."""
        labels = self.labels(signal)
        return {POSITIVE, NEGATIVE} <= set((labels if places is None else labels[places]).tolist())

    @property
    def corpora(self) -> NDArray[np.str_]:
        """Return the corpus of each row."""
        return np.array([example.corpus for example in self.examples])

    def weights(self, labels: Labels, counting: Counting) -> Floats:
        """Return what each row counts for: those drawn unlikely more, on average as much as others."""
        return row_weights(self.examples, labels, counting)


def codes(examples: Sequence[Example], signal: Signal) -> Labels:
    """Return what each row says of a signal: `POSITIVE`, `NEGATIVE`, `PRESUMED` or `UNKNOWN`."""
    return np.array([_CODES[example.label(signal)] for example in examples], np.int8)


def row_weights(examples: Sequence[Example], labels: Labels, counting: Counting) -> Floats:
    """Return what each row counts for: those drawn unlikely more, on average as much as others."""
    corpora = np.array([example.corpus for example in examples])
    found = np.array([1 / example.inclusion for example in examples])
    gold = (labels == POSITIVE) | (labels == NEGATIVE)
    share = np.ones(len(labels))
    for name in np.unique(corpora):
        here = corpora == name
        found[here] /= found[here].mean()
        share[here & gold] = max((here & gold).sum(), 1) ** (counting.temperature - 1)
    share[gold] /= share[gold].mean() if gold.any() else 1
    share[labels == PRESUMED] = counting.presumed_weight
    return np.asarray(found * share * np.array([example.weight for example in examples]))


def fit_linear(
    rows: Rows, signal: Signal, strength: float, counting: Counting, only: Flags | None = None
) -> Linear:
    """Fit a logistic regression to the rows that say something of a signal, to those of `only` if given.

    Each corpus that labels the signal both ways has an intercept of its own, dropped at the end, so
    that what corpus a text comes from explains less.
    """
    labels = rows.labels(signal)
    used = np.flatnonzero((labels != UNKNOWN) & (True if only is None else only))
    own = csr_array(_intercepts(labels, rows.corpora)[used])
    matrix = narrow(csr_array(hstack([rows.matrix[used], own])))
    model = LogisticRegression(C=strength, solver="liblinear", random_state=_SEED)
    model.fit(matrix, labels[used] == POSITIVE, sample_weight=rows.weights(labels, counting)[used])
    return Linear(model.coef_[0][: rows.matrix.shape[1]], float(model.intercept_[0]))


def quality(rows: Rows, signal: Signal, margins: Floats) -> float:
    """Return the mean AUROC over the corpora with enough of both classes, NaN-free: none is 0."""
    found = areas(rows.examples, signal, margins)
    return float(np.mean(list(found.values()))) if found else 0.0


def areas(examples: Sequence[Example], signal: Signal, margins: Floats) -> dict[str, float]:
    """Return the AUROC of each corpus with enough rows of both classes."""
    labels = codes(examples, signal)
    corpora = np.array([example.corpus for example in examples])
    found = {}
    for name in np.unique(corpora).tolist():
        cell = (corpora == name) & ((labels == POSITIVE) | (labels == NEGATIVE))
        positives = int((labels[cell] == POSITIVE).sum())
        if min(positives, int(cell.sum()) - positives) >= _LEAST_OF_A_CLASS:
            found[name] = float(roc_auc_score(labels[cell], margins[cell]))
    return found


def _intercepts(labels: Labels, corpora: NDArray[np.str_]) -> Floats:
    """Return one column for each corpus that labels the signal both ways.

    Presumed negatives share in none: an intercept of their own would explain them away.
    """
    gold = (labels == POSITIVE) | (labels == NEGATIVE)
    both = [
        name
        for name in np.unique(corpora)
        if len(np.unique(labels[gold & (corpora == name)])) == len((POSITIVE, NEGATIVE))
    ]
    columns = [gold & (corpora == name) for name in both]
    return np.stack(columns, axis=1).astype(np.float64) if columns else np.zeros((len(labels), 0))
