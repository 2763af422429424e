"""How many more labels it takes until an interval is half as wide."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from tocsin.service.statistics.confidence import CONFIDENCE, interval
from tocsin.service.statistics.spread import Spread

__all__ = ["labels_to_halve"]

_FACTORS: Final = np.exp2(np.linspace(0, 6, 97))  # at most 64 times as many labels


def labels_to_halve(spread: Spread, labels: int, rows: int, confidence: float = CONFIDENCE) -> int | None:
    """Return how many more labels, drawn in the same way, would halve the interval of one estimate.

    What more labels would tell is taken to be what these tell: the same share, variance and skewness a label.
    Where hits are many that is three times as many again; where hardly any was found it is fewer, since
    what one more hit would add shrinks with each label. None where not even a label on each of `rows` more
    would do, or where the interval has no width.
    """
    low, high = interval(spread.scaled(_FACTORS), confidence)
    widths = np.asarray(high - low)
    enough = np.flatnonzero(widths <= widths[0] / 2)
    if not widths[0] or not enough.size:
        return None
    # Between two factors the width falls along a straight line, on scales of logarithms.
    after = int(enough[0])
    steps = np.log(widths[[after - 1, after]])
    part = (steps[0] - np.log(widths[0] / 2)) / (steps[0] - steps[1])
    factor = _FACTORS[after - 1] * (_FACTORS[after] / _FACTORS[after - 1]) ** part
    more = math.ceil((factor - 1) * labels)
    return more if labels + more <= rows else None
