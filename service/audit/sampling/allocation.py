"""How many labels each part of a whole gets: in proportion, with a least and a most."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import InputError

__all__ = ["allocate"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def allocate(labels: int, deserved: Floats, rows: Ints, least: Ints) -> Ints:
    """Return how many of `labels` each part gets, all of them unless there are fewer rows.

    In proportion to what each has `deserved`, but `least` where that is more and never more than its `rows`:
    parts that would get less than their least, or more than they have, are set to it, and the rest is divided
    anew (Cochran 1977, section 5.8, "allocation requiring more than 100 per cent sampling"). Fractions go to
    the largest remainders, of equal ones to the first. Raises InputError where the least are more than there
    are labels.
    """
    least = np.minimum(least, rows)
    if least.sum() > labels:
        raise InputError(
            f"labels must be at least {least.sum():,} so that every part has its least, was {labels:,}"
        )
    if rows.sum() <= labels:
        return rows.copy()
    exact = _divided(labels, deserved, rows, least)
    found = np.floor(exact + _ROUNDING).astype(np.int64)
    order = np.argsort(-(exact - found), kind="stable")
    room = order[found[order] < rows[order]]
    found[room[: labels - found.sum()]] += 1
    return found


def _divided(labels: int, deserved: Floats, rows: Ints, least: Ints) -> Floats:
    found = np.zeros(len(rows))
    free = np.ones(len(rows), bool)
    while free.any():
        left, wanted = labels - found[~free].sum(), deserved[free].sum()
        part = left * (deserved[free] / wanted if wanted > 0 else np.full(free.sum(), 1 / free.sum()))
        held = np.clip(part, least[free], rows[free])
        over = held.sum() - left
        # Who is held at a limit stays there: at the least if too much is given out, else at the most.
        bound = (held > part) if over > 0 else (held < part)
        if abs(over) <= _ROUNDING * labels or not bound.any():
            found[free] = held
            break
        places = np.flatnonzero(free)[bound]
        found[places] = held[bound]
        free[places] = False
    return found


_ROUNDING = 1e-9
