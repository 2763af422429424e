"""The rows that evaluations read: test rows of the corpora that are there, or a file of one's own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from tocsin.cli.data.options import builds_home, data_folder
from tocsin.cli.extras import needs
from tocsin.errors import InputError

if TYPE_CHECKING:
    from tocsin.example import Example, Split

__all__ = ["RowsFileOption", "RowsGiven", "test_rows"]

_LONGEST: Final = 1 << 24

RowsFileOption = Annotated[
    Path | None,
    typer.Option(
        "--rows",
        help="File of labelled rows to measure on instead: csv, tsv, jsonl, parquet.",
    ),
]


@dataclass(frozen=True, slots=True)
class RowsGiven:
    """Hold test rows, the SHA-256 of the files they come from by corpus, and the rows of all splits.

    `splits` is None where the rows are a file of one's own: nothing can be fitted beside them.
    """

    test: Sequence[Example]
    files: Mapping[str, Mapping[str, str]]
    splits: Mapping[Split, Sequence[Example]] | None


def test_rows(data: Path | None, rows: Path | None, tell: Callable[[str], None]) -> RowsGiven:
    """Return the rows of a file, or the test rows of every corpus whose files are all in the folder."""
    from tocsin.example import Split

    if rows is not None:
        if data is not None:
            raise typer.BadParameter("--rows goes without --data: it says which rows there are")
        return RowsGiven(_own(rows), {}, None)
    with needs("train", "reading corpora"):
        from tocsin.training.build import Selection, build
    folder = data_folder(data)
    built = build(Selection(folder, available=True), builds_home(), tell)
    if not built.splits.rows[Split.TEST]:
        raise InputError(f"{folder}: must hold at least one corpus with test rows, had none")
    return RowsGiven(built.splits.rows[Split.TEST], built.files, built.splits.rows)


def _own(path: Path) -> Sequence[Example]:
    """Return the rows of a file: examples as training hands them on, or labelled rows of one's own."""
    from tocsin.example_file import read_examples

    if _holds_examples(path):
        return read_examples(path)
    with needs("train", "reading labelled rows"):
        from tocsin.training.own_rows import read_own_files
    return read_own_files([path])


def _holds_examples(path: Path) -> bool:
    with suppress(OSError, ValueError), path.open("rb") as file:
        first = json.loads(file.readline(_LONGEST))
        return isinstance(first, dict) and isinstance(first.get("labels"), dict)
    return False
