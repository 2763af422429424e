"""Rows matched by where they stood: inputs that are the same, merged by place in constant memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import InputError
from tocsin.service.audit.diffing.rows import Pairs, Rows
from tocsin.service.audit.diffing.side import Side
from tocsin.service.audit.manifest import InputRecord, Manifest
from tocsin.service.scan.display import cut, reveal

__all__ = ["ByPlace", "Stream", "match_inputs", "merged"]

Ints = NDArray[np.int64]

_SHOWN: Final = 5
_CHARACTERS: Final = 200


def match_inputs(before: Manifest, after: Manifest) -> tuple[tuple[int, int], ...]:
    """Return the number of each input in A and in B, in A's order.

    An input is the same if its place, format, compression, size and stamp are; under which name it was asked
    for does not matter. Raises InputError, with what differs, unless all inputs are the same, read for the
    same column of text.
    """
    numbers = {one.place: number for number, one in enumerate(after.inputs)}
    here = {one.place for one in before.inputs}
    problems = [
        problem
        for one in before.inputs
        if (problem := _problem(one, after.inputs[numbers[one.place]] if one.place in numbers else None))
    ]
    problems += [f"{_named(one)} is in B alone" for one in after.inputs if one.place not in here]
    if before.columns.text != after.columns.text:
        problems.append(f"text was {_told(before.columns.text)}, is {_told(after.columns.text)}")
    if problems:
        more = len(problems) - _SHOWN
        told = "; ".join(problems[:_SHOWN]) + (f"; and {more:,} more" if more > 0 else "")
        raise InputError(
            f"two audits must be of the same inputs to be matched by place: {told};"
            " rows of other files that have the same ids are matched with --by-id"
        )
    return tuple((number, numbers[one.place]) for number, one in enumerate(before.inputs))


def _problem(one: InputRecord, other: InputRecord | None) -> str | None:
    if other is None:
        return f"{_named(one)} is in A alone"
    for key in ("format", "compression", "size", "modified_ns", "etag"):
        was, now = getattr(one, key), getattr(other, key)
        if was != now:
            return f"{_named(one)}: {key} was {_told(was)}, is {_told(now)}"
    return None


def _named(one: InputRecord) -> str:
    return _told(one.name)


def _told(value: object) -> str:
    return reveal(cut(str(value), _CHARACTERS))


@dataclass(frozen=True, slots=True)
class ByPlace:
    """Match the rows of two audits of the same inputs."""

    before: Side
    after: Side

    def pairs(self) -> Iterator[Pairs]:
        """Yield every row once, input by input, in order."""
        for one, other in match_inputs(self.before.audit.manifest, self.after.audit.manifest):
            yield from merged(
                Stream(self.before.audit.layout.scored, self.before.of_input(one)),
                Stream(self.after.audit.layout.scored, self.after.of_input(other)),
            )


class Stream:
    """Hold the next rows of one input, and check that each place comes once, in order."""

    def __init__(self, folder: Path, rows: Iterator[Rows]) -> None:
        self._folder = folder
        self._rows = rows
        self._last = 0
        self.held: Rows | None = None

    def fill(self) -> bool:
        """Have rows at hand, if there are any left."""
        while self.held is None or not len(self.held):
            self.held = next(self._rows, None)
            if self.held is None:
                return False
            self._check(self.held)
        return True

    def up_to(self, place: int) -> Rows | None:
        """Hand out the rows up to a place, and forget them."""
        if self.held is None:
            return None
        count = int(np.searchsorted(self.held.place, place, side="right"))
        found, self.held = self.held.cut(None, count), self.held.cut(count, None)
        return found

    def _check(self, rows: Rows) -> None:
        if len(rows) and (rows.place[0] <= self._last or np.any(np.diff(rows.place) <= 0)):
            raise InputError(
                f"{self._folder}: the rows of an input must come in order, each place once, do not"
            )
        self._last = int(rows.place[-1]) if len(rows) else self._last


def merged(before: Stream, after: Stream) -> Iterator[Pairs]:
    """Yield the rows of one input side by side; holds one batch of each at a time."""
    while before.fill() | after.fill():
        reached = min(int(one.held.place[-1]) for one in (before, after) if one.held is not None)
        one, other = before.up_to(reached), after.up_to(reached)
        if one is None or other is None:
            present = one if other is None else other
            assert present is not None  # noqa: S101 - one of them was filled
            nothing = present.take(np.full(len(present), -1))
            yield Pairs(present, nothing) if other is None else Pairs(nothing, present)
        else:
            places = np.union1d(one.place, other.place)
            yield Pairs(one.take(_found(one.place, places)), other.take(_found(other.place, places)))


def _found(known: Ints, places: Ints) -> Ints:
    """Return where each place is among those known, -1 where it is not."""
    if not len(known):
        return np.full(len(places), -1)
    order = np.minimum(np.searchsorted(known, places), len(known) - 1)
    return np.where(known[order] == places, order, -1)
