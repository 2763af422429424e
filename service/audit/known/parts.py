"""`known/part-….parquet`: of each scored row, what it is a copy of, and which list has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import InputError
from tocsin.service.audit.durable import open_durably
from tocsin.service.audit.known.grouping import Groups
from tocsin.service.audit.known.matching import Matches
from tocsin.service.audit.known.texts import NONE, Texts
from tocsin.service.audit.layout import AuditLayout, PartName
from tocsin.service.scan.arrow import import_arrow

__all__ = ["BY", "KEYS", "KnownRows", "known_rows", "write_part"]

Ints = NDArray[np.int64]

KEYS: Final = ("id", "source", "place")
BY: Final = ("exact", "near")  # how a row is known


@dataclass(frozen=True, slots=True)
class KnownRows:
    """Hold the rows of one scored part as an Arrow table, and ``(rows,)`` what is known of them."""

    part: PartName
    table: Any
    copy: Ints
    near: Ints
    label: Ints
    is_near_only: NDArray[np.bool_]


def known_rows(
    layout: AuditLayout, texts: Texts, groups: Groups, matches: Matches, columns: Sequence[str]
) -> Iterator[KnownRows]:
    """Yield every scored part, in order, with these columns and what is known of its rows.

    Raises InputError where the scored rows are not those that were read again.
    """
    first = 0
    for path in layout.scored_parts():
        table = _read(path, [*KEYS, *columns])
        last = first + len(table)
        text = texts.text[first:last]
        same = len(text) == len(table) and all(
            np.array_equal(table.column(name).to_numpy(), told[first:last])
            for name, told in (("source", texts.source), ("place", texts.place))
        )
        if not same:
            raise _other_rows(layout)
        blank = text == NONE
        part = PartName.of(path)
        assert part is not None  # noqa: S101 - the layout lists parts alone
        yield KnownRows(
            part,
            table,
            groups.copy[first:last],
            groups.near_of(text),
            np.where(blank, NONE, matches.label[text]) if len(matches.label) else text,
            ~blank & matches.near[text] if len(matches.near) else ~blank,
        )
        first = last
    if first != len(texts.text):
        raise _other_rows(layout)


def write_part(layout: AuditLayout, rows: KnownRows, labels: tuple[str, ...] | None) -> None:
    """Write what is known of a part; without lists, which is None, there are no labels."""
    arrow, parquet = import_arrow()
    columns = {name: rows.table.column(name) for name in KEYS}
    columns["copy"] = _numbers(rows.copy)
    columns["near"] = _numbers(rows.near)
    if labels is not None:
        how = np.where(rows.label == NONE, NONE, rows.is_near_only)
        told = np.array([*labels, None], object)[rows.label]
        columns["known"] = arrow.array(told, arrow.string())
        columns["known_by"] = arrow.array(np.array([*BY, None], object)[how], arrow.string())
    with open_durably(layout.known_part(rows.part)) as stream:
        parquet.write_table(arrow.table(columns), stream, compression="zstd")


def _numbers(values: Ints) -> Any:
    arrow, _ = import_arrow()
    return arrow.array(values, arrow.int64(), mask=values == NONE)


def _read(path: Path, columns: Sequence[str]) -> Any:
    arrow, parquet = import_arrow()
    try:
        return parquet.read_table(path, columns=list(columns))
    except (OSError, KeyError, arrow.ArrowException) as error:
        raise InputError(
            f"{path}: must be a part that 'tocsin audit run' wrote: {type(error).__name__}"
        ) from error


def _other_rows(layout: AuditLayout) -> InputError:
    return InputError(f"{layout.scored}: must have the rows that the inputs have, has others")
