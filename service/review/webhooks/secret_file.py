"""The file of an endpoint's secrets, which nobody but its owner may read."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from tocsin.errors import SettingsError
from tocsin.service.review.webhooks.signing import parse_secret

__all__ = ["read_private", "read_secrets"]

_OTHERS: Final = 0o077
_ROOT: Final = 0
_MOST_BYTES: Final = 4_096


def read_secrets(path: Path) -> tuple[bytes, ...]:
    """Return the secrets of a file, one a line; several while one is changed for another.

    Raises SettingsError where others could read or write it, where it holds none, and where a line is no
    secret.
    """
    lines = [line.strip() for line in read_private(path).splitlines() if line.strip()]
    if not lines:
        raise SettingsError(f"{path}: must hold a secret, holds none")
    try:
        return tuple(map(parse_secret, lines))
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}") from None


def read_private(path: Path) -> str:
    """Return what is in a file that nobody but its owner may read, what is no ASCII replaced.

    Raises SettingsError where others could read or write it, and where it is long.
    """
    try:
        with path.open("rb") as file:
            _check_private(path, os.fstat(file.fileno()))
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise SettingsError(f"{path}: must be readable: {error.strerror}") from error
    if len(content) > _MOST_BYTES:
        raise SettingsError(f"{path}: must hold at most {_MOST_BYTES:,} bytes, holds more")
    return content.decode("ascii", "replace")


def _check_private(path: Path, found: os.stat_result) -> None:
    mode = stat.S_IMODE(found.st_mode)
    if mode & _OTHERS:
        raise SettingsError(f"{path}: must be readable by its owner alone (chmod 600), was {mode:04o}")
    owners = {os.geteuid(), _ROOT}
    if os.geteuid() == _ROOT:
        owners.add(path.parent.stat().st_uid)  # who serves
    if found.st_uid not in owners:
        raise SettingsError(f"{path}: must belong to whoever runs tocsin, was user {found.st_uid}'s")
