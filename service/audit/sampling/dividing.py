"""Labels divided among groups of rows, and within each among strata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.service.audit.sampling.allocation import allocate
from tocsin.service.audit.sampling.boundaries import cuts
from tocsin.service.audit.sampling.plan import SamplePlan

__all__ = ["ENOUGH", "Divided", "divide"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ENOUGH: Final = 2  # labels, without which there is no variance


@dataclass(frozen=True, slots=True)
class Divided:
    """Hold the strata of one group: the bins at which they begin, their rows, and the labels of each."""

    starts: Ints
    rows: Ints
    labels: Ints


def divide(plan: SamplePlan, rows: Ints, densities: Floats, least: Ints) -> Sequence[Divided]:
    """Return the strata of groups that have at least one row each.

    `rows` and `densities` are ``(groups, bins)``: how many rows have a density within each bin, and the sum
    of these densities. A group gets labels in proportion to its densities, but its `least`; a stratum those
    of its group in the same way (Neyman 1934: to the product of rows and expected spread). Raises InputError
    where there are fewer labels than that takes.
    """
    given = allocate(plan.labels, densities.sum(axis=1), rows.sum(axis=1), np.maximum(least, ENOUGH))
    return [
        _strata(plan, own, sums, labels)
        for own, sums, labels in zip(rows, densities, given.tolist(), strict=True)
    ]


def _strata(plan: SamplePlan, rows: Ints, densities: Floats, labels: int) -> Divided:
    starts = np.concatenate([[0], cuts(rows, densities, plan.strata(labels))]).astype(np.int64)
    counts = np.add.reduceat(rows, starts)
    least = np.full(len(starts), min(ENOUGH, labels))
    return Divided(starts, counts, allocate(labels, np.add.reduceat(densities, starts), counts, least))
