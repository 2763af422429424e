"""When notices and orders reached the queue, which the log alone knows: the platform tells when they came."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from tocsin.service.review.log import Action
from tocsin.service.review.store.tables import log

__all__ = ["noticed_at", "taken_at"]


def noticed_at(tx: Connection, items: Sequence[int]) -> dict[int, datetime]:
    """Return when the first notice or order joined or opened each task of some items, by its number."""
    first: dict[int, datetime] = {}
    for at, body in _logged(tx, items):
        first.setdefault(body["task"], at)
    return first


def taken_at(tx: Connection, items: Sequence[int]) -> dict[int, datetime]:
    """Return when each notice or order about some items was handed in, by its number."""
    return {body["notice"]: at for at, body in _logged(tx, items)}


def _logged(tx: Connection, items: Sequence[int]) -> list[tuple[datetime, dict[str, int]]]:
    query = select(log.c.at, log.c.body).where(log.c.item.in_(items), log.c.action == Action.NOTICED.value)
    return [(row.at, json.loads(row.body)) for row in tx.execute(query.order_by(log.c.seq))]
