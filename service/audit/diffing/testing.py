"""Audits to compare that need no model: rows as they are said to be, cut into parts as one likes."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tocsin.service.audit.columns import ColumnRecord, SchemaRecord
from tocsin.service.audit.diffing.side import Audit
from tocsin.service.audit.diffing.states import State
from tocsin.service.audit.layout import AuditLayout, PartName
from tocsin.service.audit.manifest import Counts, write_manifest
from tocsin.service.audit.sampling.testing import level_of, toy_manifest
from tocsin.service.scan.arrow import import_arrow
from tocsin.service.scan.carried import CellKind

__all__ = ["ToyRow", "write_side"]

_NAN: Final = float("nan")


@dataclass(frozen=True, slots=True)
class ToyRow:
    """Hold one row: where it stands, and the score of each policy, NaN for none.

    No scores at all make it unscorable; `rejected` has it rejected.
    """

    source: int
    place: int
    scores: tuple[float, ...] = ()
    town: str | None = None
    rejected: bool = False

    @property
    def id(self) -> str:
        """Return its id."""
        return f"p-{self.source}-{self.place}"

    def state(self, policy: int) -> State:
        """Return what a policy made of it."""
        if self.rejected or not self.scores:
            return State.REJECTED if self.rejected else State.UNSCORABLE
        return State(level_of(self.scores[policy]) or State.UNJUDGED)


def write_side(
    folder: Path,
    rows: Sequence[ToyRow],
    part_rows: int = 1000,
    *,
    policies: tuple[str, ...] = ("soup", "bread"),
    inputs: Sequence[Path] = (),
    **changed: Any,
) -> Audit:
    """Write an audit of rows that are in order, with what is `changed` in its manifest, and return it."""
    layout = AuditLayout(folder)
    layout.scored.mkdir(parents=True)
    layout.rejects.mkdir()
    for source in sorted({row.source for row in rows}):
        own = [row for row in rows if row.source == source]
        for number, start in enumerate(range(0, len(own), part_rows)):
            _write(layout, PartName(source, number), own[start : start + part_rows], policies)
    rejected = sum(row.rejected for row in rows)
    unscorable = sum(not row.scores and not row.rejected for row in rows)
    counts = Counts(
        read=len(rows),
        scored=len(rows) - rejected - unscorable,
        unscorable={"empty": unscorable},
        rejected=rejected,
    )
    town = ColumnRecord(name="town", column="town", kind=CellKind.STRING)
    manifest = toy_manifest(policies, SchemaRecord(slices=(town,)), 0, 0, inputs)
    manifest = manifest.model_copy(update={"counts": counts, **changed})
    write_manifest(layout, manifest)
    return Audit(layout, manifest)


def _write(layout: AuditLayout, part: PartName, rows: Sequence[ToyRow], policies: Sequence[str]) -> None:
    arrow, parquet = import_arrow()
    read = [row for row in rows if not row.rejected]
    columns: dict[str, tuple[Any, Sequence[Any]]] = {
        "id": (arrow.string(), [row.id for row in read]),
        "status": (arrow.string(), ["scored" if row.scores else "unscorable" for row in read]),
        "language": (arrow.string(), ["en" if row.scores else "und" for row in read]),
        "source": (arrow.int32(), [row.source for row in read]),
        "place": (arrow.int64(), [row.place for row in read]),
        "town": (arrow.string(), [row.town for row in read]),
    }
    for number, name in enumerate(policies):
        scores = [row.scores[number] if row.scores else _NAN for row in read]
        told = [None if math.isnan(score) else score for score in scores]
        columns[f"policy_{name}_score"] = (arrow.float64(), told)
        columns[f"policy_{name}_level"] = (arrow.string(), [level_of(score) for score in scores])
    table = {name: arrow.array(values, kind) for name, (kind, values) in columns.items()}
    parquet.write_table(arrow.table(table), layout.scored_part(part))
    rejected = [_reject(row) for row in rows if row.rejected]
    if rejected:
        lines = "".join(json.dumps(one) + "\n" for one in rejected)
        layout.rejects_part(part).write_text(lines, encoding="utf-8")


def _reject(row: ToyRow) -> Mapping[str, Any]:
    return {"source": row.source, "place": row.place, "last_place": row.place, "reason": "a toy"}
