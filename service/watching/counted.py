"""Counters by labels, cheap enough for the hot path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tocsin.signals import Signal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from prometheus_client import CollectorRegistry

from prometheus_client import Counter

__all__ = ["Counted", "SignalTenths"]

_SIGNALS = tuple(Signal)


class Counted:
    """Count under labels, each looked up in the library once: its own way to find one is slow."""

    def __init__(self, name: str, meaning: str, labels: Sequence[str], registry: CollectorRegistry) -> None:
        self._counter = Counter(name, meaning, labels, registry=registry)
        self._children: dict[tuple[object, ...], Counter] = {}

    def add(self, labels: tuple[object, ...], amount: float = 1) -> None:
        """Count `amount` under `labels`, in the order of their names."""
        child = self._children.get(labels)
        if child is None:
            child = self._counter.labels(*labels) if labels else self._counter
            self._children[labels] = child
        child.inc(amount)


class SignalTenths:
    """Count numbers from 0 to 1 by signal and tenth, a batch at once.

    A histogram of the library asks for a call a number, which costs more than scoring does.
    """

    def __init__(self, name: str, meaning: str, registry: CollectorRegistry) -> None:
        self._counted = Counted(name, meaning, ("signal", "tenth"), registry)
        self._labels = [(signal.value, f"0.{tenth}") for signal in _SIGNALS for tenth in range(10)]

    def add(self, table: NDArray[np.float64]) -> None:
        """Count a table of ``(texts, signals)``; NaN counts nowhere, 1 in the last tenth."""
        cells = np.minimum(table * 10, 9) + np.arange(0, 10 * len(_SIGNALS), 10)
        times = np.bincount(cells[cells == cells].astype(np.int64))  # NaN is unlike itself
        for cell in times.nonzero()[0].tolist():
            self._counted.add(self._labels[cell], int(times[cell]))
