"""Test rows fall into slices: one corpus, one signal, one language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.eval.statistics.clusters import clusters
from tocsin.example import Example, gold
from tocsin.signals import Signal

__all__ = ["Slice", "slices"]

Floats = NDArray[np.float64]
Labels = NDArray[np.int8]
Clusters = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Slice:
    """Hold the gold labels, ``(rows,)`` of 0 and 1, and scores in [0, 1] of the rows that were scored.

    `unscored` counts the labelled rows that were not. Rows of one number in `groups` are not independent
    of each other; where it is None, all are.
    """

    corpus: str
    signal: Signal
    language: str
    labels: Labels
    scores: Floats
    unscored: int
    groups: Clusters | None = None

    @property
    def positives(self) -> int:
        """Count the positive rows."""
        return int((self.labels == 1).sum())

    @property
    def negatives(self) -> int:
        """Count the negative rows."""
        return int((self.labels == 0).sum())


def slices(examples: Sequence[Example], scores: Floats) -> Iterator[Slice]:
    """Yield every slice that has a labelled row; `scores` is ``(examples, signals)``, NaN for null."""
    corpora = np.array([example.corpus for example in examples])
    languages = np.array([example.language for example in examples])
    labels = {signal: gold(examples, signal) for signal in Signal}
    together = clusters(examples)
    for corpus, language in sorted({*zip(corpora.tolist(), languages.tolist(), strict=True)}):
        here = (corpora == corpus) & (languages == language)
        for column, signal in enumerate(Signal):
            rows = here & (labels[signal] >= 0)
            told = rows & ~np.isnan(scores[:, column])
            if rows.any():
                yield Slice(
                    corpus,
                    signal,
                    language,
                    labels[signal][told],
                    scores[told, column],
                    unscored=int(rows.sum() - told.sum()),
                    groups=np.unique(together[told], return_inverse=True)[1],
                )
