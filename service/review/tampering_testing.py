"""Changing a queue's tables in tests as somebody would who has the database, and no key."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tocsin.service.review.desk import Desk

__all__ = ["change", "tamper"]


def tamper(desk: Desk, *statements: str) -> None:
    """Run statements, or try to, with no trigger in the way."""
    if desk.store.is_sqlite:
        off = [f"DROP TRIGGER log_no_{what}" for what in ("update", "delete", "replace")]
    else:
        off = ["ALTER TABLE log DISABLE TRIGGER ALL"]
    change(desk, *off, *statements)


def change(desk: Desk, *statements: str) -> None:
    """Run statements in one transaction, as somebody who has the database's file or its password."""
    if desk.store.is_sqlite:
        with closing(sqlite3.connect(str(desk.store.url.database), isolation_level=None)) as tx:
            tx.executescript(f"BEGIN; {'; '.join(statements)}; COMMIT")
        return
    with desk.store.engine.begin() as tx:
        for statement in statements:
            tx.exec_driver_sql(statement)
