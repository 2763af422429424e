"""Folds of cross-validation in which copies never stand on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from tocsin.example import Example
from tocsin.training.duplicates import components, key
from tocsin.training.near_copies import near_copies

__all__ = ["FOLDS", "clusters", "grouped_folds"]

FOLDS: Final = 5

Places = NDArray[np.int64]


def clusters(examples: Sequence[Example]) -> Places:
    """Return each example's cluster: copies, near-copies, groups and contrast partners share one."""
    keys = [key(example.text) for example in examples]
    return components(examples, keys, list(near_copies(keys)))


def grouped_folds(grouped: Places) -> list[tuple[Places, Places]]:
    """Return, for each of five folds as large as each other, the places to fit on and those to predict.

    `grouped` numbers each row's cluster, of which there must be at least five. Every row is
    predicted once; no cluster is on both sides.
    """
    return list(GroupKFold(FOLDS).split(grouped, groups=grouped))
