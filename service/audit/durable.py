"""Files that are there whole or not at all, whatever happens to the process or the machine."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Final

from tocsin.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["TEMPORARY", "open_durably", "remove_temporary", "sync_folder", "write_durably"]

TEMPORARY: Final = ".*.part"


@contextmanager
def open_durably(path: Path) -> Iterator[BinaryIO]:
    """Hand out a file beside `path` that takes its name once all of it is on the disk.

    On failure it is removed; a process that is killed leaves it behind, under a name of `TEMPORARY`. Raises
    InputError, naming the file, where it cannot be written.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise InputError(f"{path}: must be writable to its end: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)


def write_durably(path: Path, content: bytes) -> None:
    """Write a whole file."""
    with open_durably(path) as stream:
        stream.write(content)


def remove_temporary(folder: Path) -> None:
    """Remove what killed processes left behind."""
    for path in folder.glob(TEMPORARY):
        path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk, where the system can: a new name is lost without it."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
