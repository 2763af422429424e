"""A file of suggestions that wait: one line each, appended by any number of processes."""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from tocsin.errors import TocsinError

if TYPE_CHECKING:
    from pathlib import Path

    from tocsin.service.feedback.suggestion import Suggestion

__all__ = ["FeedbackBox", "FeedbackFullError", "SuggestionTooLongError"]

FILE_NAME: Final = "feedback.jsonl"
MOST_BYTES: Final = 268_435_456
LONGEST_LINE: Final = 262_144
_OURS_ALONE: Final = 0o600
_PATIENCE_S: Final = 1.0  # a thread waits with it, and there are few
_POLL_S: Final = 0.001
_TRIES: Final = 10  # at a file that is moved away as often as it is opened


class FeedbackFullError(TocsinError):
    """Say that a suggestion was not kept because the box is full."""


class SuggestionTooLongError(TocsinError):
    """Say that a suggestion was not kept because it alone is too long."""


class FeedbackBox:
    """Append suggestions to ``feedback.jsonl`` in `folder`, which only this user may read.

    What `keep` returned from is on the disk, whole. The file may be moved away at any time; the
    next suggestion starts a new one. `most_bytes` bounds it: a full box is an error.
    """

    def __init__(self, folder: Path, *, most_bytes: int = MOST_BYTES) -> None:
        self.path = folder / FILE_NAME
        self._most = most_bytes

    def keep(self, suggestion: Suggestion) -> None:
        """Keep one suggestion; blocks until it is on the disk.

        Raises FeedbackFullError, SuggestionTooLongError, and OSError where the file cannot be written,
        which is TimeoutError where somebody else locks it for a second.
        """
        line = suggestion.line()
        if len(line) > LONGEST_LINE:
            raise SuggestionTooLongError(
                f"a suggestion must take at most {LONGEST_LINE:,} bytes, was {len(line):,}"
            )
        with self._locked() as file:
            size = os.fstat(file).st_size
            line = self._mended(file, size) + line
            if size + len(line) > self._most:
                raise FeedbackFullError(
                    f"{FILE_NAME} must hold at most {self._most:,} bytes, has {size:,}: move it away"
                )
            _append(file, line, size)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """Yield the file, which nobody else writes to until it is given back."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        until = time.monotonic() + _PATIENCE_S
        for _ in range(_TRIES):
            file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, _OURS_ALONE)
            try:
                _lock(file, until)
                if self._is(file):
                    yield file
                    return
            finally:
                os.close(file)
        raise OSError(f"{FILE_NAME} was moved away {_TRIES} times in a row")

    def _is(self, file: int) -> bool:
        """Say whether `file` is still the one at our path; raise OSError where it is no plain file."""
        opened = os.fstat(file)
        if not stat.S_ISREG(opened.st_mode):
            raise OSError(f"{FILE_NAME} must be a plain file")
        if opened.st_mode & 0o077:
            os.fchmod(file, _OURS_ALONE)
        try:
            return os.path.samestat(opened, self.path.stat(follow_symlinks=False))
        except FileNotFoundError:
            return False

    def _mended(self, file: int, size: int) -> bytes:
        """Return the line end that is missing where a writer died in the middle of a line."""
        return b"\n" if size and os.pread(file, 1, size - 1) != b"\n" else b""


def _lock(file: int, until: float) -> None:
    """Lock `file`; raise TimeoutError where others hold it `until` then (monotonic, in seconds)."""
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise TimeoutError(
                    f"{FILE_NAME} must be free within {_PATIENCE_S:g} s, was locked by another"
                ) from None
            time.sleep(_POLL_S)
        else:
            return


def _append(file: int, line: bytes, size: int) -> None:
    """Write `line` whole or not at all."""
    try:
        _write(file, line)
        os.fsync(file)
    except OSError:
        os.ftruncate(file, size)
        raise


def _write(file: int, line: bytes) -> None:
    written = os.write(file, line)
    if written != len(line):
        raise OSError(f"{FILE_NAME} took {written:,} of {len(line):,} bytes: the disk is full")
