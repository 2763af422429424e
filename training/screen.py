"""Fit the screen: one logistic regression a signal over the rows that say something about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from tocsin.errors import CorpusError
from tocsin.example import Example, Label
from tocsin.models.features import FeatureSpec
from tocsin.models.screen import Screen
from tocsin.signals import Signal
from tocsin.text import normalise
from tocsin.training.grams import Matrix, gram_matrix, narrow

__all__ = ["FittedScreen", "ScreenConfig", "design_matrix", "fit_screen"]

_LEAST_OF_A_CLASS: Final = 10  # fewer dev positives or negatives than this choose nothing
_SEED: Final = 20_261_122

Labels = NDArray[np.int8]
POSITIVE, NEGATIVE, PRESUMED, UNKNOWN = 1, 0, 2, -1
_CODES: Final[Mapping[Label, int]] = {
    Label.POSITIVE: POSITIVE,
    Label.NEGATIVE: NEGATIVE,
    Label.PRESUMED_NEGATIVE: PRESUMED,
    Label.UNKNOWN: UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class ScreenConfig:
    """Hold the whole experiment.

    `strengths` are the inverse regularisations to choose from on dev, for each signal by itself.
    """

    features: FeatureSpec = FeatureSpec()
    strengths: tuple[float, ...] = (0.03, 0.1, 0.3, 1.0)
    presumed_weight: float = 0.3


@dataclass(frozen=True, slots=True)
class FittedScreen:
    """Hold the screen and the strength chosen for each signal."""

    screen: Screen
    strengths: Mapping[Signal, float]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Hold rows as a design matrix, with what fitting needs to know of each."""

    matrix: Matrix
    examples: Sequence[Example]

    def labels(self, signal: Signal) -> Labels:
        return np.array([_CODES[example.label(signal)] for example in self.examples], np.int8)

    @property
    def corpora(self) -> NDArray[np.str_]:
        return np.array([example.corpus for example in self.examples])

    @property
    def weights(self) -> NDArray[np.float64]:
        """Return what each row counts for: rows drawn unlikely more, on average as much as others."""
        corpora, found = self.corpora, np.array([1 / example.inclusion for example in self.examples])
        for name in np.unique(corpora):
            found[corpora == name] /= found[corpora == name].mean()
        return np.asarray(found * np.array([example.weight for example in self.examples]))


def fit_screen(
    train: Sequence[Example],
    dev: Sequence[Example],
    config: ScreenConfig,
    tell: Callable[[str], None] = lambda _: None,
) -> FittedScreen:
    """Fit every signal that `train` has both classes of; choose its strength on `dev`.

    A feature is a distinct n-gram, weighted by its rarity (``log((1 + n) / (1 + df)) + 1``) and by
    one over the square root of how many the text has. Each corpus that labels a signal both ways has
    an intercept of its own, dropped at the end, so that what corpus a text comes from explains less.
    """
    counts = design_matrix(train, config.features)
    rarity = _rarity(counts)
    fitted_on = _Rows(_scaled(counts, rarity), train)
    chosen_on = _Rows(_scaled(design_matrix(dev, config.features), rarity), dev)
    columns, strengths = {}, {}
    for signal in Signal:
        if {POSITIVE, NEGATIVE} <= set(fitted_on.labels(signal).tolist()):
            columns[signal], strengths[signal] = _best(fitted_on, chosen_on, signal, config)
            tell(f"{signal}: strength {strengths[signal]:g}")
    if not columns:
        raise CorpusError("training needs at least one signal with positive and negative rows, had none")
    table = np.stack([weights * rarity for weights, _ in columns.values()], axis=1)
    bias = np.array([intercept for _, intercept in columns.values()])
    # The bundle keeps half precision: what is calibrated and tested must be what ships.
    shipped = table.astype(np.float16).astype(np.float32)
    screen = Screen(config.features, tuple(columns), shipped, bias.astype(np.float32))
    return FittedScreen(screen, strengths)


def design_matrix(examples: Sequence[Example], spec: FeatureSpec) -> Matrix:
    """Return a ``(rows, buckets)`` matrix of ones: the distinct n-grams of each row's text."""
    return gram_matrix([normalise(example.text) for example in examples], spec)


def _rarity(counts: Matrix) -> NDArray[np.float64]:
    rows, buckets = counts.shape
    found = np.bincount(counts.indices, minlength=buckets)
    return np.asarray(np.log((1 + rows) / (1 + found)) + 1)


def _scaled(counts: Matrix, rarity: NDArray[np.float64]) -> Matrix:
    """Return the matrix whose product with fitted weights is the screen's own margin."""
    sizes = np.maximum(np.diff(counts.indptr), 1)
    return csr_array(diags_array(1 / np.sqrt(sizes)) @ counts @ diags_array(rarity))


def _best(
    train: _Rows, dev: _Rows, signal: Signal, config: ScreenConfig
) -> tuple[tuple[NDArray[np.float64], float], float]:
    """Return the weights, intercept and strength with the highest mean AUROC over dev's corpora."""
    candidates = []
    for strength in config.strengths:
        weights, intercept = _fitted(train, signal, strength, config.presumed_weight)
        candidates.append((_quality(dev, signal, weights), -strength, (weights, intercept)))
    _, negated, best = max(candidates, key=lambda candidate: candidate[:2])
    return best, -negated


def _fitted(
    rows: _Rows, signal: Signal, strength: float, presumed_weight: float
) -> tuple[NDArray[np.float64], float]:
    labels = rows.labels(signal)
    used = np.flatnonzero(labels != UNKNOWN)
    weights = rows.weights * np.where(labels == PRESUMED, presumed_weight, 1.0)
    own = csr_array(_intercepts(labels, rows.corpora)[used])
    matrix = narrow(csr_array(hstack([rows.matrix[used], own])))
    model = LogisticRegression(C=strength, solver="liblinear", random_state=_SEED)
    model.fit(matrix, labels[used] == POSITIVE, sample_weight=weights[used])
    return model.coef_[0][: rows.matrix.shape[1]], float(model.intercept_[0])


def _intercepts(labels: Labels, corpora: NDArray[np.str_]) -> NDArray[np.float64]:
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


def _quality(dev: _Rows, signal: Signal, weights: NDArray[np.float64]) -> float:
    """Return the mean AUROC over the corpora with enough of both classes, NaN-free: none is 0."""
    margins, labels = dev.matrix @ weights, dev.labels(signal)
    areas = []
    for name in np.unique(dev.corpora):
        cell = (dev.corpora == name) & ((labels == POSITIVE) | (labels == NEGATIVE))
        positives = int((labels[cell] == POSITIVE).sum())
        if min(positives, int(cell.sum()) - positives) >= _LEAST_OF_A_CLASS:
            areas.append(float(roc_auc_score(labels[cell], margins[cell])))
    return float(np.mean(areas)) if areas else 0.0
