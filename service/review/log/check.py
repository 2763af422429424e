"""Whether a key is the one that the log was begun with: told at the start, not by a broken log later."""

from __future__ import annotations

from sqlalchemy import Connection

from tocsin.errors import SettingsError
from tocsin.service.review.log.head import Head, read_head
from tocsin.service.review.log.key import LogKey
from tocsin.service.review.log.rows import read_rows
from tocsin.service.review.log.seal import same, sealed

__all__ = ["check_key"]


def check_key(tx: Connection, key: LogKey) -> None:
    """Raise SettingsError where `key` fits neither end of the log, StoreVersionError where it has not begun.

    One end is enough: a log that was tampered with is for `verify` to tell, and keeps nobody from working.
    """
    head = read_head(tx)
    if not (_fits_beginning(tx, key, head) or _fits_end(tx, key, head)):
        raise SettingsError(
            "log_key must be the key that the database's log was begun with, was another: put the old file"
            " back"
        )


def _fits_beginning(tx: Connection, key: LogKey, head: Head) -> bool:
    if head.seq == 0:
        return same(head.mac, key.begun)
    first = next(iter(read_rows(tx, since=1, most=1)), None)
    return first is None or (first.seq == 1 and sealed(key, key.begun, first))


def _fits_end(tx: Connection, key: LogKey, head: Head) -> bool:
    last = list(read_rows(tx, since=head.seq - 1, most=2))
    return len(last) == 2 and isinstance(last[0].mac, bytes) and sealed(key, last[0].mac, last[1])
