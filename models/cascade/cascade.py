"""Both tiers of a bundle in turn: a screen distilled from the encoder, which clears what it can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from tocsin.models.calibration import Calibration
from tocsin.models.cascade.pairs import Pairs
from tocsin.models.screen import Contributions, Screen
from tocsin.signals import Signal

__all__ = ["Cascade", "CascadeReading"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CascadeReading:
    """Hold the ``(texts, signals)`` margins of the screen and of the distilled screen, and words a text."""

    screen: Floats
    distilled: Floats
    words: Ints


@dataclass(frozen=True, slots=True)
class Cascade:
    """Hold what clears texts before the encoder reads them.

    A margin of the distilled screen is an estimate of the encoder's log-odds; `calibration` makes
    probabilities of it. `pairs` are the texts, one set a language, that any policy's rule is fitted to.
    `reader` is the screen and the distilled screen in one: n-grams are counted once.
    """

    signals: tuple[Signal, ...]
    calibration: Calibration
    pairs: Mapping[str, Pairs]
    reader: Screen

    @classmethod
    def of(
        cls, screen: Screen, distilled: Screen, calibration: Calibration, pairs: Mapping[str, Pairs]
    ) -> Self:
        """Return the cascade of two screens that read the same n-grams."""
        reader = Screen(
            screen.spec,
            screen.signals + distilled.signals,
            np.concatenate([screen.table, distilled.table], axis=1),
            np.concatenate([screen.scale, distilled.scale]),
            np.concatenate([screen.bias, distilled.bias]),
        )
        return cls(distilled.signals, calibration, pairs, reader)

    def read(self, texts: Sequence[str]) -> CascadeReading:
        """Return what both screens make of texts as posted: the same alone and in any batch, to the bit."""
        read = self.reader.read(texts)
        ours = len(self.reader.signals) - len(self.signals)
        return CascadeReading(read.margins[:, :ours], read.margins[:, ours:], read.words)

    def contributions(self, text: str) -> Contributions:
        """Return what every word and pair of words of one normalised text adds to the distilled margins."""
        found = self.reader.contributions(text)
        ours = len(self.reader.signals) - len(self.signals)
        return Contributions(found.starts, found.ends, found.weights[:, ours:], found.bias[ours:])
