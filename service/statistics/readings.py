"""Who said what of which item, and the patterns that this makes: what agreement is computed from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Patterns", "Readings", "pooled_patterns", "two_way_patterns"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_PAIR: Final = 2


@dataclass(frozen=True, slots=True)
class Readings:
    """Hold ``(readings,)`` labels: of which item, by which rater, and what; all are whole numbers from 0.

    `weight` is what the item counts for, positive and the same in all its readings: one over the probability
    with which it was drawn to be read twice. Raises ValueError where that is broken, or a rater read an item
    twice.
    """

    item: Ints
    rater: Ints
    label: Ints
    weight: Floats

    def __post_init__(self) -> None:
        columns = (self.item, self.rater, self.label, self.weight)
        if len({len(column) for column in columns}) > 1:
            raise ValueError(f"columns must be equally long, had {[len(column) for column in columns]}")
        if len(self.item) and (
            min(column.min() for column in columns[:3]) < 0 or not (self.weight > 0).all()
        ):
            raise ValueError("items, raters and labels must be 0 or more, weights positive")
        if len(np.unique(np.stack([self.item, self.rater]), axis=1).T) < len(self.item):
            raise ValueError("a rater must read an item once, one read it twice")
        if len(self.item) and (_first(self.item, self.weight)[self.item] != self.weight).any():
            raise ValueError("an item must weigh the same in all its readings, one did not")


@dataclass(frozen=True, slots=True)
class Patterns:
    """Hold what items look like: how many of each kind there are, and what each counts for.

    `matrices` are ``(patterns, labels, labels)``: how often an item pairs each label with each. `sizes` are
    readings an item. `prior` are those that two readings can make, `typical` what an item weighs.
    """

    matrices: Floats
    counts: Ints
    weights: Floats
    sizes: Ints
    prior: Floats
    typical: float

    @property
    def worth(self) -> float:
        """Return how many items of equal weight would tell as much (Kish 1965)."""
        whole = float((self.counts * self.weights).sum())
        return whole**2 / float((self.counts * self.weights**2).sum()) if whole else 0.0


def pooled_patterns(readings: Readings) -> Patterns:
    """Return the coincidences of items with two readings or more (Krippendorff 2004), raters being alike.

    An item of m readings has m (m - 1) ordered pairs, each counting 1 / (m - 1).
    """
    told, classes = _labels(readings.label)
    items = int(readings.item.max()) + 1 if len(readings.item) else 0
    counts = np.zeros((items, classes), np.int64)
    np.add.at(counts, (readings.item, told), 1)
    sizes = counts.sum(axis=1)
    kept = sizes >= _PAIR
    weights = _first(readings.item, readings.weight)
    rows, number = np.unique(np.column_stack([counts[kept], weights[kept]]), axis=0, return_counts=True)
    labels = rows[:, :-1]
    size = labels.sum(axis=1)
    matrices = labels[:, :, None] * labels[:, None, :] - labels[:, :, None] * np.eye(classes)
    return Patterns(
        matrices / np.maximum(size - 1, 1)[:, None, None],
        number.astype(np.int64),
        rows[:, -1],
        size.astype(np.int64),
        _pairs(classes, ordered=False),
        _typical(rows[:, -1], number),
    )


def two_way_patterns(readings: Readings) -> Patterns:
    """Return what raters 0 and 1 said of each item that both read, in this order."""
    told, classes = _labels(readings.label)
    items = int(readings.item.max()) + 1 if len(readings.item) else 0
    said = np.full((items, _PAIR), -1, np.int64)
    first = readings.rater < _PAIR
    said[readings.item[first], readings.rater[first]] = told[first]
    kept = (said >= 0).all(axis=1)
    weights = _first(readings.item, readings.weight)
    rows, number = np.unique(np.column_stack([said[kept], weights[kept]]), axis=0, return_counts=True)
    one, other = rows[:, 0].astype(np.int64), rows[:, 1].astype(np.int64)
    matrices = np.zeros((len(rows), classes, classes))
    matrices[np.arange(len(rows)), one, other] = _PAIR
    return Patterns(
        matrices,
        number.astype(np.int64),
        rows[:, -1],
        np.full(len(rows), _PAIR),
        _pairs(classes, ordered=True),
        _typical(rows[:, -1], number),
    )


def _labels(label: Ints) -> tuple[Ints, int]:
    """Return labels without gaps, and how many there are: what nobody said has no part in it."""
    names, told = np.unique(label, return_inverse=True)
    return told.astype(np.int64), len(names)


def _first(item: Ints, weight: Floats) -> Floats:
    """Return the weight of each item, by its number."""
    found = np.ones(int(item.max()) + 1 if len(item) else 0)
    found[item] = weight
    return found


def _pairs(classes: int, *, ordered: bool) -> Floats:
    made = []
    for one in range(classes):
        for other in range(0 if ordered else one, classes):
            pair = np.zeros((classes, classes))
            pair[one, other] += 1
            pair[(one, other) if ordered else (other, one)] += 1
            made.append(pair)
    return np.array(made) if made else np.zeros((0, 0, 0))


def _typical(weights: Floats, counts: Ints) -> float:
    """Return what an item weighs, by weight: heavy ones are what an estimate hangs on."""
    whole = float((weights * counts).sum())
    return float((weights**2 * counts).sum()) / whole if whole else 1.0
