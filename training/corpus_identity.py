"""How far the corpus that a row is from tells its label, no text read: what a pooled figure would measure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap

from tocsin.example import Example, Label, gold
from tocsin.signals import Signal
from tocsin.training.folds import FOLDS

__all__ = ["LEAST_OF_A_CLASS", "IdentityBaseline", "Interval", "identity_baselines"]

LEAST_OF_A_CLASS: Final = 50  # fewer rows carry no figure
DRAWS: Final = 1_000
_DRAWS_AT_ONCE: Final = 10
_SEED: Final = 20_261_122

Floats = NDArray[np.float64]
Labels = NDArray[np.int8]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Interval:
    """Hold a figure with its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class IdentityBaseline:
    """Say how well corpora alone rank the rows of one signal and language, pooled.

    `presumed` says whether presumed negatives count as negatives, beside gold. `one_sided` corpora have
    rows of one class only. No figure where there is one corpus, or too few rows of a class.
    """

    signal: Signal
    language: str
    presumed: bool
    corpora: int
    one_sided: int
    negatives: int
    positives: int
    auroc: Interval | None


def identity_baselines(examples: Sequence[Example]) -> Iterator[IdentityBaseline]:
    """Yield a baseline for each signal and language, and one more where there are presumed negatives.

    A row's score is the share of positives in its corpus, counted on the other four folds. AUROC is
    that of pairs within a fold; its interval the percentile bootstrap over rows (Efron 1979), fixed seed.
    """
    for language in sorted({example.language for example in examples}):
        rows = [example for example in examples if example.language == language]
        corpora = np.unique([row.corpus for row in rows], return_inverse=True)[1]
        for signal in Signal:
            labels = gold(rows, signal)
            presumed = np.array([row.label(signal) is Label.PRESUMED_NEGATIVE for row in rows])
            if (labels >= 0).any():
                yield _baseline(signal, language, corpora, labels, presumed=False)
            if presumed.any():
                counted = np.where(presumed, 0, labels)
                yield _baseline(signal, language, corpora, counted, presumed=True)


def _baseline(
    signal: Signal, language: str, corpora: Codes, labels: Labels, *, presumed: bool
) -> IdentityBaseline:
    told = labels >= 0
    names, places = np.unique(corpora[told], return_inverse=True)
    positive = labels[told].astype(np.int64)
    counts = np.bincount(places * 2 + positive, minlength=len(names) * 2).reshape(-1, 2)
    negatives, positives = counts.sum(axis=0).tolist()
    enough = len(names) > 1 and min(negatives, positives) >= LEAST_OF_A_CLASS
    return IdentityBaseline(
        signal,
        language,
        presumed,
        corpora=len(names),
        one_sided=int((counts == 0).any(axis=1).sum()),
        negatives=negatives,
        positives=positives,
        auroc=_bootstrapped(places, positive) if enough else None,
    )


def _bootstrapped(corpora: Codes, positive: Codes) -> Interval:
    generator = np.random.default_rng(_SEED)
    folds = generator.permutation(len(corpora)) % FOLDS  # no text is read: copies give nothing away here
    shape = (FOLDS, int(corpora.max()) + 1, 2)
    codes = np.ravel_multi_index((folds, corpora, positive), shape)

    def statistic(drawn: Codes) -> float:
        return _auroc(np.bincount(drawn, minlength=int(np.prod(shape))).reshape(shape))

    drawn = bootstrap(
        (codes,),
        statistic,
        n_resamples=DRAWS,
        batch=_DRAWS_AT_ONCE,
        vectorized=False,
        method="percentile",
        random_state=generator,
    )
    interval = drawn.confidence_interval
    return Interval(statistic(codes), float(interval.low), float(interval.high))


def _auroc(counts: Codes) -> float:
    """Return the AUROC of pairs within a fold; `counts` is ``(folds, corpora, 2)``, negatives first.

    The rows of a corpus tie there: Mann and Whitney's statistic needs no more than how many they are.
    """
    others = counts.sum(axis=0) - counts
    rates = others[..., 1] / np.maximum(others.sum(axis=-1), 1)
    above = (np.sign(rates[:, :, None] - rates[:, None, :]) + 1) / 2
    negatives, positives = counts[..., 0], counts[..., 1]
    won = np.einsum("fi,fj,fij->", positives, negatives, above)
    return float(won / (positives.sum(axis=1) @ negatives.sum(axis=1)))
