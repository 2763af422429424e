"""Which texts are near copies: proposed by the bands that they share, then compared by their sketches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from tocsin.service.audit.known.joining import Joining
from tocsin.service.likeness import NEAR, resemblance

__all__ = ["REACH", "SketchesOf", "near_roots"]

Ints = NDArray[np.int64]

REACH: Final = 16  # of texts that share a key, each is compared with so many that follow it
_PAIRS: Final = 2048  # compared at a time: some 8 MiB for sketches, and to sort them


class SketchesOf(Protocol):
    """Hand out sketches."""

    def of(self, texts: Ints) -> NDArray[np.uint32]:
        """Return the ``(texts, SKETCH)`` sketches of some texts, filled up."""
        ...


def near_roots(bands: Ints, sketches: SketchesOf) -> Ints:
    """Return for each of ``(texts, bands)`` texts the first text of its group.

    Texts are of one group if a chain of pairs joins them, each of which shares a band and resembles each
    other by at least `NEAR`: single linkage, so the ends of a long chain may be less alike. Among texts of
    one key that nothing has joined yet, each is compared with the next `REACH` of them.
    """
    joining = Joining(len(bands))
    for band in bands.T:
        order = np.argsort(band, kind="stable")
        keys = band[order]
        for distance in range(1, REACH + 1):
            same = np.flatnonzero(keys[distance:] == keys[:-distance])
            if not len(same):
                break
            _join(joining, order, same, distance, sketches)
    return joining.roots(np.arange(len(bands)))


def _join(joining: Joining, order: Ints, same: Ints, distance: int, sketches: SketchesOf) -> None:
    for places in _parts(same):
        one, other = order[places], order[places + distance]
        apart = joining.apart(one, other)
        one, other = one[apart], other[apart]
        near = resemblance(sketches.of(one), sketches.of(other)) >= NEAR
        joining.join(one[near], other[near])


def _parts(places: Ints) -> Iterator[Ints]:
    yield from (places[first : first + _PAIRS] for first in range(0, len(places), _PAIRS))
