"""The key that a new server starts with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tocsin.errors import SettingsError
from tocsin.service.keys import Scope
from tocsin.service.keys.changes import add_key
from tocsin.service.keys.private import new_private_file
from tocsin.service.keys.secret import id_of, is_secret_of

if TYPE_CHECKING:
    from tocsin.service.keys import Key, KeyFile

__all__ = ["FIRST_SCOPES", "ensure_first_key"]

FIRST_SCOPES: Final = (Scope.SCORE, Scope.EXPLAIN, Scope.FEEDBACK)
FILE_NAME: Final = "first-key"


def ensure_first_key(file: KeyFile) -> Path | None:
    """Make a key where there is none; return the file that holds its secret, None once that is gone.

    The secret is written before the key counts: a key whose secret nobody has would be in the way.
    Raises SettingsError where either cannot be written.
    """
    place = file.path.with_name(FILE_NAME)
    try:
        with file.changing() as keys:
            if keys:
                return place if _is_good(place, keys) else None
            secret = add_key(keys, "first", FIRST_SCOPES)
            place.unlink(missing_ok=True)  # of a key that is no more
            with new_private_file(place) as opened:
                opened.write(f"{secret}\n".encode())
    except OSError as error:
        raise SettingsError(f"state must be writable: {place}: {error.strerror}") from error
    return place


def _is_good(place: Path, keys: Mapping[str, Key]) -> bool:
    """Say whether the file is there and its secret opens something."""
    try:
        secret = place.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return False
    key = keys.get(id_of(secret) or "")
    return key is not None and is_secret_of(secret, key.digest)
