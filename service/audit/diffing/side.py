"""One of the two audits, read as rows: scored ones and rejected ones, in the order of their places."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.assessment import Level
from tocsin.errors import InputError
from tocsin.service.audit.diffing.rows import UNKNOWN, Rows
from tocsin.service.audit.diffing.states import STATES, State
from tocsin.service.audit.layout import AuditLayout, PartName
from tocsin.service.audit.manifest import Manifest, read_manifest
from tocsin.service.audit.sampling.frame import FIELDS, Batch, Frame, frame_of
from tocsin.service.audit.sampling.values import Values
from tocsin.service.audit.slicing import check_slice_names, is_person
from tocsin.service.scan.display import cut, reveal

__all__ = ["Audit", "Side", "open_side", "shared_slices"]

Ints = NDArray[np.int64]

_SHOWN: Final = 60
_NUMBERS: Final[Mapping[State, int]] = {state: number for number, state in enumerate(STATES)}


@dataclass(frozen=True, slots=True)
class Audit:
    """Hold a complete audit."""

    layout: AuditLayout
    manifest: Manifest

    @property
    def columns(self) -> tuple[str, ...]:
        """Return what rows can be told apart by."""
        return tuple(dict.fromkeys((*(one.name for one in self.manifest.columns.slices), *FIELDS)))


def open_side(folder: Path) -> Audit:
    """Return the audit in a folder; raise InputError where there is none, or it is not complete."""
    layout = AuditLayout(folder)
    return Audit(layout, read_manifest(layout))


def shared_slices(before: Audit, after: Audit, asked: Sequence[str] | None = None) -> tuple[str, ...]:
    """Return the columns to cut by: those asked for, else all that either carried, and the language.

    Raises InputError where neither has a column of that name, and where it is a person's by its name.
    """
    known = tuple(dict.fromkeys((*before.columns, *after.columns)))
    if asked is None:
        carried = [one.name for audit in (before, after) for one in audit.manifest.columns.slices]
        return tuple(name for name in dict.fromkeys((*carried, "language")) if not is_person(name))
    for name in asked:
        if name not in known:
            raise InputError(
                f"a slice must be one that either audit carried, was {reveal(cut(name, _SHOWN))!r};"
                f" they have {', '.join(map(reveal, known))}"
            )
    check_slice_names(asked)
    return tuple(dict.fromkeys(asked))


@dataclass(frozen=True, slots=True)
class Side:
    """Read an audit's rows as `policies` judged them; `values` number those of each slice, for both sides.

    `parts` are the files of each input, in order.
    """

    audit: Audit
    policies: tuple[str, ...]
    values: Mapping[str, Values]
    frame: Frame
    parts: Mapping[int, Sequence[Path]]

    @classmethod
    def of(cls, audit: Audit, policies: tuple[str, ...], values: Mapping[str, Values]) -> Side:
        """Return the side of an audit, having looked once which parts there are."""
        mine = [name for name in values if name in audit.columns]
        frame = frame_of(audit.layout, audit.manifest, mine)
        parts: dict[int, list[Path]] = {}
        for path in frame.parts:
            parts.setdefault(_part(path).source, []).append(path)
        return cls(audit, policies, values, replace(frame, policies=policies, weight=None), parts)

    def scored(self) -> Iterator[Rows]:
        """Yield every scored or unscorable row; raise InputError where a part cannot be read."""
        for path in self.frame.parts:
            yield from self._scored(path)

    def of_input(self, source: int) -> Iterator[Rows]:
        """Yield every row of one input, in order; raise InputError where a part cannot be read."""
        for path in self.parts.get(source, ()):
            yield from self._woven(_part(path), path)

    def _woven(self, part: PartName, path: Path) -> Iterator[Rows]:
        rejected = self._rejected(part)
        for rows in self._scored(path):
            earlier = int(np.searchsorted(rejected, rows.place[-1]))
            if earlier:
                both = rows.with_more([self._rejects(part.source, rejected[:earlier])])
                yield both.take(np.argsort(both.place, kind="stable"))
            else:
                yield rows
            rejected = rejected[earlier:]
        if len(rejected):
            yield self._rejects(part.source, rejected)

    def _scored(self, path: Path) -> Iterator[Rows]:
        for batch in replace(self.frame, parts=(path,)).batches():
            if len(batch):
                yield self._rows(batch)

    def _rows(self, batch: Batch) -> Rows:
        review, urgent = (batch.levels[level] for level in (Level.REVIEW, Level.URGENT))
        states = (review.astype(np.int8) + urgent).astype(np.int8)  # what is urgent is flagged at both
        states[np.isnan(batch.scores)] = _NUMBERS[State.UNJUDGED]
        states[~batch.judged] = _NUMBERS[State.UNSCORABLE]
        unknown = np.full(len(batch), UNKNOWN, np.int64)
        codes = {
            name: values.number(batch.slices[name]) if name in batch.slices else unknown
            for name, values in self.values.items()
        }
        ids = batch.ids.to_numpy(zero_copy_only=False)
        return Rows(batch.source, batch.place, ids, states, batch.scores, codes)

    def _rejects(self, source: int, places: Ints) -> Rows:
        shape = (len(places), len(self.policies))
        return Rows(
            np.full(len(places), source, np.int64),
            places,
            np.full(len(places), None, object),
            np.full(shape, _NUMBERS[State.REJECTED], np.int8),
            np.full(shape, np.nan),
            {name: np.full(len(places), UNKNOWN, np.int64) for name in self.values},
        )

    def _rejected(self, part: PartName) -> Ints:
        """Return the places of a part's rejected rows."""
        path = self.audit.layout.rejects_part(part)
        if not path.exists():
            return np.zeros(0, np.int64)
        try:
            with path.open("rb") as stream:
                return np.array([json.loads(line)["place"] for line in stream], np.int64)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise InputError(
                f"{path}: must be rejected rows that 'tocsin audit run' wrote: {type(error).__name__}"
            ) from error


def _part(path: Path) -> PartName:
    part = PartName.of(path)
    if part is None:
        raise InputError(f"{path}: must be a part that 'tocsin audit run' wrote")
    return part
