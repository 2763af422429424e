"""Copies within a sample: labelled once, by the row that stands for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import InputError
from tocsin.service.audit.known.records import read_known
from tocsin.service.audit.layout import AuditLayout
from tocsin.service.audit.sampling.design import CopiesRecord, CopyRecord, DesignRecord
from tocsin.service.audit.sampling.designing import audit_digest
from tocsin.service.audit.sampling.sample import Sampled, SampledRow
from tocsin.service.scan.arrow import import_arrow

__all__ = ["copies_of", "lines_of", "pairs_of"]

Ints = NDArray[np.int64]

_ALONE: Final = -1
_PLACES: Final = 40  # bits


def copies_of(layout: AuditLayout, sampled: Sampled, *, near: bool = False) -> Sampled:
    """Return the sample with each text once: rows that are copies of one of it take its label.

    They are if they are exact copies, or near ones where `near` says so. The one that stands for the others
    is the first of them in the audit, wherever it comes in the sample: so a sample that is labelled in part
    has each text with the same probability, however often it was drawn. Raises InputError where what is known
    of copies is of another audit, or lacks a row.
    """
    if read_known(layout).audit != audit_digest(layout):
        raise InputError(
            f"{layout.known_record}: must be of this audit, is of an earlier run: run 'tocsin audit known'"
            " again, or give --each"
        )
    rows = sorted(sampled.rows, key=lambda row: (row.source, row.place))
    first: dict[tuple[int, int], SampledRow] = {}
    found = []
    for row, group in zip(rows, _groups(layout, rows, near=near), strict=True):
        one = first.setdefault(group, row) if group != (_ALONE, _ALONE) else row
        if one is not row:
            found.append(CopyRecord(source=row.source, place=row.place, of=(one.source, one.place)))
    design = sampled.design.model_copy(update={"copies": CopiesRecord(near=near, rows=tuple(found))})
    return replace(sampled, design=design)


def lines_of(sampled: Sampled) -> Iterator[tuple[SampledRow, int]]:
    """Yield each row that is labelled, and how many rows of the sample take its label: itself among them."""
    copies = sampled.design.copies.rows if sampled.design.copies else ()
    counts: dict[tuple[int, int], int] = {}
    for one in copies:
        counts[one.of] = counts.get(one.of, 1) + 1
    hidden = {(one.source, one.place) for one in copies}
    for row in sampled.rows:
        if (row.source, row.place) not in hidden:
            yield row, counts.get((row.source, row.place), 1)


def pairs_of(design: DesignRecord, source: Ints, place: Ints) -> Ints:
    """Return ``(copies, 2)`` numbers of rows: one that is no line of its own, and the one that stands for it.

    Rows are numbered in the order of `source` and `place`; of rows that are not there, nothing is said.
    """
    copies = design.copies.rows if design.copies else ()
    numbers = {key: number for number, key in enumerate(zip(source.tolist(), place.tolist(), strict=True))}
    told = [((one.source, one.place), one.of) for one in copies]
    found = [(numbers[one], numbers[of]) for one, of in told if one in numbers and of in numbers]
    return np.array(found, np.int64).reshape(-1, 2)


def _groups(layout: AuditLayout, rows: list[SampledRow], *, near: bool) -> list[tuple[int, int]]:
    """Return for each row, in order, the numbers of its near and its exact copies; not both of them count."""
    wanted = np.array([(row.source << _PLACES) + row.place for row in rows], np.int64)
    kept = [_among(layout, wanted)] if rows else []
    keys, copy, cluster = np.concatenate(kept, axis=1) if kept else np.zeros((3, 0), np.int64)
    if not np.array_equal(keys, wanted):
        raise InputError(
            f"{layout.known}: must have every row of the sample, has not: run 'tocsin audit known' again"
        )
    if not near:
        return [(_ALONE, one) for one in copy.tolist()]
    told = zip(cluster.tolist(), copy.tolist(), strict=True)
    return [(many, _ALONE) if many != _ALONE else (many, one) for many, one in told]


def _among(layout: AuditLayout, wanted: Ints) -> Ints:
    """Return keys, copies and clusters of the rows that are wanted, ``(3, rows)``, by key."""
    arrow, parquet = import_arrow()
    kept = [np.zeros((3, 0), np.int64)]
    for path in layout.known_parts():
        try:
            table = parquet.read_table(path, columns=["source", "place", "copy", "near"])
        except (OSError, KeyError, arrow.ArrowException) as error:
            raise InputError(
                f"{path}: must be a part that 'tocsin audit known' wrote: {type(error).__name__}"
            ) from error
        source, place = (table.column(name).to_numpy().astype(np.int64) for name in ("source", "place"))
        keys = (source << _PLACES) + place
        rows = np.isin(keys, wanted)
        numbers = (table.column(name).fill_null(_ALONE).to_numpy() for name in ("copy", "near"))
        kept.append(np.stack([keys, *numbers])[:, rows])
    found = np.concatenate(kept, axis=1)
    return found[:, np.argsort(found[0])]
