"""Groups of texts: exact copies, and copies that are exact or near."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.service.audit.known.near import near_roots
from tocsin.service.audit.known.texts import NONE, Texts, bands_of, sketches_of

__all__ = ["LEAST_SHINGLES", "Groups", "group"]

Ints = NDArray[np.int64]

LEAST_SHINGLES: Final = 20
"""Texts with fewer different shingles have no near copies: a word more is much of so little, and "happy
birthday to you" is no campaign however often it comes."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Hold which rows are copies of each other, and sums.

    `copy` is a number for each row with an exact copy, and `near` the number of the cluster of each text,
    ``(texts,)``; both `NONE` where there is none. `rows` and `texts` count those of each cluster, and `long`
    are the texts that may have near copies, `bands` their keys.
    """

    copy: Ints
    near: Ints
    rows: Ints
    texts: Ints
    long: Ints
    bands: Ints

    def near_of(self, text: Ints) -> Ints:
        """Return the cluster of each row by the number of its text."""
        return np.where(text == NONE, NONE, self.near[text]) if len(self.near) else text


def group(texts: Texts, scratch: Path) -> Groups:
    """Return the groups of all texts; sketches go into a file of the folder `scratch`."""
    long = np.flatnonzero(texts.distinct >= LEAST_SHINGLES)
    bands = bands_of(texts, long)
    roots = near_roots(bands, sketches_of(texts, long, scratch / "sketches.bin"))
    counts = np.bincount(texts.text[texts.text != NONE], minlength=len(texts.first))
    # The root of a cluster is its first text, and texts are numbered by their first rows: so are clusters.
    rows = np.bincount(roots, counts[long], minlength=len(long)).astype(np.int64)
    members = np.bincount(roots, minlength=len(long))
    several = rows >= 2
    number = np.where(several, np.cumsum(several) - 1, NONE)
    near = np.full(len(texts.first), NONE, np.int64)
    near[long] = number[roots]
    return Groups(_copies(texts.copy), near, rows[several], members[several], long, bands)


def _copies(copy: Ints) -> Ints:
    """Return the numbers of what comes more than once."""
    there = copy[copy != NONE]
    counts = np.bincount(there) if len(there) else np.zeros(1, np.int64)
    return np.where((copy != NONE) & (counts[copy] >= 2), copy, NONE)
