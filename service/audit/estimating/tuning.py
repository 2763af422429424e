"""How far to trust the scores: the power tuning of prediction-powered inference."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.service.statistics.cells import Cells

__all__ = ["FOLDS", "folds_of", "tuned"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FOLDS: Final = 5


def folds_of(cell: Ints) -> Ints:
    """Return the fold of each label, ``(labels,)``: they are dealt out in turn within each cell.

    The order in which labels come must be a random one within cells.
    """
    order = np.argsort(cell, kind="stable")
    starts = np.flatnonzero(np.diff(cell[order], prepend=-1))
    lengths = np.diff(starts, append=len(cell))
    folds = np.empty(len(cell), np.int64)
    folds[order] = (np.arange(len(cell)) - np.repeat(starts, lengths)) % FOLDS
    return folds


def tuned(cells: Cells, hits: Floats, scores: Floats, folds: Ints) -> Floats:
    """Return how much of its score each label should be credited with, ``(..., labels)``, in [0, 1].

    The weight that makes the variance of a difference estimator least: the regression coefficient of hits on
    scores within cells (Cochran 1977, chapter 7; "power tuning" in Angelopoulos, Duchi and Zrnic 2023,
    PPI++, arXiv 2311.01453; over strata, Fisch et al. 2024, arXiv 2406.04291). One coefficient
    for all cells, clipped to [0, 1] as PPI++ does, and learned for each fold from the labels of the others,
    so that no label has a say in its own: with few hits the plain one makes intervals too narrow. All arrays
    are in the order of `cells`.
    """
    credit = np.zeros(np.broadcast_shapes(hits.shape, scores.shape))
    for fold in range(FOLDS):
        inside = folds == fold
        credit[..., inside] = _coefficient(cells, hits, scores, ~inside)[..., None]
    return credit


def _coefficient(cells: Cells, hits: Floats, scores: Floats, used: NDArray[np.bool_]) -> Floats:
    weights = cells.weights * used
    count, share = cells.totals(used.astype(np.float64)), cells.totals(weights)
    apart = [_centred(cells, values, weights, share) for values in (hits, scores)]
    told = count > 1
    whole = np.where(told, cells.shares() / np.where(told, share, 1.0), 0.0)
    scale = (1 - cells.sampled) * count / np.maximum(count - 1, 1) * whole**2
    both = (cells.totals(apart[0] * apart[1]) * scale).sum(axis=-1)
    own = (cells.totals(apart[1] ** 2) * scale).sum(axis=-1)
    # Equal scores differ by what rounding makes of them: that tells nothing.
    differ = own > _ROUNDING * (cells.totals((weights * scores) ** 2) * scale).sum(axis=-1)
    return np.asarray(np.where(differ, np.clip(both / np.where(differ, own, 1.0), 0.0, 1.0), 0.0))


def _centred(cells: Cells, values: Floats, weights: Floats, share: Floats) -> Floats:
    means = cells.totals(weights * values) / np.maximum(share, _TINY)
    return np.asarray(weights * (values - means[..., cells.cell]))


_TINY: Final = 1e-300
_ROUNDING: Final = 1e-24
