"""Rows drawn from each stratum as they stream by, all samples of its size equally probable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import InputError

__all__ = ["Drawing", "Drawn"]

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]

_HIGHEST: Final = np.uint64(2**64 - 1)
_SPARE: Final = 100_000  # candidates held beyond those that the sample has room for


@dataclass(frozen=True, slots=True)
class Drawn:
    """Hold what was drawn, by stratum and within it by hash, and the highest hash that each stratum took."""

    stratum: Ints
    hashes: Hashes
    source: Ints
    place: Ints
    ids: NDArray[Any]
    last: Hashes


class Drawing:
    """Keep of each stratum the rows with the lowest hashes, which is a simple random sample of it.

    Bottom-k sampling (Cohen and Kaplan 2007), which surveys know as sequential sampling by permanent random
    numbers (Ohlsson 1995): in one pass, in memory for the sample alone, and in whatever order rows come.
    """

    def __init__(self, labels: Ints) -> None:
        self._labels = labels
        self._last = np.full(len(labels), _HIGHEST)
        self._held: list[tuple[NDArray[Any], ...]] = []
        self._count = 0

    def add(self, stratum: Ints, hashes: Hashes, source: Ints, place: Ints, ids: NDArray[Any]) -> None:
        """Look at some more rows."""
        kept = hashes <= self._last[stratum]
        self._held.append(tuple(column[kept] for column in (stratum, hashes, source, place, ids)))
        self._count += int(kept.sum())
        if self._count > self._labels.sum() + _SPARE:
            self._prune()

    def finish(self) -> Drawn:
        """Return the sample; raise InputError where a stratum had fewer rows than were counted before."""
        self._prune()
        stratum, hashes, source, place, ids = self._held[0]
        if not np.array_equal(np.bincount(stratum, minlength=len(self._labels)), self._labels):
            raise InputError("the scored parts must not change while a sample is drawn, have changed")
        return Drawn(stratum, hashes, source, place, ids, self._last)

    def _prune(self) -> None:
        columns = [np.concatenate(parts) for parts in zip(*self._held, strict=True)]
        stratum, hashes = columns[:2]
        order = np.lexsort((hashes, stratum))
        begins = np.searchsorted(stratum[order], np.arange(len(self._labels)))
        rank = np.arange(len(order)) - begins[stratum[order]]
        kept = order[rank < self._labels[stratum[order]]]
        self._held, self._count = [tuple(column[kept] for column in columns)], len(kept)
        full = np.bincount(stratum[kept], minlength=len(self._labels)) >= self._labels
        highest = np.zeros(len(self._labels), np.uint64)
        np.maximum.at(highest, stratum[kept], hashes[kept])
        self._last = np.where(full, highest, self._last)
