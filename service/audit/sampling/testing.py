"""Audits that need no model: scored parts with made-up scores, and the manifest that belongs to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.assessment import Tier
from tocsin.service.audit.columns import ColumnRecord, SchemaRecord
from tocsin.service.audit.layout import AuditLayout, PartName
from tocsin.service.audit.manifest import (
    Counts,
    InputRecord,
    Manifest,
    ModelRecord,
    PolicyRecord,
    SettingsRecord,
    write_manifest,
)
from tocsin.service.scan.arrow import import_arrow
from tocsin.service.scan.carried import CellKind
from tocsin.service.scan.format import Format

__all__ = ["REVIEW_AT", "URGENT_AT", "level_of", "toy_manifest", "write_audit"]

REVIEW_AT: Final = 0.5
URGENT_AT: Final = 0.8
_STARTED: Final = datetime(2031, 5, 17, 9, 0, tzinfo=UTC)
_DIGEST: Final = "sha256:" + "0" * 64


def write_audit(
    folder: Path,
    scores: Mapping[str, NDArray[np.float64]],
    *,
    slices: Mapping[str, Sequence[str | None]] | None = None,
    weights: NDArray[np.float64] | None = None,
    ids: Sequence[str] | None = None,
    inputs: Sequence[Path] = (),
    parts: int = 2,
    first: int = 1,
) -> tuple[AuditLayout, Manifest]:
    """Write an audit of rows with these scores by policy; a row all of whose scores are NaN is unscorable.

    Their places in the one input begin with `first`.
    """
    layout, carried = AuditLayout(folder), dict(slices or {})
    rows = len(next(iter(scores.values())))
    columns = _columns(scores, rows, ids, first)
    columns |= {name: list(values) for name, values in carried.items()}
    if weights is not None:
        columns["views"] = weights
    layout.scored.mkdir(parents=True)
    for number, places in enumerate(np.array_split(np.arange(rows), parts)):
        _write(layout.scored_part(PartName(0, number)), columns, places)
    unscorable = int(sum(status != "scored" for status in columns["status"]))
    schema = SchemaRecord(
        slices=tuple(ColumnRecord(name=name, column=name, kind=CellKind.STRING) for name in carried),
        weight=None if weights is None else ColumnRecord(name="views", column="views", kind=CellKind.NUMBER),
    )
    manifest = toy_manifest(tuple(scores), schema, rows, unscorable, inputs)
    write_manifest(layout, manifest)
    return layout, manifest


def _columns(
    scores: Mapping[str, NDArray[np.float64]], rows: int, ids: Sequence[str] | None, first: int
) -> dict[str, Any]:
    judged = ~np.all([np.isnan(values) for values in scores.values()], axis=0)
    columns: dict[str, Any] = {
        "id": list(ids) if ids is not None else [f"p-{row}" for row in range(1, rows + 1)],
        "status": ["scored" if one else "unscorable" for one in judged],
        "language": ["en" if one else "und" for one in judged],
        "tier": ["screen" if one else None for one in judged],
        "source": np.zeros(rows, np.int32),
        "place": np.arange(first, rows + first),
    }
    for name, values in scores.items():
        columns[f"policy_{name}_score"] = [None if np.isnan(one) else float(one) for one in values]
        columns[f"policy_{name}_level"] = [level_of(one) for one in values]
    return columns


def level_of(score: float) -> str | None:
    """Return the level of a made-up score, None where there is none."""
    if np.isnan(score):
        return None
    return "urgent" if score >= URGENT_AT else "review" if score >= REVIEW_AT else "none"


def _write(path: Path, columns: Mapping[str, Any], places: NDArray[np.int64]) -> None:
    arrow, parquet = import_arrow()
    table = arrow.table({name: arrow.array(values).take(places) for name, values in columns.items()})
    parquet.write_table(table, path)


def toy_manifest(
    policies: tuple[str, ...], schema: SchemaRecord, rows: int, unscorable: int, inputs: Sequence[Path]
) -> Manifest:
    """Return the manifest of a finished audit of so many rows, none of them rejected."""
    return Manifest(
        tocsin="0.1.0",
        model=ModelRecord(name="toy", version="1", digest=_DIGEST),
        policy=PolicyRecord(version="1", digest=_DIGEST, names=policies),
        tier=Tier.SCREEN,
        inputs=tuple(map(_input, inputs or [Path("/soup.csv")])),
        columns=schema,
        settings=SettingsRecord(
            assume_language="en",
            max_characters=1000,
            loss=None,
            check=0.01,
            refit=None,
            spans=False,
            record_bytes=1000,
            expansion=100,
            part_rows=1000,
        ),
        started=_STARTED,
        finished=_STARTED,
        counts=Counts(
            read=rows, scored=rows - unscorable, unscorable={"empty": unscorable} if unscorable else {}
        ),
    )


def _input(path: Path) -> InputRecord:
    told = path.stat() if path.exists() else None
    return InputRecord(
        name=path.name,
        place=str(path),
        format=Format.CSV,
        compression=None,
        size=told.st_size if told else 1,
        modified_ns=told.st_mtime_ns if told else 1,
        etag=None,
    )
