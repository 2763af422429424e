"""The scored parts of an audit, read as arrays: only the columns that are asked for, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.assessment import Level, Status
from tocsin.errors import InputError
from tocsin.service.audit.layout import AuditLayout
from tocsin.service.audit.manifest import Manifest
from tocsin.service.audit.slicing import check_slice_names
from tocsin.service.scan.arrow import import_arrow, import_compute
from tocsin.service.scan.display import cut, reveal

__all__ = ["FIELDS", "FLAGGING", "Batch", "Frame", "frame_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FLAGGING: Final = (Level.REVIEW, Level.URGENT)
FIELDS: Final = ("language", "tier", "status")  # of an assessment, by which an audit can be cut too
_ROWS: Final = 65_536
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Batch:
    """Hold some rows: where each came from, whether it was judged, and what of it was asked for.

    `scores` are ``(rows, policies)``, NaN where there is none; `levels` say of each level which policies
    flagged a row at it or above. `slices` has Arrow's string columns. `weights` of unknown weight are 0.
    `times` is Arrow's column of time stamps, None where none was asked for.
    """

    source: Ints
    place: Ints
    judged: Bools
    scores: Floats
    levels: Mapping[Level, Bools]
    weights: Floats | None
    slices: Mapping[str, Any]
    ids: Any
    times: Any = None

    @property
    def flags(self) -> tuple[Bools, ...]:
        """Return the levels in the order of `FLAGGING`."""
        return tuple(self.levels[level] for level in FLAGGING)

    def __len__(self) -> int:
        return len(self.source)


@dataclass(frozen=True, slots=True)
class Frame:
    """Know which columns of which parts are read; `slices` are by the name that people know them by."""

    parts: tuple[Path, ...]
    policies: tuple[str, ...]
    weight: str | None
    slices: Mapping[str, str]
    time: str | None = None

    def batches(self) -> Iterator[Batch]:
        """Yield every row of every part, in order; raise InputError where a part cannot be read."""
        arrow, parquet = import_arrow()
        for path in self.parts:
            try:
                with parquet.ParquetFile(path) as file:
                    for batch in file.iter_batches(_ROWS, columns=self._columns()):
                        yield self._batch(batch)
            except (OSError, KeyError, arrow.ArrowException) as error:
                raise InputError(
                    f"{path}: must be a part that 'tocsin audit run' wrote: {type(error).__name__}"
                ) from error

    def _columns(self) -> list[str]:
        policies = [_column(name, key) for name in self.policies for key in ("score", "level")]
        weight = [self.weight] if self.weight else []
        time = [self.time] if self.time else []
        every = ["id", "status", "source", "place", *policies, *weight, *self.slices.values(), *time]
        return list(dict.fromkeys(every))

    def _batch(self, batch: Any) -> Batch:
        levels = [_levels(batch.column(_column(name, "level"))) for name in self.policies]
        return Batch(
            source=_numbers(batch.column("source")).astype(np.int64),
            place=_numbers(batch.column("place")).astype(np.int64),
            judged=_equal(batch.column("status"), (Status.SCORED.value,)),
            scores=np.column_stack(
                [_numbers(batch.column(_column(name, "score"))) for name in self.policies]
            ),
            levels={level: np.column_stack([one[level] for one in levels]) for level in _FLAGGED},
            weights=np.nan_to_num(_numbers(batch.column(self.weight))) if self.weight else None,
            slices={name: _strings(batch.column(column)) for name, column in self.slices.items()},
            ids=batch.column("id"),
            times=batch.column(self.time) if self.time else None,
        )


def frame_of(layout: AuditLayout, manifest: Manifest, slices: Sequence[str]) -> Frame:
    """Return the frame of an audit, cut by these columns; raise InputError where it has none of that name.

    Slices are columns that were carried as such, or `FIELDS`.
    """
    carried = {one.name: one.column for one in manifest.columns.slices}
    known = carried | {name: name for name in FIELDS if name not in carried}
    for name in slices:
        if name not in known:
            raise InputError(
                f"a slice must be one that the audit carried, was {reveal(cut(name, _SHOWN))!r};"
                f" it has {', '.join(map(reveal, known))}"
            )
    check_slice_names(slices)
    weight = manifest.columns.weight
    return Frame(
        tuple(layout.scored_parts()),
        manifest.policy.names,
        weight.column if weight else None,
        {name: known[name] for name in slices},
    )


_FLAGGED: Final[Mapping[Level, tuple[str, ...]]] = {
    level: tuple(one.value for one in FLAGGING[place:]) for place, level in enumerate(FLAGGING)
}


def _column(policy: str, key: str) -> str:
    return f"policy_{reveal(policy)}_{key}"


def _levels(column: Any) -> Mapping[Level, Bools]:
    return {level: _equal(column, names) for level, names in _FLAGGED.items()}


def _equal(column: Any, names: tuple[str, ...]) -> Bools:
    arrow, _ = import_arrow()
    found = import_compute().is_in(column, value_set=arrow.array(names, column.type))
    return np.asarray(found.to_numpy(zero_copy_only=False), bool)


def _numbers(column: Any) -> NDArray[Any]:
    return np.asarray(column.to_numpy(zero_copy_only=False))


def _strings(column: Any) -> Any:
    arrow, _ = import_arrow()
    return column.cast(arrow.string())
