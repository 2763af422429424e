"""Rows of one audit as arrays, and two such rows side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tocsin.service.audit.diffing.states import ABSENT

__all__ = ["UNKNOWN", "Pairing", "Pairs", "Rows"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
States = NDArray[np.int8]
Bools = NDArray[np.bool_]

UNKNOWN = -1  # the number of a slice's value where nobody told one


@dataclass(frozen=True, slots=True)
class Rows:
    """Hold some rows: where each came from, its id, and what every policy made of it.

    `states` are ``(rows, policies)``, numbers of `STATES` or `ABSENT`; `scores` have that shape too, NaN
    where there is none. `codes` are the numbers of each slice's values.
    """

    source: Ints
    place: Ints
    ids: NDArray[Any]
    states: States
    scores: Floats
    codes: Mapping[str, Ints]

    def __len__(self) -> int:
        return len(self.place)

    def take(self, order: Ints) -> Rows:
        """Return the rows at these numbers; -1 stands for a row that is not there."""
        there = order >= 0

        def taken(column: NDArray[Any], nothing: object) -> NDArray[Any]:
            found = np.full((len(order), *column.shape[1:]), nothing, column.dtype)
            found[there] = column[order[there]]
            return found

        return Rows(
            taken(self.source, 0),
            taken(self.place, 0),
            taken(self.ids, None),
            taken(self.states, ABSENT),
            taken(self.scores, np.nan),
            {name: taken(codes, UNKNOWN) for name, codes in self.codes.items()},
        )

    def cut(self, start: int | None, end: int | None) -> Rows:
        """Return the rows from `start` to before `end`."""
        part = slice(start, end)
        return Rows(
            self.source[part],
            self.place[part],
            self.ids[part],
            self.states[part],
            self.scores[part],
            {name: codes[part] for name, codes in self.codes.items()},
        )

    def with_more(self, others: Sequence[Rows]) -> Rows:
        """Return these rows and then others of the same policies and slices."""
        if not others:
            return self
        every = (self, *others)
        return Rows(
            np.concatenate([one.source for one in every]),
            np.concatenate([one.place for one in every]),
            np.concatenate([one.ids for one in every]),
            np.concatenate([one.states for one in every]),
            np.concatenate([one.scores for one in every]),
            {name: np.concatenate([one.codes[name] for one in every]) for name in self.codes},
        )


@dataclass(frozen=True, slots=True)
class Pairs:
    """Hold rows of A and of B that are the same row, one beside the other."""

    before: Rows
    after: Rows

    def __len__(self) -> int:
        return len(self.before)

    @property
    def there(self) -> tuple[Bools, Bools]:
        """Return which rows A has, and which B."""
        return self.before.states[:, 0] != ABSENT, self.after.states[:, 0] != ABSENT

    def codes(self, name: str) -> Ints:
        """Return the number of each row's value of a slice: as B has it, or else as A has it."""
        return np.where(self.after.codes[name] >= 0, self.after.codes[name], self.before.codes[name])


class Pairing(Protocol):
    """Match the rows of two audits, as often as it is asked to."""

    def pairs(self) -> Iterator[Pairs]:
        """Yield every row of both once; a row that only one of them has is absent in the other."""
        ...
