"""Rows that are not independent of each other: they came together, and are drawn together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.example import Example

__all__ = ["clusters"]

_TEMPLATE: Final = "template"

Clusters = NDArray[np.intp]


def clusters(examples: Sequence[Example]) -> Clusters:
    """Return the number of each row's cluster, ``(rows,)``, from 0 and without gaps.

    Rows of one corpus that share a group (an account, a post) or a template are one cluster; so is a row
    with those of its contrast partners that are here. A row with none of them is a cluster of its own.
    """
    firsts: dict[tuple[str, ...], int] = {}
    parents = list(range(len(examples)))
    for place, example in enumerate(examples):
        names: list[tuple[str, ...]] = [("row", identity) for identity in (example.id, *example.partners)]
        if example.group is not None:
            names.append(("group", example.corpus, example.group))
        if _TEMPLATE in example.attributes:
            names.append((_TEMPLATE, example.corpus, example.attributes[_TEMPLATE]))
        for name in names:
            _join(parents, place, firsts.setdefault(name, place))
    roots = [_root(parents, place) for place in range(len(examples))]
    return np.asarray(np.unique(roots, return_inverse=True)[1], np.intp).reshape(len(examples))


def _join(parents: list[int], one: int, other: int) -> None:
    first, second = _root(parents, one), _root(parents, other)
    parents[max(first, second)] = min(first, second)


def _root(parents: list[int], place: int) -> int:
    while parents[place] != place:
        parents[place] = parents[parents[place]]
        place = parents[place]
    return place
