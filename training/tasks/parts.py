"""How a corpus's rows become train, dev and test: as published where they are, else drawn by a seed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import numpy as np

from tocsin.example import Split
from tocsin.training.duplicates import key
from tocsin.training.tasks.task import Parts, Row

__all__ = ["drawn", "official", "official_with_drawn_dev", "official_with_hashed_dev"]

_DEV_SHARE: Final = 0.1  # of train, where no dev part is published
_TRAIN_SHARE, _TEST_SHARE = 0.6, 0.2  # where no part is
_HASHED: Final = 2**32


def official(rows: Sequence[Row], seed: int) -> Parts:  # noqa: ARG001 - there is nothing to draw
    """Return the published parts."""
    return Parts(*(_of(rows, split) for split in (Split.TRAIN, Split.DEV, Split.TEST)))


def official_with_drawn_dev(rows: Sequence[Row], seed: int) -> Parts:
    """Return the published parts, a tenth of train drawn for dev."""
    train = _of(rows, Split.TRAIN)
    order = np.random.default_rng(seed).permutation(len(train)).tolist()
    dev = round(_DEV_SHARE * len(train))
    return Parts(_at(train, order[dev:]), _at(train, order[:dev]), _of(rows, Split.TEST))


def official_with_hashed_dev(rows: Sequence[Row], seed: int) -> Parts:  # noqa: ARG001 - the hash draws
    """Return the published parts, about a tenth of train for dev: the same rows always, copies together."""
    train = _of(rows, Split.TRAIN)
    held = [_place(row.text) < _DEV_SHARE for row in train]
    return Parts(
        [row for row, out in zip(train, held, strict=True) if not out],
        [row for row, out in zip(train, held, strict=True) if out],
        _of(rows, Split.TEST),
    )


def drawn(rows: Sequence[Row], seed: int) -> Parts:
    """Return 60% of the rows for train, 20% for dev and 20% for test, by the seed."""
    order = np.random.default_rng(seed).permutation(len(rows)).tolist()
    first, last = round(_TRAIN_SHARE * len(rows)), round((1 - _TEST_SHARE) * len(rows))
    return Parts(_at(rows, order[:first]), _at(rows, order[first:last]), _at(rows, order[last:]))


def _of(rows: Sequence[Row], split: Split) -> list[Row]:
    return [row for row in rows if row.split is split]


def _at(rows: Sequence[Row], places: Sequence[int]) -> list[Row]:
    return [rows[place] for place in sorted(places)]


def _place(text: str) -> float:
    """Return where a text falls between 0 and 1, its copies at the same place."""
    return int.from_bytes(hashlib.sha256(key(text).encode()).digest()[:4], "big") / _HASHED
