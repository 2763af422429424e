"""What the rows of the largest clusters add up to: levels, places, slices, times; never persons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.assessment import Level
from tocsin.errors import InputError
from tocsin.service.audit.columns import ColumnRecord
from tocsin.service.audit.known.calendar import Calendar
from tocsin.service.audit.known.records import ClusterRecord, ExampleRecord, ValueRecord, ValuesRecord
from tocsin.service.audit.manifest import Manifest
from tocsin.service.audit.sampling.values import Values
from tocsin.service.audit.scoring import UNJUDGED
from tocsin.service.audit.slicing import LEAST_ROWS, is_person
from tocsin.service.scan.arrow import import_arrow
from tocsin.service.scan.display import reveal

__all__ = ["LevelCounts", "Tally"]

Ints = NDArray[np.int64]

_LEVELS: Final = (*(level.value for level in Level), UNJUDGED)


class LevelCounts:
    """Count rows of several groups by policy and level."""

    def __init__(self, policies: tuple[str, ...], groups: int) -> None:
        self._counts = {name: np.zeros((groups, len(_LEVELS)), np.int64) for name in policies}

    @property
    def columns(self) -> list[str]:
        """Return the columns that are counted."""
        return [f"policy_{reveal(name)}_level" for name in self._counts]

    def add(self, table: Any, group: Ints) -> None:
        """Add the rows of an Arrow table, each of its group."""
        for column, counts in zip(self.columns, self._counts.values(), strict=True):
            encoded = table.column(column).combine_chunks().dictionary_encode(null_encoding="encode")
            told = [UNJUDGED if one is None else one for one in encoded.dictionary.to_pylist()]
            codes = np.array([_LEVELS.index(one) for one in told], np.int64)
            np.add.at(counts, (group, codes[encoded.indices.to_numpy(zero_copy_only=False)]), 1)

    def of(self, group: int) -> Mapping[str, Mapping[str, int]]:
        """Return the counts of one group, without what is 0."""
        return {
            name: {
                level: count for level, count in zip(_LEVELS, counts[group].tolist(), strict=True) if count
            }
            for name, counts in self._counts.items()
        }


class _Cut:
    """Count rows of clusters by the values of one column; give up on one with too many."""

    def __init__(self, column: ColumnRecord) -> None:
        self.column = column
        self.is_left_out = is_person(column.name)
        self._values = Values(column.name)
        self._counts: Counter[tuple[int, int]] = Counter()

    def add(self, table: Any, cluster: Ints) -> None:
        """Add rows."""
        if self.is_left_out:
            return
        arrow, _ = import_arrow()
        try:
            codes = self._values.number(
                table.column(self.column.column).cast(arrow.string()).combine_chunks()
            )
        except InputError:
            self.is_left_out = True
            return
        found, counts = np.unique(np.column_stack([cluster, codes]), axis=0, return_counts=True)
        for (number, code), count in zip(found.tolist(), counts.tolist(), strict=True):
            self._counts[number, code] += count

    def record(self, cluster: int) -> ValuesRecord | None:
        """Return the counts of one cluster, None where the column is left out."""
        if self.is_left_out:
            return None
        own = [(code, count) for (number, code), count in self._counts.items() if number == cluster]
        told = [(self._values.known[code], count) for code, count in own if count >= LEAST_ROWS]
        told.sort(key=lambda one: (-one[1], one[0] is None, one[0] or ""))
        rest = [count for _, count in own if count < LEAST_ROWS]
        return ValuesRecord(
            values=tuple(ValueRecord(value=value, rows=count) for value, count in told),
            suppressed=len(rest),
            suppressed_rows=sum(rest),
        )


class Tally:
    """Add up the rows of the clusters that are told: `numbers` are theirs, in the order of telling."""

    def __init__(self, manifest: Manifest, numbers: Ints, labels: tuple[str, ...]) -> None:
        schema, count = manifest.columns, len(numbers)
        self._numbers, self._labels = numbers, labels
        self._sorted = np.argsort(numbers)
        self._levels = LevelCounts(manifest.policy.names, count)
        self._calendar = Calendar(count)
        self._time = schema.time
        self._community = _Cut(schema.community) if schema.community else None
        self._slices = [_Cut(one) for one in schema.slices]
        self._known = np.zeros((count, len(labels)), np.int64)
        self._examples: dict[int, ExampleRecord] = {}

    @property
    def columns(self) -> list[str]:
        """Return the columns of the scored parts that are read."""
        cuts = [cut.column.column for cut in self._cuts if not cut.is_left_out]
        return [*self._levels.columns, *([self._time.column] if self._time else []), *cuts]

    @property
    def left_out(self) -> tuple[str, ...]:
        """Return the columns that are not told."""
        return tuple(cut.column.name for cut in self._cuts if cut.is_left_out)

    @property
    def _cuts(self) -> list[_Cut]:
        return [*([self._community] if self._community else []), *self._slices]

    def add(self, table: Any, near: Ints, label: Ints) -> None:
        """Add the rows of one part: an Arrow table, the cluster of each row, and the label of its list."""
        if not len(self._numbers):
            return
        at = np.searchsorted(self._numbers, near, sorter=self._sorted)
        cluster = self._sorted[np.minimum(at, len(self._numbers) - 1)]
        rows = np.flatnonzero(self._numbers[cluster] == near)
        if not len(rows):
            return
        arrow, _ = import_arrow()
        cluster, taken, label = cluster[rows], table.take(arrow.array(rows)), label[rows]
        self._levels.add(taken, cluster)
        for cut in self._cuts:
            cut.add(taken, cluster)
        if self._time:
            self._add_times(taken.column(self._time.column), cluster)
        np.add.at(self._known, (cluster[label >= 0], label[label >= 0]), 1)
        self._note_examples(taken, cluster)

    def _add_times(self, column: Any, cluster: Ints) -> None:
        arrow, _ = import_arrow()
        known = column.is_valid().to_numpy(zero_copy_only=False)
        times = column.cast(arrow.int64()).fill_null(0).to_numpy()
        self._calendar.add(cluster, times, np.asarray(known, bool))

    def _note_examples(self, table: Any, cluster: Ints) -> None:
        found, rows = np.unique(cluster, return_index=True)
        for number, row in zip(found.tolist(), rows.tolist(), strict=True):
            if number not in self._examples:
                source, place = (table.column(name)[row].as_py() for name in ("source", "place"))
                self._examples[number] = ExampleRecord(
                    id=table.column("id")[row].as_py(), source=source, place=place
                )

    def records(self, rows: Ints, texts: Ints) -> tuple[ClusterRecord, ...]:
        """Return what was added up, with how many rows and texts each cluster has."""
        return tuple(
            ClusterRecord(
                number=int(self._numbers[one]),
                rows=int(rows[one]),
                texts=int(texts[one]),
                example=self._examples[one],
                levels=self._levels.of(one),
                times=self._calendar.record(one),
                community=self._community.record(one) if self._community else None,
                slices={
                    cut.column.name: told for cut in self._slices if (told := cut.record(one)) is not None
                },
                known={
                    label: count
                    for label, count in zip(self._labels, self._known[one].tolist(), strict=True)
                    if count
                },
            )
            for one in range(len(self._numbers))
        )
