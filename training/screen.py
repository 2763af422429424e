"""Fit the screen: one logistic regression a signal over the rows that say something about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array

from tocsin.errors import CorpusError
from tocsin.example import Example
from tocsin.models.features import FeatureSpec
from tocsin.models.screen import Screen
from tocsin.signals import Signal
from tocsin.text import normalise
from tocsin.training.fitting import Counting, Linear, Rows, fit_linear, quality
from tocsin.training.grams import Matrix, gram_matrix
from tocsin.training.related import Opinions

__all__ = [
    "FittedScreen",
    "ScreenConfig",
    "as_screen",
    "design_matrix",
    "fit_rows",
    "fit_screen",
    "frequencies",
    "rarity",
    "scaled",
]

_WEAKER: Final = 1 / 3  # beside what others say, n-grams need less room
_WORTH: Final = 0.002  # AUROC on dev: for less, a signal stays by itself

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ScreenConfig:
    """Hold the whole experiment: docs/decisions/0012-screen.md says what each part did.

    `strengths` are the inverse regularisations to choose from on dev, for each signal by itself.
    `temperature` evens out corpora of different size (1: not at all), `related` is how freely a signal
    may follow what the models of others say (0: not at all).
    """

    features: FeatureSpec = FeatureSpec()
    strengths: tuple[float, ...] = (0.03, 0.1, 0.3, 1.0)
    presumed_weight: float = 0.3
    temperature: float = 0.5
    related: float = 0.3

    @property
    def counting(self) -> Counting:
        """Return what rows count for."""
        return Counting(self.presumed_weight, self.temperature)


@dataclass(frozen=True, slots=True)
class FittedScreen:
    """Hold the screen, the strength chosen for each signal, and those that follow others."""

    screen: Screen
    strengths: Mapping[Signal, float]
    related: frozenset[Signal] = frozenset()


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Hold a fitted model with what it was fitted at and how well it ranks dev."""

    model: Linear
    strength: float
    quality: float
    related: bool = False


def fit_screen(
    train: Sequence[Example],
    dev: Sequence[Example],
    config: ScreenConfig,
    tell: Callable[[str], None] = lambda _: None,
) -> FittedScreen:
    """Fit every signal that `train` has both classes of; choose its strength on `dev`.

    A feature is an n-gram of a distinct word, weighted by its rarity (``log((1 + n) / (1 + df)) + 1``)
    and by one over the square root of how many the text has. A signal follows what others' models say
    where it then ranks dev clearly better.
    """
    counted = [Rows(design_matrix(rows, config.features), rows) for rows in (train, dev)]
    return fit_rows(counted[0], counted[1], config, tell)


def fit_rows(
    train: Rows, dev: Rows, config: ScreenConfig, tell: Callable[[str], None] = lambda _: None
) -> FittedScreen:
    """Return what `fit_screen` returns, of rows whose matrices are counts of n-grams."""
    weights = rarity(frequencies(train.matrix), len(train.examples))
    fitted_on = replace(train, matrix=scaled(train.matrix, weights))
    chosen_on = replace(dev, matrix=scaled(dev.matrix, weights))
    chosen: dict[Signal, _Candidate] = {}
    for signal in Signal:
        if fitted_on.tells(signal):
            chosen[signal] = _alone(fitted_on, chosen_on, signal, config)
            tell(f"{signal}: strength {chosen[signal].strength:g}")
    if not chosen:
        raise CorpusError("training needs at least one signal with positive and negative rows, had none")
    if config.related and len(chosen) > 1:
        chosen = _together(fitted_on, chosen_on, chosen, config, tell)
    return FittedScreen(
        as_screen({signal: one.model for signal, one in chosen.items()}, weights, config.features),
        {signal: one.strength for signal, one in chosen.items()},
        frozenset(signal for signal, one in chosen.items() if one.related),
    )


def design_matrix(examples: Sequence[Example], spec: FeatureSpec) -> Matrix:
    """Return a ``(rows, buckets)`` matrix of counts: the n-grams of each row's text."""
    return gram_matrix([normalise(example.text) for example in examples], spec)


def _alone(train: Rows, dev: Rows, signal: Signal, config: ScreenConfig) -> _Candidate:
    """Return the model with the highest mean AUROC over dev's corpora, of equals the most cautious."""
    models = {strength: fit_linear(train, signal, strength, config.counting) for strength in config.strengths}
    return max(
        (_judged(model, strength, dev, signal) for strength, model in models.items()),
        key=lambda one: (one.quality, -one.strength),
    )


def _together(
    train: Rows,
    dev: Rows,
    alone: Mapping[Signal, _Candidate],
    config: ScreenConfig,
    tell: Callable[[str], None],
) -> dict[Signal, _Candidate]:
    """Return each signal's model, beside what others say where that ranks dev clearly better."""
    asked = {signal: (one.model, one.strength) for signal, one in alone.items()}
    opinions = Opinions.of(train, asked, config.counting, config.related, tell)
    if opinions is None:
        return dict(alone)
    chosen = {}
    for signal, one in alone.items():
        if not set(opinions.lent) - {signal}:
            chosen[signal] = one
            continue
        beside = [
            _judged(
                opinions.fit(train, signal, strength, config.counting), strength, dev, signal, related=True
            )
            for strength in (one.strength, one.strength * _WEAKER)
        ]
        best = max(beside, key=lambda candidate: candidate.quality)
        chosen[signal] = best if best.quality > one.quality + _WORTH else one
        tell(f"{signal}: {'beside others' if chosen[signal].related else 'by itself'}")
    return chosen


def _judged(
    model: Linear, strength: float, dev: Rows, signal: Signal, *, related: bool = False
) -> _Candidate:
    return _Candidate(model, strength, quality(dev, signal, model.margins(dev.matrix)), related)


def as_screen(models: Mapping[Signal, Linear], weights: Floats, spec: FeatureSpec) -> Screen:
    """Return models, fitted to counts times `weights`, as they ship: what is calibrated and tested."""
    table = np.stack([model.weights * weights for model in models.values()], axis=1)
    bias = np.array([model.intercept for model in models.values()])
    whole, scale = _in_whole_numbers(table)
    return Screen(spec, tuple(models), whole, scale, bias.astype(np.float32))


def _in_whole_numbers(table: Floats) -> tuple[NDArray[np.int16], NDArray[np.float32]]:
    """Return weights as whole numbers and what one of them is worth: sums are then exact in any order."""
    scale = (np.abs(table).max(axis=0) / np.iinfo(np.int16).max).astype(np.float32)
    scale[scale == 0] = 1
    return np.rint(table / scale.astype(np.float64)).astype(np.int16), scale


def frequencies(counts: Matrix) -> NDArray[np.int64]:
    """Return in how many rows each n-gram stands."""
    return np.bincount(counts.indices, minlength=counts.shape[1])


def rarity(found: NDArray[np.int64], rows: int) -> Floats:
    """Return what each n-gram weighs that stands in `found` of the rows."""
    return np.asarray(np.log((1 + rows) / (1 + found)) + 1)


def scaled(counts: Matrix, weights: Floats) -> Matrix:
    """Return the matrix whose product with fitted weights is the screen's own margin."""
    sizes = np.maximum(counts.sum(axis=1), 1)
    return csr_array(diags_array(1 / np.sqrt(sizes)) @ counts @ diags_array(weights))
