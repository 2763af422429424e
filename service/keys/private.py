"""Files that nobody but their owner may read, from their first byte on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

__all__ = ["give_to_owner_of", "new_private_file"]

_ROOT: Final = 0


@contextmanager
def new_private_file(path: Path) -> Iterator[BinaryIO]:
    """Yield a new file of mode 0600 to write; it is on the disk when the block ends.

    Raises FileExistsError where anything is there already, a link included.
    """
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(opened, "wb") as file:
        give_to_owner_of(path.parent, opened)
        yield file
        file.flush()
        os.fsync(file.fileno())


def give_to_owner_of(folder: Path, opened: int) -> None:
    """Give an open file to the owner of its folder where root made it: who serves must read it."""
    if os.geteuid() == _ROOT:
        owner = folder.stat()
        os.fchown(opened, owner.st_uid, owner.st_gid)
