"""Texts that are labelled with all their rows or with none: whether chance decides a figure by them."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.service.audit.estimating.records import Figures, PolicyEstimates

__all__ = ["left_to_chance", "withheld"]

# Measured by `held` in tests/service/audit/test_known_sampling.py: up to here intervals hold in 94 of 100.
MOST_OPEN: Final = 0.02
ROWS_A_ROOT: Final = 12


def left_to_chance(copies: NDArray[np.int64], hits: NDArray[np.float64]) -> str | None:
    """Return why the labels of a sample tell nothing, None where they do.

    `copies` are ``(copies, 2)`` numbers of rows, of which the first has the label of the second, and `hits`
    ``(rows,)`` are labels, NaN where there is none. A text that came often among the rows drawn decides the
    estimate by whether it is among those labelled; no interval knows of that. So hardly a line may be open
    where a text has more than the square root of all rows over 12.
    """
    if not len(copies):
        return None
    is_line = np.ones(len(hits), bool)
    is_line[copies[:, 0]] = False
    most = 1 + int(np.bincount(copies[:, 1]).max())
    lines, still = int(is_line.sum()), int((is_line & np.isnan(hits)).sum())
    if still <= MOST_OPEN * lines or most <= math.sqrt(len(hits)) / ROWS_A_ROOT:
        return None
    return (
        f"{still:,} of {lines:,} lines have no label, and copies were labelled once, up to {most:,} by one"
        " line: label all lines, or draw with --each"
    )


def withheld(told: PolicyEstimates, why: str) -> PolicyEstimates:
    """Return what is known of a policy without its figures."""
    return told.model_copy(
        update={
            "prevalence": _without(told.prevalence, why),
            "weighted": told.weighted and _without(told.weighted, why),
            "levels": tuple(
                one.model_copy(
                    update={"precision": _without(one.precision, why), "recall": _without(one.recall, why)}
                )
                for one in told.levels
            ),
            "cuts": {
                name: cut.model_copy(
                    update={
                        "slices": tuple(
                            one.model_copy(
                                update={
                                    "prevalence": _without(one.prevalence, why),
                                    "beside": None,
                                    "differs": None,
                                }
                            )
                            for one in cut.slices
                        )
                    }
                )
                for name, cut in told.cuts.items()
            },
        }
    )


def _without(figures: Figures, why: str) -> Figures:
    return Figures(labels=figures.labels, hits=figures.hits, why=why)
