"""A labelled sample cut into cells: within each, labels count as if drawn at random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.service.statistics.spread import Spread, Step

__all__ = ["LEAST", "Cells", "cut"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST: Final = 20  # labels that a cell should have: with fewer, its skewness is hardly known
_ENOUGH: Final = 2
_LEAST_LEFT: Final = 0.05  # of a cell's weight, beside one label that has nearly all of it


@dataclass(frozen=True, slots=True)
class Cells:
    """Hold ``(labels,)`` labels in the order of their cells, and what each counts for.

    `order` puts labels as they came into this order. `starts` is where each cell begins; `weights` add up to
    the share that a cell has of the whole; `sampled` is how many of a cell's rows have a label, from 0 to 1.
    """

    order: Ints
    starts: Ints
    cell: Ints
    weights: Floats
    sampled: Floats

    @property
    def labels(self) -> Ints:
        """Return how many labels each cell has."""
        return np.diff(self.starts, append=len(self.order))

    def totals(self, values: Floats) -> Floats:
        """Return the sum in each cell of ``(..., labels)`` values, ``(..., cells)``."""
        return np.asarray(np.add.reduceat(values, self.starts, axis=-1))

    def shares(self) -> Floats:
        """Return what share of the whole each cell is."""
        return self.totals(self.weights)

    def means(self, values: Floats) -> Floats:
        """Return the weighted mean in each cell."""
        return np.asarray(self.totals(self.weights * values) / self.shares())

    def spread(self, values: Floats, hits: Floats) -> Spread:
        """Return the weighted sum of ``(..., labels)`` values with the moments of its error.

        The stratified mean with its variance (Cochran 1977, Sampling Techniques, chapter 5), and the third
        moment in the same way: of a mean of `n` out of `N` drawn at random that is
        ``K3 (1 - f) (1 - 2 f) / n²`` with ``f = n / N`` and Fisher's third k-statistic of the population.
        Where labels of a cell differ in weight, its mean is a ratio, and what each label does to it is what
        leaving that label out would change: the jackknife, which for equal weights comes to the same. `hits`
        in {0, 1} say in which cells one more hit or miss would be news.
        """
        count, rest = self.labels, 1 - self.sampled
        others = np.maximum(1 - self.weights / self.shares()[self.cell], _LEAST_LEFT)
        moved = self.weights * (values - self.means(values)[..., self.cell]) / others
        part = np.maximum(count - 1, 1) / count
        second = self.totals(moved**2) * rest * part
        third = self.totals(moved**3) * rest * (1 - 2 * self.sampled)
        third = third * part**2 * count / np.maximum(count - 2, 1)
        rates = self.means(hits)
        return Spread(
            (self.weights * values).sum(axis=-1),
            second.sum(axis=-1),
            third.sum(axis=-1),
            self._step(1 - rates),
            self._step(rates),
        )

    def _step(self, news: Floats) -> Step:
        """Return the label that would move the sum most."""
        weights = self.means(self.weights) * (1 - self.sampled)
        most = np.argmax(weights * news, axis=-1)
        return Step(weights[most], np.take_along_axis(news, most[..., None], axis=-1)[..., 0])


def cut(cell: Ints, weights: Floats, rows: Ints, sizes: Floats) -> tuple[Cells, Ints] | None:
    """Cut labels into cells, and say for each cell that was given which one it became.

    `cell` and `weights` are ``(labels,)``: from which cell a label came, and what it counts for there.
    `rows` and `sizes` are ``(cells,)``: how many rows a cell has, and how much of the whole it is. A cell
    with fewer than 20 labels is joined with the one after it, the last with the one before: neighbours should
    be alike. None where there are fewer than two labels in all.
    """
    if len(cell) < _ENOUGH:
        return None
    joined = _joined(np.bincount(cell, minlength=len(rows)))
    groups = joined[cell]
    order = np.argsort(groups, kind="stable")
    groups = groups[order]
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    size, held = _sums(joined, sizes), np.bincount(groups, weights[order])
    share = (size / size.sum() / held)[groups]
    sampled = np.diff(starts, append=len(order)) / _sums(joined, rows)
    return Cells(order, starts, groups, weights[order] * share, np.minimum(sampled, 1.0)), joined


def _joined(labels: Ints) -> Ints:
    """Return the number of each cell's group, from 0 and without gaps."""
    found, group, held = np.zeros(len(labels), np.int64), 0, 0
    for place, count in enumerate(labels):
        if held >= LEAST and count:
            group, held = group + 1, 0
        found[place] = group
        held += count
    if 0 < held < LEAST and group:
        found[found == group] = group - 1
    return found


def _sums(joined: Ints, values: NDArray[np.generic]) -> Floats:
    return np.asarray(np.bincount(joined, np.asarray(values, np.float64)), np.float64)
