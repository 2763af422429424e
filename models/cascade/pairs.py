"""What both tiers make of the texts that certify a cascade: numbers, never a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, Self

import numpy as np
from numpy.typing import NDArray

from tocsin.models.calibration import probability
from tocsin.models.cascade.clearing import Clearing, fit_clearing
from tocsin.models.cascade.closeness import closeness
from tocsin.models.gates import FittedPolicy
from tocsin.signals import Signal

__all__ = ["Pairs"]

_FARTHEST: Final = 32 - 1 / 1_024  # what a whole number of two bytes holds

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Hold the log-odds that two tiers give to the same texts of one language, ``(texts, signals)``.

    `distilled` are the encoder's as the distilled screen estimates them, `encoder` the encoder's own, to
    which thresholds are compared.

    A bundle keeps both in steps of one in `STEPS` (`rounded`): the distilled screen's rounded down, so that
    no threshold fitted to them clears more than the exact ones would, the encoder's up, so that a text that
    comes within a step of a threshold counts as flagged. What lies beyond 32 counts as infinite.
    """

    STEPS: ClassVar[int] = 1_024

    signals: tuple[Signal, ...]
    distilled: Floats
    encoder: Floats

    @classmethod
    def rounded(cls, signals: tuple[Signal, ...], distilled: Floats, encoder: Floats) -> Self:
        """Return the pairs as a bundle keeps them: within 32 of 0, in whole steps."""
        down = np.floor(np.clip(distilled, -_FARTHEST, _FARTHEST) * cls.STEPS)
        up = np.ceil(np.clip(encoder, -_FARTHEST, _FARTHEST) * cls.STEPS)
        return cls(signals, down / cls.STEPS, up / cls.STEPS)

    def __post_init__(self) -> None:
        if self.distilled.shape != self.encoder.shape or self.distilled.shape[1:] != (len(self.signals),):
            raise ValueError(
                f"distilled and encoder must both be (texts, {len(self.signals)}),"
                f" were {self.distilled.shape} and {self.encoder.shape}"
            )

    def clearing(self, policies: Sequence[FittedPolicy], loss: float) -> Clearing:
        """Return the rule that loses at most the share `loss` of what the encoder flags under policies."""
        known = frozenset[Signal]().union(*(policy.known for policy in policies))
        own = self._columns(probability(_unbounded(self.encoder)), known)
        flagged = np.zeros(len(self.encoder), np.bool_)
        for policy in policies:
            flagged |= policy.reached(own)
        seen = self._columns(_unbounded(self.distilled), known)
        return fit_clearing(closeness(policies, seen), flagged, loss)

    def _columns(self, values: Floats, known: frozenset[Signal]) -> Mapping[Signal, Floats]:
        nothing = np.full(len(values), np.nan)
        told = {signal: values[:, place] for place, signal in enumerate(self.signals) if signal in known}
        return dict.fromkeys(Signal, nothing) | told


def _unbounded(values: Floats) -> Floats:
    """Return log-odds with those that lie at either end as infinite."""
    return np.where(np.abs(values) >= _FARTHEST, np.copysign(np.inf, values), values)
