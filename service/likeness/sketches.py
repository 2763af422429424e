"""How alike texts are, told from the lowest hashes of each: bottom-k sketches.

Broder 1997, section 3; Cohen and Kaplan, "Summarizing data using bottom-k sketches", PODC 2007.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["EMPTY", "SKETCH", "resemblance"]

Sketches = NDArray[np.uint32]

SKETCH: Final = 128
EMPTY: Final = np.uint32(2**32 - 1)
"""What stands behind the hashes of a text that has fewer than a sketch has room for."""


def resemblance(one: Sketches, other: Sketches) -> NDArray[np.float64]:
    """Return the Jaccard index of pairs of texts from their ``(pairs, SKETCH)`` sketches, each ascending.

    Up to the lower of the highest hashes that both keep, both are known whole. Where neither is full that is
    every hash, and the index is exact; else it is estimated from at least `SKETCH` hashes, with a standard
    error of at most sqrt(s (1 - s) / SKETCH) at an index of s.
    """
    reach = np.minimum(one[:, -1:], other[:, -1:])
    both = np.sort(np.concatenate([one, other], axis=1), axis=1)
    known = (both <= reach) & (both != EMPTY)
    common = ((both[:, 1:] == both[:, :-1]) & known[:, 1:]).sum(axis=1)
    return np.asarray(common / np.maximum(known.sum(axis=1) - common, 1), np.float64)
