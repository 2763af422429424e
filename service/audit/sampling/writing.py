"""A sample as a file that people fill in: a row each, with an empty label for every policy."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from tocsin.service.audit.durable import write_durably
from tocsin.service.audit.layout import AuditLayout
from tocsin.service.audit.sampling.copies import lines_of
from tocsin.service.audit.sampling.sample import Sampled
from tocsin.service.scan.write_csv import csv_cell

__all__ = ["LABEL", "SampleFormat", "as_csv", "sample_path", "write_sample"]

LABEL: Final = "label_"  # and the policy's name: the columns that people fill in
_MARK: Final = "\ufeff"  # by which spreadsheets know UTF-8


class SampleFormat(StrEnum):
    """Name a format of samples."""

    CSV = "csv"
    JSONL = "jsonl"


def sample_path(layout: AuditLayout, kind: SampleFormat) -> Path:
    """Return the file of a sample."""
    return layout.sample_csv if kind is SampleFormat.CSV else layout.sample_jsonl


def write_sample(
    path: Path,
    sampled: Sampled,
    policies: Sequence[str],
    kind: SampleFormat,
    texts: Mapping[tuple[int, int], str] | None = None,
) -> None:
    """Write a sample, with the texts where there are any; scores are kept from who labels."""
    records = [
        {
            "id": row.id,
            "source": row.source,
            "place": row.place,
            "stratum": row.stratum,
            "probability": row.probability,
            **({} if sampled.design.copies is None else {"copies": copies}),
            **({} if texts is None else {"text": texts[row.source, row.place]}),
            **dict.fromkeys((LABEL + name for name in policies), None),
        }
        for row, copies in lines_of(sampled)
    ]
    write_durably(path, _WRITERS[kind](records).encode())


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a table as spreadsheets read it: UTF-8 that says so, and no cell of it a formula."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(map(csv_cell, columns))
    writer.writerows([csv_cell(value) for value in row] for row in rows)
    return _MARK + stream.getvalue()


def _csv(records: Sequence[Mapping[str, Any]]) -> str:
    return as_csv(list(records[0]), [list(record.values()) for record in records])


def _jsonl(records: Sequence[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


_WRITERS: Final[Mapping[SampleFormat, Callable[[Sequence[Mapping[str, Any]]], str]]] = {
    SampleFormat.CSV: _csv,
    SampleFormat.JSONL: _jsonl,
}
