"""A file that is not whole yet: grown by one process at a time, renamed when it is right.

Whoever grows it holds a lock on the file itself, so that nothing is left over when a process dies. A
lock outlives a rename and a removal: after waiting for one, look whether the file still has its name.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedRandom
from pathlib import Path
from typing import Final

from tocsin.errors import CorpusError
from tocsin.training.corpora.corpus import CorpusFile
from tocsin.training.fetching.verify import Finding, compare

__all__ = ["Part", "claim_part"]

FLAGS: Final = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
PERMISSIONS: Final = 0o666  # less what the umask takes


class Part:
    """Grow a file that this process has locked."""

    def __init__(self, path: Path, stream: BufferedRandom) -> None:
        self._path = path
        self._stream = stream

    @property
    def size(self) -> int:
        """Return how many bytes are there."""
        return os.fstat(self._stream.fileno()).st_size

    @property
    def in_place(self) -> bool:
        """Say whether the file still has its name: another process may have renamed or removed it."""
        try:
            return os.path.samestat(os.lstat(self._path), os.fstat(self._stream.fileno()))
        except FileNotFoundError:
            return False

    def append(self, chunk: bytes) -> None:
        """Add bytes at the end, out of this process's hands at once: a crash loses nothing."""
        self._stream.write(chunk)
        self._stream.flush()

    def reset(self) -> None:
        """Drop every byte; a part that stays empty is removed when it is let go."""
        self._stream.truncate(0)

    def compare(self, file: CorpusFile) -> Finding:
        """Return how the bytes on disk compare with what is registered."""
        return compare(self._stream, file)

    def settle(self, target: Path) -> None:
        """Give the file its final name, in one step, once its bytes are safe on disk."""
        os.fsync(self._stream.fileno())
        self._path.replace(target)

    def remove_if_empty(self) -> None:
        """Remove a file that holds nothing to resume from."""
        if not self.size and self.in_place:
            self._path.unlink()


@contextmanager
def claim_part(path: Path, on_wait: Callable[[], None]) -> Iterator[Part]:
    """Hand out the file at `path`, made if need be, with whatever an earlier run has left in it.

    Waits while another process has it, and says so by `on_wait`. Raises CorpusError where something
    other than a regular file stands there; a link is never followed.
    """
    while True:
        with _opened(path) as stream:
            _lock(stream, on_wait)
            part = Part(path, stream)
            if part.in_place:
                try:
                    yield part
                finally:
                    part.remove_if_empty()
                return


def _opened(path: Path) -> BufferedRandom:
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise CorpusError(f"{path} must be a regular file, was not: remove it")
    return os.fdopen(os.open(path, FLAGS, PERMISSIONS), "a+b")


def _lock(stream: BufferedRandom, on_wait: Callable[[], None]) -> None:
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        on_wait()
        fcntl.flock(stream, fcntl.LOCK_EX)
