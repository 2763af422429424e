"""Adding to the log: one row after the other, each sealed over the one before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from tocsin.service.review.errors import StoreError, StoreVersionError
from tocsin.service.review.log.check import check_key
from tocsin.service.review.log.entry import Entry, Row
from tocsin.service.review.log.head import Head
from tocsin.service.review.log.key import LogKey
from tocsin.service.review.store.tables import log, log_head

__all__ = ["append", "genesis"]

_INSERTS: Final[Mapping[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_READ_HEAD: Final = select(log_head.c.seq, log_head.c.mac).where(log_head.c.id == 1).with_for_update()
_ADD: Final = insert(log)
_MOVE_HEAD: Final = (
    update(log_head).where(log_head.c.id == 1).values(seq=bindparam("new_seq"), mac=bindparam("new_mac"))
)


def genesis(tx: Connection, key: LogKey) -> None:
    """Begin the log where it has not begun: its head is the seal of nothing.

    Raises SettingsError, as `check_key` does, where it has begun under another key; StoreError where it has
    rows but no head.
    """
    if tx.execute(select(log_head.c.id)).first() is not None:
        return check_key(tx, key)
    if tx.execute(select(log.c.seq).limit(1)).first() is not None:
        raise StoreError("the log must have a head, has rows alone: put back a copy of the database")
    begun = _INSERTS[tx.dialect.name](log_head).values(id=1, seq=0, mac=key.begun)
    tx.execute(begun.on_conflict_do_nothing(index_elements=["id"]))  # two may begin it at once
    return check_key(tx, key)


def append(tx: Connection, key: LogKey, entry: Entry) -> Head:
    """Add `entry`; return the log's new head.

    The head's row is locked until the transaction ends, which puts all that is logged in one order: call this
    last, or others wait for the rest too.
    """
    found = tx.execute(_READ_HEAD).first()
    if found is None:
        raise StoreVersionError("the log must have begun: run 'tocsin review upgrade'")
    row = Row.of(found.seq + 1, entry)
    row = replace(row, mac=key.seal_row(found.mac, row.sealed()))
    tx.execute(
        _ADD,
        {
            "seq": row.seq,
            "at": entry.at,
            "actor": row.actor,
            "action": row.action,
            "item": row.item,
            "body": row.body,
            "mac": row.mac,
        },
    )
    tx.execute(_MOVE_HEAD, {"new_seq": row.seq, "new_mac": row.mac})
    return Head(row.seq, row.mac)
