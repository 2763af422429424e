"""Rows told which stratum they are of: the same when a sample is drawn and when it is estimated from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.service.audit.sampling.boundaries import EDGES, bins_of
from tocsin.service.audit.sampling.density import Density
from tocsin.service.audit.sampling.design import DesignRecord, GroupKind
from tocsin.service.audit.sampling.frame import Batch
from tocsin.service.audit.sampling.values import Values

__all__ = ["BINS", "Groups", "Strata", "density_of"]

Ints = NDArray[np.int64]

BINS: Final = len(EDGES) + 1


@dataclass(frozen=True, slots=True)
class Groups:
    """Say which group a row is of: what was not judged, what was flagged, that of its value, or the rest.

    `numbers` has the values that are groups of their own.
    """

    by: str | None
    numbers: Mapping[str | None, int]
    rest: int
    flagged: int
    unjudged: int

    def of(self, batch: Batch, values: Values) -> Ints:
        """Return the group of each row."""
        if self.by is None:
            found = np.full(len(batch), self.rest)
        else:
            codes = values.number(batch.slices[self.by])
            table = np.array([self.numbers.get(value, self.rest) for value in values.known], np.int64)
            found = table[codes]
        # What reaches the lowest level is flagged, for the level above is flagged too.
        found = np.where(batch.flags[0].any(axis=1), self.flagged, found)
        return np.where(batch.judged, found, self.unjudged)


@dataclass(frozen=True, slots=True)
class Strata:
    """Place rows by group and density: `starts` is where each stratum begins, one group after another."""

    groups: Groups
    density: Density
    starts: Ints

    @classmethod
    def of(cls, design: DesignRecord) -> Strata:
        """Return the strata of a design."""
        starts = [
            number * BINS + one.bin for number, group in enumerate(design.groups) for one in group.strata
        ]
        return cls(groups_of(design), density_of(design), np.array(starts, np.int64))

    def place(self, batch: Batch, values: Values) -> Ints:
        """Return the number of each row's stratum."""
        bins = bins_of(self.density.of(batch.scores, batch.flags, batch.weights))
        keys = self.groups.of(batch, values) * BINS + bins
        return np.asarray(np.searchsorted(self.starts, keys, side="right") - 1, np.int64)


def density_of(design: DesignRecord) -> Density:
    """Return the density that a design was drawn by."""
    flags = zip(*(policy.flags for policy in design.policies), strict=True)
    return Density(
        design.even,
        design.weighted,
        design.flagged,
        tuple(policy.spread for policy in design.policies),
        tuple(tuple(count / design.rows for count in level) for level in flags),
        design.weight.mean if design.weight else 0.0,
    )


def groups_of(design: DesignRecord) -> Groups:
    """Return the groups of a design."""
    nowhere = len(design.groups)  # no row is of it, or the design is another audit's
    places = {group.kind: number for number, group in enumerate(design.groups)}
    return Groups(
        design.by,
        {group.value: number for number, group in enumerate(design.groups) if group.kind is GroupKind.VALUE},
        places.get(GroupKind.REST, nowhere),
        places.get(GroupKind.FLAGGED, nowhere),
        places.get(GroupKind.UNJUDGED, nowhere),
    )
