"""The tables' versions: brought up to this code's, or back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from tocsin.service.review.store.faults import told
from tocsin.service.review.store.store import Store

__all__ = ["downgrade", "is_current", "upgrade"]

_LOCK_KEY = 0x746F6373696E  # of PostgreSQL's advisory lock: one migration at a time


def upgrade(store: Store, revision: str = "head") -> None:
    """Bring the tables up to `revision`; nothing where they are."""
    _migrate(store, lambda config: command.upgrade(config, revision))


def downgrade(store: Store, revision: str) -> None:
    """Bring the tables back to `revision`, "base" for none; what newer ones held is lost."""
    _migrate(store, lambda config: command.downgrade(config, revision))


def is_current(store: Store) -> bool:
    """Say whether the tables are those that this code knows."""
    wanted = ScriptDirectory.from_config(_config()).get_current_head()
    return store.read(lambda tx: MigrationContext.configure(tx).get_current_revision()) == wanted


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _migrate(store: Store, run: Callable[[Config], None]) -> None:
    def work(tx: Connection) -> None:
        if not store.is_sqlite:
            for name in ("statement_timeout", "lock_timeout"):  # an index on a long table takes its time
                tx.exec_driver_sql(f"SET LOCAL {name} = 0")
            tx.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK_KEY})")
        config = _config()
        config.attributes["connection"] = tx
        run(config)

    with told():
        store.write(work)
