"""The key that a new server starts with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tocsin.errors import SettingsError
from tocsin.service.keys import Scope
from tocsin.service.keys.changes import add_key
from tocsin.service.keys.private import new_private_file

if TYPE_CHECKING:
    from tocsin.service.keys import KeyFile

__all__ = ["FIRST_SCOPES", "ensure_first_key"]

FIRST_SCOPES: Final = (Scope.SCORE, Scope.EXPLAIN, Scope.FEEDBACK)
FILE_NAME: Final = "first-key"


def ensure_first_key(file: KeyFile) -> Path | None:
    """Make a key where there is none; return the file that its secret was written to, None otherwise.

    The secret is written before the key counts: a key whose secret nobody has would be in the way.
    Raises SettingsError where either cannot be written.
    """
    place = file.path.with_name(FILE_NAME)
    try:
        with file.changing() as keys:
            if keys:
                return None
            secret = add_key(keys, "first", FIRST_SCOPES)
            place.unlink(missing_ok=True)  # of a key that is no more
            with new_private_file(place) as opened:
                opened.write(f"{secret}\n".encode())
    except OSError as error:
        raise SettingsError(f"state must be writable: {place}: {error.strerror}") from error
    return place
