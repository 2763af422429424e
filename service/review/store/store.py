"""Reading from and writing to the database, whichever it is."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event

from tocsin.errors import MissingExtraError, SettingsError
from tocsin.service.keys.private import open_private
from tocsin.service.review.store.faults import is_collision, told
from tocsin.service.review.store.turn import Turn

__all__ = ["Store"]

Made = TypeVar("Made")

PATIENCE_S: Final = 5.0
_TRIES: Final = 5  # at what another transaction stood in the way of
_APART_S: Final = 0.05
_CONNECTIONS: Final = 8
# By default each statement of PostgreSQL sees what was committed before it, not before the first.
_ONE_MOMENT: Final[dict[str, Any]] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
# A host that is gone without a word is noticed in some ten seconds (libpq; the last in milliseconds).
_KEPT_ALIVE: Final = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
_PRAGMAS: Final = (
    "journal_mode = WAL",
    "foreign_keys = ON",
    "secure_delete = ON",  # or what was erased stays in free pages
    "temp_store = MEMORY",
    "cache_size = -65536",
)


class Store:
    """Run functions of a connection as transactions: whole, or not at all.

    Every method raises StoreAwayError, StoreFullError or StoreVersionError where the database cannot answer;
    then nothing was stored, but for a connection that broke while it committed: what writes must bear being
    asked again.
    """

    def __init__(self, url: URL, *, patience_s: float = PATIENCE_S) -> None:
        self.url = url
        if self.is_sqlite:
            _make_private(Path(url.database or ""))
        self.engine = _engine(url, patience_s)
        self._turn = Turn(Path(str(url.database)), patience_s) if self.is_sqlite else None

    @property
    def is_sqlite(self) -> bool:
        """Say whether the database is a file that one writes to at a time."""
        return self.url.get_backend_name() == "sqlite"

    def read(self, work: Callable[[Connection], Made]) -> Made:
        """Return what `work` reads, all of it at one moment; it cannot write."""
        with told(), self.engine.connect() as connection:
            _prepare_reading(connection, self.is_sqlite)
            with connection.begin():
                return work(connection)

    def write(self, work: Callable[[Connection], Made], *, durable: bool = True) -> Made:
        """Return what `work` comes to, once it is on the disk; it may be called again after a collision.

        Not `durable`: a power cut may lose it, whole; a crash of this process, or of the server, does not.
        """
        for tries_left in reversed(range(_TRIES)):
            try:
                with told_unless_collision(), self._writing(durable) as connection:
                    return work(connection)
            except Exception as error:
                if not is_collision(error):
                    raise
                if not tries_left:
                    with told():
                        raise
            time.sleep(random.uniform(0, _APART_S))  # noqa: S311 - or both come back at once
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()

    @contextmanager
    def _writing(self, durable: bool) -> Iterator[Connection]:
        turn = self._turn.taken(brief=not durable) if self._turn else nullcontext()
        with turn, self.engine.connect() as connection:
            if self.is_sqlite:
                _prepare_writing(connection, durable)
            with connection.begin():
                if not durable and not self.is_sqlite:
                    connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
                yield connection


@contextmanager
def told_unless_collision() -> Iterator[None]:
    """Say what the database says, as `told`, but let a collision through as it is."""
    try:
        yield
    except Exception as error:
        if is_collision(error):
            raise
        with told():
            raise


def _engine(url: URL, patience_s: float) -> Engine:
    if url.get_backend_name() == "sqlite":
        engine = create_engine(
            url,
            pool_size=_CONNECTIONS,
            max_overflow=0,
            hide_parameters=True,  # they are texts, and errors are logged
            pool_timeout=patience_s,
            connect_args={"timeout": patience_s},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    with _needing_driver():
        return create_engine(
            url,
            pool_size=_CONNECTIONS,
            max_overflow=0,
            hide_parameters=True,
            pool_timeout=patience_s,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": max(1, round(patience_s)),
                **_KEPT_ALIVE,
                "options": " ".join(f"-c {name}={value}" for name, value in _told(patience_s).items()),
            },
        )


@contextmanager
def _needing_driver() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtraError("a review queue in PostgreSQL", "postgres") from error


def _told(patience_s: float) -> dict[str, object]:
    """Return what PostgreSQL is told of every connection; times are in milliseconds."""
    return {
        "lock_timeout": round(patience_s * 1_000),
        "statement_timeout": round(patience_s * 4_000),
        "idle_in_transaction_session_timeout": 60_000,
        "timezone": "UTC",
    }


def _make_private(path: Path) -> None:
    """Make the file where there is none, its owner's alone: what SQLite puts beside it follows suit."""
    try:
        os.close(open_private(path))
    except OSError as error:
        raise SettingsError(f"database: {str(path)!r} must be a file to write: {error.strerror}") from error


def _prepare_sqlite(connection: Any, record: Any) -> None:
    del record
    connection.isolation_level = None  # its driver would begin transactions too late
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


def _prepare_reading(connection: Connection, is_sqlite: bool) -> None:
    if is_sqlite:
        _set(connection, "query_only = ON")
    else:
        connection.execution_options(**_ONE_MOMENT)


def _prepare_writing(connection: Connection, durable: bool) -> None:
    """Say that what comes is written, and how surely: outside of a transaction, where alone it counts."""
    connection.execution_options(tocsin_writes=True)
    _set(connection, "query_only = OFF")
    _set(connection, f"synchronous = {'FULL' if durable else 'NORMAL'}")


def _set(connection: Connection, pragma: str) -> None:
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("tocsin_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
