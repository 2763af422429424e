"""A sample of what flips: drawn evenly over policies and directions, each flip by a known chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.service.audit.diffing.records import Direction, SampleRecord, StratumRecord
from tocsin.service.audit.diffing.rows import Pairs
from tocsin.service.audit.diffing.states import STATES, Moves, State
from tocsin.service.audit.sampling.allocation import allocate
from tocsin.service.audit.sampling.drawing import Drawing
from tocsin.service.audit.sampling.hashing import row_hashes, shuffled

__all__ = ["Flip", "FlipDrawing"]

Ints = NDArray[np.int64]

_DIRECTIONS: Final[tuple[Direction, ...]] = ("raised", "lowered")
_WIDTH: Final = len(_DIRECTIONS)
_LEVELS: Final = 3
# What a drawing carries of each candidate.
_CARRIED: Final = np.dtype([("id", object), ("before", np.int8), ("after", np.int8)])


@dataclass(frozen=True, slots=True)
class Flip:
    """Hold one row whose level under `policy` is `before` in A and `after` in B.

    It was drawn with `probability`, which is that of its `stratum`. `source` and `place` are those of B.
    """

    id: str
    source: int
    place: int
    policy: str
    before: State
    after: State
    stratum: int
    probability: float


class FlipDrawing:
    """Draw flips in a second pass, once those of each policy and direction are counted.

    A row that flips under two policies counts as two flips; its hash is the same for both, so that they tend
    to be drawn together and its text is read once.
    """

    def __init__(self, policies: Sequence[str], moves: Sequence[Moves], labels: int, seed: int) -> None:
        self._policies, self._asked, self._seed = policies, labels, seed
        self._rows = np.array([count for one in moves for count in (one.raised, one.lowered)], np.int64)
        none = np.zeros(len(self._rows), np.int64)
        self._labels = allocate(labels, np.ones(len(self._rows)), self._rows, none)
        self._drawing = Drawing(self._labels)

    def add(self, pairs: Pairs) -> None:
        """Look at some rows."""
        before, after = pairs.before.states, pairs.after.states
        row, policy = np.nonzero((before != after) & (before < _LEVELS) & (after < _LEVELS))
        was, now = before[row, policy], after[row, policy]
        carried = np.empty(len(row), _CARRIED)
        carried["id"], carried["before"], carried["after"] = pairs.after.ids[row], was, now
        source, place = pairs.after.source[row], pairs.after.place[row]
        stratum = policy * _WIDTH + (now < was)
        self._drawing.add(stratum, row_hashes(self._seed, source, place), source, place, carried)

    def finish(self) -> tuple[Flip, ...]:
        """Return what was drawn, in an order that tells nothing of how; a row's own flips stay together."""
        drawn = self._drawing.finish()
        order = np.lexsort((drawn.stratum, shuffled(self._seed, drawn.source, drawn.place)))
        return tuple(self._flip(drawn.stratum[one], drawn.ids[one], drawn, one) for one in order)

    def record(self) -> SampleRecord:
        """Return how flips were drawn: a line for each policy and direction that has any."""
        return SampleRecord(
            seed=self._seed, asked=self._asked, drawn=int(self._labels.sum()), strata=tuple(self._strata())
        )

    def _strata(self) -> Iterator[StratumRecord]:
        for number, (rows, labels) in enumerate(zip(self._rows.tolist(), self._labels.tolist(), strict=True)):
            if rows:
                yield StratumRecord(
                    policy=self._policies[number // _WIDTH],
                    direction=_DIRECTIONS[number % _WIDTH],
                    rows=rows,
                    labels=labels,
                    probability=labels / rows,
                )

    def _flip(self, stratum: int, carried: Any, drawn: Any, one: int) -> Flip:
        return Flip(
            str(carried["id"]),
            int(drawn.source[one]),
            int(drawn.place[one]),
            self._policies[stratum // _WIDTH],
            STATES[carried["before"]],
            STATES[carried["after"]],
            int(stratum),
            float(self._labels[stratum] / self._rows[stratum]),
        )
