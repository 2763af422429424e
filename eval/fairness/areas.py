"""Whether a signal ranks posts that name a group as well as others: three areas under the ROC curve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.eval.cells import LEAST_ROWS
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.statistics.ranking_intervals import ranking_estimates

__all__ = ["AREAS", "subgroup_areas"]

AREAS: Final = ("subgroup", "bpsn", "bnsp")

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Labels = NDArray[np.int8]
Places = NDArray[np.intp]


def subgroup_areas(
    labels: Labels, scores: Floats, members: Sequence[Bools], together: Places | None = None
) -> list[Mapping[str, Estimate]]:
    """Return each group's areas with their intervals, without those that a side has under 20 rows for.

    Borkan et al. 2019: `subgroup` ranks a group's positives above its negatives, `bpsn` (background
    positive, subgroup negative) all other positives above its negatives, `bnsp` its positives above all
    other negatives. Rows of one number in `together` are one cluster.
    """
    clusters = np.arange(len(labels)) if together is None else together
    return [
        {
            name: ranking_estimates(labels[rows], scores[rows], clusters[rows])["auroc"]
            for name, rows in _compared(labels, member)
            if min((labels[rows] == 1).sum(), (labels[rows] == 0).sum()) >= LEAST_ROWS
        }
        for member in members
    ]


def _compared(labels: Labels, member: Bools) -> Iterator[tuple[str, Bools]]:
    """Yield the rows that each area is over."""
    positive = labels == 1
    yield "subgroup", member
    yield "bpsn", np.where(member, ~positive, positive)
    yield "bnsp", np.where(member, positive, ~positive)
