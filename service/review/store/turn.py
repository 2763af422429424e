"""Whose turn it is to write to a file that only one may write to at a time."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tocsin.service.review.errors import StoreAwayError, StoreFullError

__all__ = ["Turn"]

_POLL_S: Final = 0.0005
_OURS_ALONE: Final = 0o600


class Turn:
    """Take turns over a lock file, between threads and between processes.

    SQLite's own waiting sleeps longer each time it finds the database taken, up to a tenth of a second:
    with many writers that alone is most of the slowest answers. The lock ends with its process.
    """

    def __init__(self, path: Path, patience_s: float) -> None:
        self._path = path
        self._patience_s = patience_s

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold the turn; raise StoreAwayError where it does not come in time."""
        lock = self._opened()
        try:
            self._wait(lock)
            yield
        finally:
            os.close(lock)

    def _opened(self) -> int:
        try:
            return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, _OURS_ALONE)
        except OSError as error:
            kind = StoreFullError if error.errno == errno.ENOSPC else StoreAwayError
            raise kind(f"{self._path}: must be writable: {error.strerror}") from None

    def _wait(self, lock: int) -> None:
        until = time.monotonic() + self._patience_s
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise StoreAwayError(
                        f"the database must be free within {self._patience_s:g} s, was locked by another"
                    ) from None
                time.sleep(_POLL_S)
            else:
                return
