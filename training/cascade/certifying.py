"""Which texts certify a clearing rule: one a cluster, so that they are independent of one another."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from tocsin.example import Example
from tocsin.training.folds import clusters

__all__ = ["certifying"]

_SEED = b"tocsin-cascade-1"


def certifying(rows: Sequence[Example], most: int) -> list[Example]:
    """Return at most `most` of the rows, no two of a cluster, in an order and by a choice that stay.

    A hundred versions of one post are one text: a bound that counted them all would promise too much. What a
    machine wrote is left out.
    """
    written = [row for row in rows if not row.synthetic]
    drawn = sorted(range(len(written)), key=lambda place: _drawn(written[place]))
    cluster_of, seen = clusters(written).tolist(), set[int]()
    chosen: list[Example] = []
    for place in drawn:
        if len(chosen) == most:
            break
        if cluster_of[place] not in seen:
            seen.add(cluster_of[place])
            chosen.append(written[place])
    return chosen


def _drawn(row: Example) -> bytes:
    return hashlib.blake2b(row.id.encode("utf-8", "surrogatepass"), key=_SEED, digest_size=8).digest()
