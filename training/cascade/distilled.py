"""A linear screen that says what the encoder would: fitted to its log-odds, whatever the labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.linalg import lsqr

from tocsin.models.features import FeatureSpec
from tocsin.models.screen import Screen
from tocsin.signals import Signal
from tocsin.text import normalise
from tocsin.training.cascade.config import CascadeConfig
from tocsin.training.grams import Matrix, gram_matrix
from tocsin.training.screen import frequencies, rarity, scaled

__all__ = ["Distilled", "distil"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Distilled:
    """Hold the weights as they are stored, ``(2**bits, signals)`` whole numbers that fit a byte.

    Buckets of the n-grams of `spec` that share their last bits share a weight.
    """

    spec: FeatureSpec
    stored: Screen

    @property
    def screen(self) -> Screen:
        """Return it as one that reads what `spec` says."""
        stored = self.stored
        times = self.spec.buckets // stored.spec.buckets
        return Screen(self.spec, stored.signals, np.tile(stored.table, (times, 1)), stored.scale, stored.bias)


def distil(
    texts: Sequence[str],
    log_odds: Mapping[Signal, Floats],
    spec: FeatureSpec,
    config: CascadeConfig,
    tell: Callable[[str], None] = lambda _: None,
) -> Distilled:
    """Return the linear model of `spec`'s n-grams that comes nearest to an encoder's `log_odds` of `texts`.

    Ridge regression by LSQR (Paige and Saunders 1982), a signal at a time, weighted by rarity as the screen's
    n-grams are.
    """
    folded = FeatureSpec(**{**spec.model_dump(), "bits": min(config.bits, spec.bits)})
    counts = _folded(gram_matrix([normalise(text) for text in texts], spec), folded.buckets)
    weights = rarity(frequencies(counts), len(texts))
    matrix = scaled(counts, weights)
    columns, biases = [], []
    for signal, told in log_odds.items():
        tell(f"distilling {signal}")
        wanted = np.clip(told, config.lowest, config.highest)
        biases.append(float(wanted.mean()))
        found = lsqr(matrix, wanted - biases[-1], damp=config.damping, iter_lim=config.steps)[0]
        columns.append(found * weights)
    table = np.stack(columns, axis=1)
    least = np.finfo(np.float32).tiny
    scale = np.maximum(np.abs(table).max(axis=0) / config.largest, least).astype(np.float32)
    whole = np.rint(table / scale.astype(np.float64)).astype(np.int16)
    return Distilled(spec, Screen(folded, tuple(log_odds), whole, scale, np.array(biases, np.float32)))


def _folded(counts: Matrix, buckets: int) -> Matrix:
    """Return the counts with buckets of the same last bits in one column."""
    found = csr_array(
        (counts.data.copy(), counts.indices % buckets, counts.indptr), shape=(counts.shape[0], buckets)
    )
    found.sum_duplicates()
    return found
