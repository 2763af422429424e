"""What a database's failure means for whoever asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import exc

from tocsin.service.review.errors import StoreAwayError, StoreError, StoreFullError, StoreVersionError

__all__ = ["is_collision", "told"]

_FULL: Final = frozenset({"53100"})
_AGAIN: Final = frozenset({"40001", "40P01"})  # serialisation failure, deadlock
_NO_TABLE: Final = frozenset({"42P01", "42703"})
# Classes: connection, resources, not ready, operator, system.
_AWAY: Final = frozenset({"08", "53", "55", "57", "58"})
_SQLITE_BROKEN: Final = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB"})
_BROKEN: Final = frozenset({"XX001", "XX002"})  # data, index corrupted
_SQLITE_AWAY: Final = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_PROTOCOL")


def is_collision(error: BaseException) -> bool:
    """Say whether two transactions stood in each other's way, so that one may simply be tried again."""
    return isinstance(error, exc.DBAPIError) and _state(error) in _AGAIN


@contextmanager
def told() -> Iterator[None]:
    """Turn what a database says into a StoreError; a broken rule of its own stays what it is."""
    try:
        yield
    except exc.TimeoutError:
        raise StoreAwayError("the database has no connection free: come back") from None
    except exc.IntegrityError:
        raise
    except exc.DBAPIError as error:
        raise _meaning(error) from error


def _meaning(error: exc.DBAPIError) -> StoreError | exc.DBAPIError:
    state, words = _state(error), str(error.orig)
    name: str = getattr(error.orig, "sqlite_errorname", "")
    if state in _FULL or name == "SQLITE_FULL":
        return StoreFullError("the database's disk is full: nothing of this was stored, what was stays")
    if name in _SQLITE_BROKEN or state in _BROKEN:
        return StoreError(f"the database is damaged: {name or state}; restore a copy")
    if state in _NO_TABLE or "no such table" in words or "no such column" in words:
        return StoreVersionError("the database has not this version's tables: run 'tocsin review upgrade'")
    if error.connection_invalidated or state in _AGAIN or state[:2] in _AWAY:
        return StoreAwayError("the database is away or restarting: come back")
    if name.startswith(_SQLITE_AWAY) or (isinstance(error, exc.OperationalError) and not (name or state)):
        return StoreAwayError("the database cannot answer now: come back")
    return error


def _state(error: exc.DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""
