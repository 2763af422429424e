"""Rows that could not be read: said, counted and kept."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Final

from tocsin.errors import InputError
from tocsin.service.scan.display import reveal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tocsin.errors import MalformedRowError

__all__ = ["SHOWN", "Rejections", "open_rejects"]

SHOWN: Final = 20


class Rejections:
    """Say the first rejected rows in full and the number of the rest; write all of them to a file.

    Neither ever holds a text. With `strict`, the first one is raised.
    """

    def __init__(
        self, say: Callable[[str], None], file: BinaryIO | None = None, *, strict: bool = False
    ) -> None:
        self._say = say
        self._file = file
        self._strict = strict
        self._count = 0

    def add(self, row: MalformedRowError) -> None:
        """Report one row."""
        self._count += 1
        self._write(row)
        if self._strict:
            raise row
        if self._count <= SHOWN:
            self._say(f"rejected: {reveal(str(row))}")

    def finish(self) -> None:
        """Say how many rows were rejected beyond those said in full."""
        if self._count > SHOWN:
            self._say(f"rejected: {self._count - SHOWN:,} more rows")

    def _write(self, row: MalformedRowError) -> None:
        if self._file is None:
            return
        last = row.row if row.last_row is None else row.last_row
        record = {"source": row.source, "row": row.row, "last_row": last, "why": row.why}
        self._file.write(json.dumps(record).encode() + b"\n")


@contextmanager
def open_rejects(path: Path | None) -> Iterator[BinaryIO | None]:
    """Hand out the file for rejected rows, which stays whatever becomes of the scan; None for none."""
    if path is None:
        yield None
        return
    try:
        file = path.open("wb")
    except OSError as error:
        raise InputError(f"a file of rejects must be writable, was {path}: {error.strerror}") from error
    with file:
        yield file
