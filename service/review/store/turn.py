"""Whose turn it is to write to a file that only one may write to at a time."""

from __future__ import annotations

import fcntl
import os
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Lock, Thread

from tocsin.service.keys.private import open_private
from tocsin.service.review.errors import StoreAwayError

__all__ = ["Turn"]


class Turn:
    """Take turns over lock files, between threads and between processes, first come, first served.

    SQLite's own waiting sleeps longer each time it finds the database taken, up to a tenth of a second, and
    whoever looks just then is served: with many writers that is most of the slowest answers. The system's
    queue for a file is a queue, though who asks in the instant between two turns may slip in. The locks end
    with their process.
    """

    def __init__(self, database: Path, patience_s: float) -> None:
        self._turn = Path(f"{database}.turn")
        self._line = Path(f"{database}.line")
        self._patience_s = patience_s
        self._left: dict[Path, deque[_Wait]] = {self._turn: deque(), self._line: deque()}

    @contextmanager
    def taken(self, *, brief: bool = False) -> Iterator[None]:
        """Hold the turn; raise StoreAwayError where it does not come in time, or the files cannot be made.

        What is `brief` waits for one at most that is not: the others stand in a line of their own.
        """
        line = None if brief else self._held(self._line)
        try:
            turn = self._held(self._turn)
        finally:
            if line is not None:
                os.close(line)
        try:
            yield
        finally:
            os.close(turn)

    def _held(self, path: Path) -> int:
        try:
            lock = open_private(path, os.O_NOFOLLOW)
        except OSError as error:
            raise StoreAwayError(f"the database's folder must be writable: {error.strerror}") from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return self._waited(path, lock)
        return lock

    def _waited(self, path: Path, lock: int) -> int:
        wait = self._taken_over(path)
        if wait is None:
            wait = _Wait(lock)
        else:
            os.close(lock)
        if not wait.ended_within(self._patience_s):
            self._left[path].append(wait)
            raise StoreAwayError(
                f"the database must be free within {self._patience_s:g} s, was locked by another"
            ) from None
        return wait.lock

    def _taken_over(self, path: Path) -> _Wait | None:
        """Return a wait that was given up: it cannot be ended, and would pile up behind who is stuck."""
        left = self._left[path]
        while True:
            try:
                wait = left.popleft()
            except IndexError:
                return None
            if wait.is_taken_over():
                return wait


class _Wait:
    """Wait for a lock in a thread: the system's queue knows no patience, and cannot be left."""

    def __init__(self, lock: int) -> None:
        self.lock = lock
        self._ended = Event()
        self._wanted = True
        self._deciding = Lock()
        Thread(target=self._run, name="tocsin-review-turn", daemon=True).start()

    def ended_within(self, patience_s: float) -> bool:
        """Say whether the lock is had; if not, it is let go when it comes, unless the wait is taken over."""
        try:
            self._ended.wait(patience_s)
        finally:
            with self._deciding:
                self._wanted = self._ended.is_set()
        return self._wanted

    def is_taken_over(self) -> bool:
        """Say whether there is something to wait for yet; then the lock is the caller's."""
        with self._deciding:
            self._wanted = not self._ended.is_set()
        return self._wanted

    def _run(self) -> None:
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        with self._deciding:
            self._ended.set()
            if not self._wanted:
                os.close(self.lock)
