"""Counts by group that grow with the groups: of rows, of what is flagged, and of where scores end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import InputError
from tocsin.service.audit.sampling.frame import FLAGGING, Batch
from tocsin.service.audit.sampling.values import Values
from tocsin.service.audit.slicing import MOST_VALUES

__all__ = ["Ends", "Groups", "Pieces"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_LEVELS: Final = len(FLAGGING)


@dataclass(slots=True)
class Groups:
    """Count rows by group: ``(groups,)``, and what was flagged of them, ``(groups, policies, levels)``."""

    rows: Ints
    unscorable: Ints
    flagged: Ints

    @classmethod
    def empty(cls, groups: int, policies: int) -> Groups:
        """Return groups without a row."""
        flagged = np.zeros((groups, policies, _LEVELS), np.int64)
        return cls(np.zeros(groups, np.int64), np.zeros(groups, np.int64), flagged)

    def add(self, group: Ints, judged: Bools, flags: Sequence[Bools]) -> None:
        """Add rows, each to its group; `flags` are ``(rows, policies)`` by level."""
        count = len(self.rows)
        self.rows += np.bincount(group, minlength=count)
        self.unscorable += np.bincount(group[~judged], minlength=count)
        for level, flagged in enumerate(flags):
            for policy, of_policy in enumerate(flagged.T):
                self.flagged[:, policy, level] += np.bincount(group[of_policy], minlength=count)

    def grow(self, groups: int) -> None:
        """Make room for more groups."""
        more = groups - len(self.rows)
        if more > 0:
            self.rows = np.append(self.rows, np.zeros(more, np.int64))
            self.unscorable = np.append(self.unscorable, np.zeros(more, np.int64))
            shape = (more, *self.flagged.shape[1:])
            self.flagged = np.concatenate([self.flagged, np.zeros(shape, np.int64)])


@dataclass(slots=True)
class Pieces:
    """Hold what one column cuts the rows into; of a column of too many values nothing but that it is one."""

    values: Values
    groups: Groups
    crowded: bool = False

    def add(self, batch: Batch, column: Any) -> Ints | None:
        """Add rows by their value, and return the numbers of their values; None where it has too many."""
        if self.crowded:
            return None
        try:
            codes = self.values.number(column)
        except InputError:
            if len(self.values.known) <= MOST_VALUES:
                raise
            self.crowded = True
            return None
        self.groups.grow(len(self.values.known))
        self.groups.add(codes, batch.judged, batch.flags)
        return codes


@dataclass(slots=True)
class Ends:
    """Hold of each group, policy and level, ``(groups, policies, levels)``, between which scores it begins.

    `lowest` is the lowest score that it flagged, `highest` the highest that it did not; infinite where it
    flagged none, or all.
    """

    lowest: Floats
    highest: Floats

    @classmethod
    def empty(cls, groups: int, policies: int) -> Ends:
        """Return groups without a score."""
        shape = (groups, policies, _LEVELS)
        return cls(np.full(shape, np.inf), np.full(shape, -np.inf))

    def add(self, group: Ints, scores: Floats, flags: Sequence[Bools]) -> None:
        """Add rows, each to its group; scores that are NaN are none."""
        judged = ~np.isnan(scores)
        for level, flagged in enumerate(flags):
            low, high = np.where(flagged, scores, np.inf), np.where(judged & ~flagged, scores, -np.inf)
            np.minimum.at(self.lowest[:, :, level], group, low)
            np.maximum.at(self.highest[:, :, level], group, high)

    def grow(self, groups: int) -> None:
        """Make room for more groups."""
        more = Ends.empty(max(0, groups - len(self.lowest)), self.lowest.shape[1])
        self.lowest = np.concatenate([self.lowest, more.lowest])
        self.highest = np.concatenate([self.highest, more.highest])
