"""What a policy asks for: signals under `any` (maximum) and `all` (minimum), nested freely."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from tocsin.signals import Signal

__all__ = ["All", "Any", "Expression", "Leaf"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Labels = NDArray[np.int8]
Column = TypeVar("Column", Floats, Flags)


class Expression(Protocol):
    """Answer four questions about a batch; every expression is monotone in every signal.

    Columns hold one value an item: scores with NaN for null; labels 1 for yes, 0 for no, -1 for
    unknown. `known` names the signals that the bundle has in the language at hand.
    """

    def signals(self) -> frozenset[Signal]:
        """Return every signal that the expression names."""
        ...

    def score(self, columns: Mapping[Signal, Floats]) -> Floats:
        """Return the score of each item, NaN where it is null."""
        ...

    def fires(self, columns: Mapping[Signal, Floats], thresholds: Mapping[Signal, float]) -> Flags:
        """Return whether each item reaches the members' own thresholds."""
        ...

    def decide(self, labels: Mapping[Signal, Labels], known: frozenset[Signal]) -> Labels:
        """Return what labelled items are under the whole expression, -1 where that cannot be told."""
        ...


@dataclass(frozen=True, slots=True)
class Leaf:
    """Ask for one signal."""

    signal: Signal

    def signals(self) -> frozenset[Signal]:
        """Return the one signal."""
        return frozenset({self.signal})

    def score(self, columns: Mapping[Signal, Floats]) -> Floats:
        """Return the signal's own score."""
        return columns[self.signal]

    def fires(self, columns: Mapping[Signal, Floats], thresholds: Mapping[Signal, float]) -> Flags:
        """Compare with the signal's own threshold; a null never fires."""
        return np.asarray(columns[self.signal] >= thresholds.get(self.signal, np.inf))

    def decide(self, labels: Mapping[Signal, Labels], known: frozenset[Signal]) -> Labels:  # noqa: ARG002
        """Return the signal's own labels."""
        return labels[self.signal]


@dataclass(frozen=True, slots=True)
class Any:
    """Ask for at least one member; a null member is ignored."""

    members: tuple[Expression, ...]

    def signals(self) -> frozenset[Signal]:
        """Return every signal of every member."""
        return _signals(self.members)

    def score(self, columns: Mapping[Signal, Floats]) -> Floats:
        """Return the maximum of the members that are not null."""
        return _folded(np.fmax, [member.score(columns) for member in self.members])

    def fires(self, columns: Mapping[Signal, Floats], thresholds: Mapping[Signal, float]) -> Flags:
        """Fire where any member does."""
        return _folded(np.logical_or, [member.fires(columns, thresholds) for member in self.members])

    def decide(self, labels: Mapping[Signal, Labels], known: frozenset[Signal]) -> Labels:
        """Return yes where any member is, no where every known member is (Kleene 1938)."""
        judged = [member for member in self.members if member.signals() & known] or list(self.members)
        said = np.stack([member.decide(labels, known) for member in judged])
        return np.where((said == 1).any(0), 1, np.where((said == 0).all(0), 0, -1)).astype(np.int8)


@dataclass(frozen=True, slots=True)
class All:
    """Ask for every member; a null member makes the whole null."""

    members: tuple[Expression, ...]

    def signals(self) -> frozenset[Signal]:
        """Return every signal of every member."""
        return _signals(self.members)

    def score(self, columns: Mapping[Signal, Floats]) -> Floats:
        """Return the minimum of the members, NaN where any is null."""
        return _folded(np.minimum, [member.score(columns) for member in self.members])

    def fires(self, columns: Mapping[Signal, Floats], thresholds: Mapping[Signal, float]) -> Flags:
        """Fire where every member does."""
        return _folded(np.logical_and, [member.fires(columns, thresholds) for member in self.members])

    def decide(self, labels: Mapping[Signal, Labels], known: frozenset[Signal]) -> Labels:
        """Return no where any member is, yes where every member is (Kleene 1938)."""
        said = np.stack([member.decide(labels, known) for member in self.members])
        return np.where((said == 0).any(0), 0, np.where((said == 1).all(0), 1, -1)).astype(np.int8)


def _signals(members: Sequence[Expression]) -> frozenset[Signal]:
    return frozenset[Signal]().union(*(member.signals() for member in members))


def _folded(join: Callable[[Column, Column], Column], columns: list[Column]) -> Column:
    """Join columns two by two."""
    joined = columns[0]
    for column in columns[1:]:
        joined = join(joined, column)
    return joined
