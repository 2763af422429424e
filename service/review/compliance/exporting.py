"""Statements in a file, as calls: for whoever sends them by other means."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select, update

from tocsin.service.review.compliance.keeping import State
from tocsin.service.review.compliance.sending import MOST_A_CALL
from tocsin.service.review.context import Context
from tocsin.service.review.desk import Desk
from tocsin.service.review.store.compliance_tables import statements

__all__ = ["export_calls", "mark_sent"]

_UNSENT: Final = (State.WAITING.value,)
_ALL: Final = tuple(one.value for one in (State.WAITING, State.SENDING, State.SENT, State.UNRECEIPTED))


def export_calls(desk: Desk, *, everything: bool = False) -> Iterator[tuple[list[int], bytes]]:
    """Yield the numbers of up to 100 statements with a call's body that holds them, a line of JSON.

    Those that wait to be sent, or `everything` that has a payload and was not refused.
    """
    after, states = 0, _ALL if everything else _UNSENT
    while rows := desk.read(_bodies, after, states):
        after = rows[-1][0]
        body = {"statements": [body for _, body in rows]}
        yield [number for number, _ in rows], json.dumps(body, ensure_ascii=False).encode() + b"\n"


def mark_sent(tx: Connection, context: Context, numbers: Sequence[int]) -> int:
    """Note that statements were sent by other means, so that nobody sends them again; return how many."""
    at: datetime = context.clock()
    mine = (statements.c.id.in_(numbers), statements.c.state == State.WAITING.value)
    values = {"state": State.UNRECEIPTED.value, "settled_at": at, "fault": None}
    return tx.execute(update(statements).where(*mine).values(values)).rowcount


def _bodies(
    tx: Connection, context: Context, after: int, states: Sequence[str]
) -> list[tuple[int, dict[str, Any]]]:
    del context
    query = select(statements.c.id, statements.c.body).where(
        statements.c.id > after, statements.c.state.in_(states), statements.c.body.is_not(None)
    )
    rows = tx.execute(query.order_by(statements.c.id).limit(MOST_A_CALL))
    return [(row.id, row.body) for row in rows]
