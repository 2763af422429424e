"""What negatives count for, so that whether a text names a group says less of its label."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tocsin.training.fitting import NEGATIVE, POSITIVE, Flags, Floats, Labels

__all__ = ["matched"]


def matched(labels: Labels, named: Flags, corpora: NDArray[np.str_], power: float, most: float) -> Floats:
    """Return what the weight of each row is multiplied by: 1, but for negatives.

    In each corpus negatives that name a group, where `named` is true, count more than those that name none,
    as many times as the odds of a positive are higher among rows that do, to the power `power`, at most
    `most` times. A corpus's negatives together count what they did. At a power of 1 naming a group says
    nothing of the label: reweighing (Kamiran and Calders 2012), of negatives alone.
    """
    found = np.ones(len(labels))
    for name in np.unique(corpora):
        here = corpora == name
        yes, no = here & (labels == POSITIVE), here & (labels == NEGATIVE)
        if not (yes.any() and no.any()):
            continue
        ratio = _odds(yes, no, named) / _odds(yes, no, ~named)
        found[no & named] = np.clip(ratio**power, 1, most)
        found[no] /= found[no].mean()
    return found


def _odds(yes: Flags, no: Flags, where: Flags) -> float:
    """Return the odds of a positive where it is so; one more of each class keeps them from 0 and infinity."""
    return float(((yes & where).sum() + 1) / ((no & where).sum() + 1))
