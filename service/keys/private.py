"""Files that nobody but their owner may read, from their first byte on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

__all__ = ["give_to_owner_of", "new_private_file", "open_private", "sync_folder"]

_ROOT: Final = 0
_MODE: Final = 0o600


@contextmanager
def new_private_file(path: Path) -> Iterator[BinaryIO]:
    """Yield a new file of mode 0600 to write; it is on the disk when the block ends.

    Raises FileExistsError where anything is there already, a link included.
    """
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE)
    with os.fdopen(opened, "wb") as file:
        give_to_owner_of(path.parent, opened)
        yield file
        file.flush()
        os.fsync(file.fileno())


def open_private(path: Path, flags: int = 0) -> int:
    """Open a file to read and write; one that is missing is made with mode 0600.

    Returns what ``os.open`` does, and raises what it raises.
    """
    flags |= os.O_RDWR | os.O_CLOEXEC
    try:
        return os.open(path, flags)
    except FileNotFoundError:
        pass
    try:
        opened = os.open(path, flags | os.O_CREAT | os.O_EXCL, _MODE)
    except FileExistsError:  # somebody was faster, or it is a link to nothing
        return os.open(path, flags)
    give_to_owner_of(path.parent, opened)
    return opened


def give_to_owner_of(folder: Path, opened: int) -> None:
    """Give an open file to the owner of its folder where root made it: who serves must read it."""
    if os.geteuid() == _ROOT:
        owner = folder.stat()
        os.fchown(opened, owner.st_uid, owner.st_gid)


def sync_folder(folder: Path) -> None:
    """Put a rename, or a new name, on the disk."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
