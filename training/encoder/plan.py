"""Which rows are drawn when: corpora evened out, rows of like length together, the same for one seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["draws", "steps"]

_BUCKET: Final = 40  # steps' worth of rows that are sorted by length before they are cut into steps

Ints = NDArray[np.int64]


def draws(corpora: Sequence[str], epochs: float, temperature: float, seed: int) -> Ints:
    """Return the places of the rows to learn from, in order: ``epochs * len(corpora)`` draws.

    A corpus of n rows gets draws in proportion to ``n ** temperature``. Each of its rows is drawn as often as
    any other of them, give or take once, and none twice before all were drawn once.
    """
    names = np.array(corpora)
    found, sizes = np.unique(names, return_counts=True)
    shares = sizes.astype(np.float64) ** temperature
    wanted = np.rint(epochs * len(names) * shares / shares.sum()).astype(np.int64)
    rng = np.random.default_rng(seed)
    queues = [
        _queue(np.flatnonzero(names == name), int(count), rng)
        for name, count in zip(found.tolist(), wanted.tolist(), strict=True)
    ]
    when = [(np.arange(len(queue)) + rng.random(len(queue))) / max(len(queue), 1) for queue in queues]
    order = np.argsort(np.concatenate(when), kind="stable")  # every corpus all the way through
    return np.concatenate(queues)[order]


def steps(drawn: Ints, lengths: Ints, rows_a_step: int, seed: int) -> Iterator[list[int]]:
    """Yield the places *within* `drawn` of the rows of each step, those of like length together.

    Rows move within stretches of some forty steps only, so that the order of `drawn` holds on the whole.
    """
    rng = np.random.default_rng(seed + 1)
    stretch = _BUCKET * rows_a_step
    for first in range(0, len(drawn), stretch):
        places = np.arange(first, min(first + stretch, len(drawn)))
        places = places[np.argsort(lengths[drawn[places]], kind="stable")]
        cut = [places[at : at + rows_a_step] for at in range(0, len(places), rows_a_step)]
        for at in rng.permutation(len(cut)).tolist():
            yield cut[at].tolist()


def _queue(places: Ints, count: int, rng: np.random.Generator) -> Ints:
    rounds = [rng.permutation(places) for _ in range(-(-count // len(places)))]
    return np.concatenate([*rounds, places[:0]])[:count]
