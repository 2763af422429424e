"""The keys of a running server: those of the file, as it stands now."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from tocsin.errors import SettingsError
from tocsin.service.keys.secret import id_of, is_secret_of

if TYPE_CHECKING:
    from tocsin.service.keys.key import Key
    from tocsin.service.keys.key_file import KeyFile

__all__ = ["LOOK_S", "FileKeys"]

LOOK_S: Final = 1.0  # a revoked key opens nothing after this long
QUIET_S: Final = 60.0  # between two lines on a file that cannot be read

_LOG = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class FileKeys:
    """Know the keys of a file; look once a second whether it changed.

    A file that cannot be read at the start is an error (SettingsError). One that is damaged later
    is logged, and the last good keys stay. A file that is gone holds no keys. `clock` (seconds)
    paces the looks, `now` says what has expired.
    """

    def __init__(
        self,
        file: KeyFile,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._file = file
        self._clock = clock
        self._now = now
        self._looked = clock()
        self._quiet_until = self._looked
        self._stamp = file.stamp()
        self._keys = file.read()

    def find(self, secret: str) -> Key | None:
        """Return the key that `secret` is, None where it is none, was revoked or has expired."""
        if self._clock() - self._looked >= LOOK_S:
            self._look()
        key = self._keys.get(id_of(secret) or "")
        if key is None or not is_secret_of(secret, key.digest):
            return None
        return None if key.expires is not None and key.expires <= self._now() else key

    def _look(self) -> None:
        self._looked = self._clock()
        try:
            stamp = self._file.stamp()
            if stamp != self._stamp:
                self._keys = self._file.read()
                self._stamp = stamp  # taken before the keys were: a change in between is seen next time
        except (SettingsError, OSError) as error:
            if self._looked < self._quiet_until:
                return
            self._quiet_until = self._looked + QUIET_S
            _LOG.error("the keys stay as they were: %s", error)
