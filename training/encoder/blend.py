"""How much the screen's word counts beside the encoder's, signal by signal: chosen on dev."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.example import Example
from tocsin.models.screen import Screen
from tocsin.signals import Signal
from tocsin.training.calibrate import Judge
from tocsin.training.fitting import areas

__all__ = ["chosen_blend"]

_SHARES: Final = (0.0, 0.15, 0.3, 0.45, 0.6, 0.8, 1.0)  # in standard deviations of either margin

Floats = NDArray[np.float64]


def chosen_blend(encoder: Judge, screen: Screen, dev: Sequence[Example]) -> Mapping[Signal, float]:
    """Return what the screen's margin is multiplied by before it is added to the encoder's, by signal.

    The share with the highest mean AUROC over dev's corpora; of equals, and where dev cannot tell, the least.
    The two err otherwise: one reads letters and words, the other sentences.
    """
    texts = [row.text for row in dev]
    ours, theirs = encoder.margins(texts), screen.margins(texts)
    found = {}
    for column, signal in enumerate(encoder.signals):
        if signal not in screen.signals:
            continue
        mine, other = ours[:, column], theirs[:, screen.signals.index(signal)]
        unit = float(mine.std() / max(other.std(), np.finfo(float).tiny))
        best = max(_SHARES, key=lambda share: (_quality(dev, signal, mine + share * unit * other), -share))
        found[signal] = round(best * unit, 6)
    return found


def _quality(dev: Sequence[Example], signal: Signal, margins: Floats) -> float:
    told = areas(dev, signal, margins)
    return float(np.mean(list(told.values()))) if told else 0.0
