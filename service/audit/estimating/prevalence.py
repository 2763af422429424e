"""How common hits are, from labels of a stratified sample: by the labels alone, and helped by the scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.service.statistics.cells import Cells
from tocsin.service.statistics.spread import Spread

__all__ = ["Scores", "classical", "powered"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scores:
    """Hold scores of the labelled rows, ``(..., labels)``, in the order of their cells.

    `means` is the mean score of all rows of each cell, ``(cells,)``, weighted as the cells are. `credit` says
    how far each label's score is trusted: see `tuned`.
    """

    values: Floats
    means: Floats
    credit: Floats


def classical(cells: Cells, hits: Floats) -> Spread:
    """Return the prevalence by the labels alone.

    The stratified mean, which is Horvitz and Thompson's estimate (1952) where every cell is a stratum and
    every row drawn has a label (Cochran 1977, chapter 5). `hits` are ``(..., labels)`` in {0, 1}, in the
    order of `cells`.
    """
    return cells.spread(hits, hits)


def powered(cells: Cells, hits: Floats, scores: Scores) -> Spread:
    """Return the prevalence by the mean score of all rows, put right by how far labels differ from scores.

    Prediction-powered inference (Angelopoulos et al. 2023, Science 382) with power tuning (PPI++, 2023), cell
    by cell (Fisch et al. 2024). As all rows are scored, not a second sample of them, it is the difference
    estimator of survey sampling (Särndal, Swensson and Wretman 1992, section 6.3): scores add no error of
    their own, and however wrong they are it has no bias.
    """
    apart = scores.values - scores.means[..., cells.cell]
    return cells.spread(np.asarray(hits - scores.credit * apart), hits)
