"""The calibration rows' scores and labels: what any policy's targets are fitted to, without a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.signals import Signal

__all__ = ["Reference"]


@dataclass(frozen=True, slots=True)
class Reference:
    """Hold the scores of the calibration rows in one language, never their text or ids.

    ``scores`` is ``(rows, signals)``, calibrated probabilities; ``labels`` likewise, 1 for
    positive, 0 for negative, -1 for unknown. Columns stand in the order of `signals`.
    """

    signals: tuple[Signal, ...]
    scores: NDArray[np.float64]
    labels: NDArray[np.int8]

    def __post_init__(self) -> None:
        if self.scores.shape != self.labels.shape or self.scores.shape[1:] != (len(self.signals),):
            raise ValueError(
                f"scores and labels must both be (rows, {len(self.signals)}),"
                f" were {self.scores.shape} and {self.labels.shape}"
            )
        if not ((self.scores >= 0) & (self.scores <= 1)).all():
            raise ValueError("scores must be between 0 and 1, were not")
        if not np.isin(self.labels, (-1, 0, 1)).all():
            raise ValueError("labels must be -1, 0 or 1, were not")

    def score_columns(self, known: frozenset[Signal]) -> Mapping[Signal, NDArray[np.float64]]:
        """Return one score column for every signal there is, NaN where it is not among `known`."""
        nothing = np.full(len(self.scores), np.nan)
        told = {signal: self.scores[:, place] for place, signal in enumerate(self.signals) if signal in known}
        return dict.fromkeys(Signal, nothing) | told

    def label_columns(self, known: frozenset[Signal]) -> Mapping[Signal, NDArray[np.int8]]:
        """Return one label column for every signal there is, -1 where it is not among `known`."""
        nothing = np.full(len(self.labels), -1, np.int8)
        told = {signal: self.labels[:, place] for place, signal in enumerate(self.signals) if signal in known}
        return dict.fromkeys(Signal, nothing) | told
