"""A margin becomes a probability at a declared prevalence, and moves to another one."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from tocsin.signals import Signal

__all__ = ["Calibration", "SignalCalibration", "probability", "shifted"]

Floats = NDArray[np.float64]


class SignalCalibration(BaseModel):
    """Hold a Platt scaling (Platt 1999) of one signal in one language.

    The probability is ``sigmoid(slope * margin + intercept)`` where the share of positives is
    `reference_prevalence`, that of the calibration rows, which `positives` and `negatives` count.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    slope: float = Field(gt=0)
    intercept: float
    reference_prevalence: float = Field(gt=0, lt=1)
    positives: int = Field(ge=0)
    negatives: int = Field(ge=0)

    def log_odds(self, margins: Floats) -> Floats:
        """Return calibrated log-odds."""
        return np.asarray(self.slope * margins + self.intercept, np.float64)


class Calibration(BaseModel):
    """Hold the scaling of every signal in every language that it was fitted in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    signals: Mapping[Signal, Mapping[str, SignalCalibration]]

    def of(self, signal: Signal, language: str) -> SignalCalibration | None:
        """Return the scaling of `signal` in `language`, None where there is none."""
        return self.signals.get(signal, {}).get(language)

    def beside(self, other: Calibration, languages: Collection[str]) -> Calibration:
        """Return this calibration in `languages`, and `other` in all others."""
        found: dict[Signal, dict[str, SignalCalibration]] = {}
        for source, wanted in ((self, True), (other, False)):
            for signal, scalings in source.signals.items():
                for language, scaling in scalings.items():
                    if (language in languages) is wanted:
                        found.setdefault(signal, {})[language] = scaling
        return Calibration(signals=found)


def probability(log_odds: Floats) -> Floats:
    """Return ``1 / (1 + exp(-log_odds))``; NaN stays NaN."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * log_odds)))


def shifted(probabilities: Floats, reference: float, expected: float) -> Floats:
    """Return probabilities as they are where `expected` is the share of positives.

    Label shift only (Saerens et al. 2002): what positives and negatives look like stays the same.
    """
    ratio = expected / (1 - expected) * (1 - reference) / reference
    return np.asarray(ratio * probabilities / (1 - probabilities + ratio * probabilities))
