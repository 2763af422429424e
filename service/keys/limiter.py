"""Limits that hold over all worker processes of a machine."""

from __future__ import annotations

import fcntl
import math
import mmap
import os
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tocsin.service.keys.private import new_private_file

if TYPE_CHECKING:
    from tocsin.service.keys.key import Key

__all__ = ["SharedLimiter", "make_limits_file"]

MINUTE_S: Final = 60.0

_SLOT: Final = struct.Struct("=16sdd")  # whose, texts used, at what time
_SLOTS: Final = 16  # of a row
_ROWS: Final = 512
_ROW_BYTES: Final = _SLOT.size * _SLOTS
_BYTES: Final = _ROW_BYTES * _ROWS
_ID_BYTES: Final = 16
_ROUNDING: Final = 1e-9  # of a text: decay is a product of floats


def make_limits_file(folder: Path) -> Path:
    """Make the file that the limiters of all workers share, in a folder that is ours alone."""
    path = folder / "limits"
    with new_private_file(path) as file:
        file.truncate(_BYTES)
    return path


class SharedLimiter:
    """Give each key a bucket that holds as many texts as its minute has and refills at that rate.

    All limiters on one file share their buckets, exactly: a bucket is read and written under a lock
    (fcntl, a range of bytes) that the kernel takes from a process that dies. A key finds its bucket
    in one of 512 rows of 16 by the hash of its id; a bucket that nobody used for a minute is full again
    and may be another key's. Where more than 16 keys of one row are in use within a minute, the bucket
    that was left alone for longest is given away, and its key gains at most a minute's texts: below a
    thousand busy keys that practically does not happen.

    It holds on one machine: `clock` must be the same for all processes, as the monotonic clock is.
    Several machines, and containers that share no file, each allow the whole limit. A restart of the
    server refills every bucket. A key of its own limit 0, or of none where `per_minute` is 0, is not
    limited and costs nothing.
    """

    def __init__(self, path: Path, per_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._default = per_minute
        self._clock = clock
        self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        self._slots = mmap.mmap(self._file, _BYTES)
        self._thread = threading.Lock()  # fcntl's locks do not keep a process from itself

    def limit(self, key: Key) -> int | None:
        """Return how many texts a minute `key` may have judged, None for any number."""
        return (self._default if key.per_minute is None else key.per_minute) or None

    def take(self, key: Key, texts: int) -> float:
        """Charge `texts` and return 0.0, or charge nothing and return the seconds until it would pass.

        `texts` 0 asks whether any text at all would pass. Infinity: it never would.
        """
        limit = self.limit(key)
        if limit is None:
            return 0.0
        asked = max(texts, 1)
        if asked > limit:
            return math.inf
        digest = blake2b(key.id.encode(), digest_size=_ID_BYTES).digest()
        row = int.from_bytes(digest[:4], "little") % _ROWS * _ROW_BYTES
        with self._locked(row):
            now = self._clock()
            place, used = self._bucket(row, digest, now, limit / MINUTE_S)
            over = used + asked - limit
            if over > _ROUNDING:
                return over * MINUTE_S / limit
            if texts:
                _SLOT.pack_into(self._slots, place, digest, used + texts, now)
        return 0.0

    def close(self) -> None:
        """Let go of the file."""
        self._slots.close()
        os.close(self._file)

    def _bucket(self, row: int, digest: bytes, now: float, rate: float) -> tuple[int, float]:
        """Return where a key's bucket is and how much of it is used; one to take where it has none.

        How fast another key's bucket refills is not known here: a minute refills any.
        """
        oldest, place = math.inf, row
        for start in range(row, row + _ROW_BYTES, _SLOT.size):
            whose, used, then = _SLOT.unpack_from(self._slots, start)
            if whose == digest:
                return start, max(0.0, used - (now - then) * rate)
            if not used:
                then = -math.inf
            if then < oldest:
                oldest, place = then, start
        return place, 0.0

    @contextmanager
    def _locked(self, row: int) -> Iterator[None]:
        with self._thread:
            fcntl.lockf(self._file, fcntl.LOCK_EX, _ROW_BYTES, row)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN, _ROW_BYTES, row)
