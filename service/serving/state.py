"""The folder that outlives the server: its keys, and what waits for a reviewer."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import platformdirs

from tocsin.errors import SettingsError

if TYPE_CHECKING:
    from tocsin.service.api.settings import ServeSettings

__all__ = ["open_state"]

_MODE: Final = 0o700


def open_state(settings: ServeSettings, warn: Callable[[str], None]) -> Path:
    """Return the state folder, made for its owner alone where it was missing.

    One that is there is taken as it is: volumes have modes of their own. What lies in it is private
    by itself. Raises SettingsError where it cannot be used.
    """
    folder = (settings.state or platformdirs.user_state_path("tocsin", appauthor=False)).absolute()
    try:
        folder.mkdir(mode=_MODE, parents=True, exist_ok=True)
        mode = folder.stat().st_mode
    except OSError as error:
        raise SettingsError(f"state must be a folder, was {str(folder)!r}: {error.strerror}") from error
    if mode & stat.S_IWGRP:
        warn(f"its group can write to the state folder {folder}: chmod 700 it")
    if mode & stat.S_IWOTH:
        warn(f"everybody on this machine can write to the state folder {folder}: chmod 700 it")
    return folder
