"""One input of a scan: where it comes from and how it is laid out."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from tocsin.errors import InputError
from tocsin.service.scan.format import Compression, Format, format_of, split_compression

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["STDIN", "Elsewhere", "Input", "inputs_from"]

STDIN: Final = "-"


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Open an input that is no file of this machine, of so many bytes; errors of `open` are OSErrors."""

    size: int
    open: Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True)
class Input:
    """Name one input; `several` says that there are others.

    `path` is None for standard input, and where the input lies `elsewhere`.
    """

    name: str
    path: Path | None
    format: Format
    compression: Compression | None = None
    several: bool = False
    elsewhere: Elsewhere | None = None

    @property
    def size(self) -> int | None:
        """Return the bytes on disk, None where they cannot be known beforehand."""
        if self.elsewhere is not None:
            return self.elsewhere.size
        return self.path.stat().st_size if self.path is not None and self.path.is_file() else None

    def row_id(self, row: int) -> str:
        """Return the id of a row that brings none of its own."""
        return f"{self.name}:{row}" if self.several else str(row)


def inputs_from(arguments: Sequence[str], layout: Format | None = None) -> tuple[Input, ...]:
    """Return the inputs that the arguments name, standard input where there are none.

    Raises InputError for a file that does not exist, a name whose format is unknown, and for
    Parquet where it cannot be read: from a pipe, or compressed as a whole.
    """
    names = list(arguments) or [STDIN]
    if names.count(STDIN) > 1:
        raise InputError(f"standard input can be read only once, was named {names.count(STDIN)} times")
    return tuple(_input(name, layout, several=len(names) > 1) for name in names)


def _input(argument: str, layout: Format | None, *, several: bool) -> Input:
    if argument == STDIN:
        return _checked(Input("<stdin>", None, layout or Format.TXT, several=several))
    # A name that is not UTF-8 must still be printable: it becomes part of ids.
    name = os.fsencode(argument).decode("utf-8", "backslashreplace")
    path = Path(argument)
    if not path.exists() or path.is_dir():
        raise InputError(f"an input must be a file that exists, was {name}")
    return _checked(Input(name, path, layout or format_of(name), split_compression(name)[1], several=several))


def _checked(source: Input) -> Input:
    if source.format is Format.PARQUET and (source.path is None or not source.path.is_file()):
        raise InputError(f"{source.name}: Parquet must be read from a file, was a pipe")
    if source.format is Format.PARQUET and source.compression is not None:
        raise InputError(f"{source.name}: Parquet packs itself and must not be compressed as a whole")
    return source
