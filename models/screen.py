"""The screen: a linear model over hashed n-grams that reads every text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.models.features import FeatureSpec, Grams, gram_spans, hash_texts
from tocsin.signals import Signal

__all__ = ["Contributions", "Screen"]

_CHARACTERS_AT_ONCE: Final = 1 << 18  # about 40 MB of running hashes

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Contributions:
    """Say what each stretch of one normalised text adds to each signal's margin.

    Stretch ``i`` is ``starts[i]`` to ``ends[i]`` (end exclusive); ``weights`` is
    ``(stretches, signals)``. Weights and `bias` sum to the margin.
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    weights: Floats
    bias: Floats


@dataclass(frozen=True, slots=True)
class Screen:
    """Hold the weights: ``table`` is ``(buckets, signals)``, ``bias`` ``(signals,)``.

    A text's margin is the sum of its distinct n-grams' weights over the square root of their
    number, plus the bias.
    """

    spec: FeatureSpec
    signals: tuple[Signal, ...]
    table: NDArray[np.float32]
    bias: NDArray[np.float32]

    def margins(self, texts: Sequence[str]) -> Floats:
        """Return the ``(texts, signals)`` margins of normalised texts, the same in any batch."""
        parts = [self._part(part) for part in _parts(texts)]
        return np.concatenate(parts) if parts else np.empty((0, len(self.signals)))

    def contributions(self, text: str) -> Contributions:
        """Return what every n-gram of one normalised text adds; copies share what they add."""
        spans = gram_spans(text, self.spec)
        distinct, place, copies = np.unique(spans.buckets, return_inverse=True, return_counts=True)
        each = self.table[distinct].astype(np.float64) / np.sqrt(max(len(distinct), 1))
        weights = (each / copies[:, None])[place]
        return Contributions(spans.starts, spans.ends, weights, self.bias.astype(np.float64))

    def _part(self, texts: Sequence[str]) -> Floats:
        grams = hash_texts(texts, self.spec)
        scale = 1 / np.sqrt(np.maximum(grams.sizes, 1))
        return np.asarray(self._sums(grams) * scale[:, None] + self.bias)

    def _sums(self, grams: Grams) -> Floats:
        """Return the sum of the weights of each text's n-grams."""
        filled = np.flatnonzero(grams.sizes)
        sums = np.zeros((len(grams.sizes), len(self.signals)))
        if len(filled):
            weights = self.table[grams.buckets].astype(np.float64)
            sums[filled] = np.add.reduceat(weights, grams.pointers[filled], axis=0)
        return sums


def _parts(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cut a batch where its characters would pass the bound; a text is never cut."""
    first = characters = 0
    for index, text in enumerate(texts):
        if characters and characters + len(text) > _CHARACTERS_AT_ONCE:
            yield texts[first:index]
            first, characters = index, 0
        characters += len(text)
    if first < len(texts):
        yield texts[first:]
