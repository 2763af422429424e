"""Files of corpora as rows, one each: printed, and summed up where some are not right."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import typer

from tocsin.cli.table import print_table
from tocsin.errors import CorpusError

__all__ = ["FileRow", "print_files", "require_all"]

MOST_NAMED: Final = 10


@dataclass(frozen=True, slots=True)
class FileRow:
    """Hold what is said of one file; `bytes` that count are there, `reason` is None where all is well."""

    corpus: str
    file: str
    state: str
    bytes: int
    reason: str | None


def print_files(rows: Sequence[FileRow], folder: Path, *, as_json: bool) -> None:
    """Print rows as a table that ends with the folder they are about, or as a JSON list of objects."""
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in rows]))
    else:
        cells = [["" if value is None else value for value in asdict(row).values()] for row in rows]
        print_table("Files of corpora", list(FileRow.__dataclass_fields__), cells, f"in {folder}")


def require_all(rows: Sequence[FileRow], states: Collection[str], rule: str) -> None:
    """Raise CorpusError where a row's state is none of `states`; it names the first MOST_NAMED files."""
    left = [row for row in rows if row.state not in states]
    if left:
        named = [f"{row.corpus}/{row.file} ({row.state})" for row in left[:MOST_NAMED]]
        more = [f"{len(left) - MOST_NAMED} more"] if len(left) > MOST_NAMED else []
        raise CorpusError(f"{rule}, {len(left)} of {len(rows)} are not: {', '.join(named + more)}")
