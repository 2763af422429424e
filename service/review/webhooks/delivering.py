"""Messages on their way: which are due, what became of them, and those that could not be delivered."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, exists, func, or_, select, update

from tocsin.errors import InputError
from tocsin.service.review.context import Context
from tocsin.service.review.outbox import Event
from tocsin.service.review.store.tables import items, outbox
from tocsin.service.review.webhooks.backoff import next_attempt
from tocsin.service.review.webhooks.outcome import Delivered, Sent
from tocsin.service.review.webhooks.sender import TIMEOUT_S

__all__ = [
    "Letter",
    "count_messages",
    "give_back",
    "is_due",
    "list_dead",
    "resend",
    "settle",
    "take_due",
    "waiting_for",
]

_MOST: Final = 16
_MOST_LISTED: Final = 1_000
_LONGEST_FAULT: Final = 500
_EARLIER: Final = outbox.alias("earlier")
_PAGE: Final = Event.LEAD_PAGED.value
# One item's messages reach an endpoint in their order: that a decision was reversed comes after the decision.
# Pages wait for nothing, and nothing for them.
_DUE: Final = (
    outbox.c.state == "waiting",
    or_(
        outbox.c.event == _PAGE,
        ~exists().where(
            _EARLIER.c.endpoint == outbox.c.endpoint,
            _EARLIER.c.item == outbox.c.item,
            _EARLIER.c.state == "waiting",
            _EARLIER.c.event != _PAGE,
            _EARLIER.c.id < outbox.c.id,
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Letter:
    """Hold one message for one endpoint; `message` stays the same however often it is sent."""

    number: int
    message: str
    endpoint: str
    event: str
    body: str | None = field(repr=False)
    attempts: int
    created_at: datetime
    fault: str | None

    @classmethod
    def of(cls, row: Row[Any]) -> Letter:
        """Return the letter that a row holds."""
        return cls(
            row.id, row.message, row.endpoint, row.event, row.body, row.attempts, row.created_at, row.fault
        )


def is_due(tx: Connection, context: Context, endpoint: str) -> bool:
    """Say whether any message should be sent to an endpoint now."""
    due = (outbox.c.endpoint == endpoint, outbox.c.due_at <= context.clock())
    return tx.execute(select(outbox.c.id).where(*_DUE, *due).limit(1)).first() is not None


def waiting_for(tx: Connection, context: Context) -> dict[str, int]:
    """Return how many messages wait for each endpoint, whether there still is such a one or not."""
    del context
    query = select(outbox.c.endpoint, func.count().label("waiting")).where(outbox.c.state == "waiting")
    return {row.endpoint: row.waiting for row in tx.execute(query.group_by(outbox.c.endpoint))}


def count_messages(tx: Connection, context: Context) -> dict[str, int]:
    """Return how many messages wait, and how many are dead."""
    del context
    states = ("waiting", "dead")
    query = select(outbox.c.state, func.count().label("messages")).where(outbox.c.state.in_(states))
    found = {row.state: row.messages for row in tx.execute(query.group_by(outbox.c.state))}
    return {state: found.get(state, 0) for state in states}


def take_due(tx: Connection, context: Context, endpoint: str) -> list[Letter]:
    """Return messages that should be sent now, oldest first; for a while nobody else is given them.

    Whoever takes them and dies has lost nothing: they are due again once that while is over.
    """
    now = context.clock()
    due = (outbox.c.endpoint == endpoint, outbox.c.due_at <= now)
    query = select(outbox).where(*_DUE, *due)
    query = query.order_by(outbox.c.event != _PAGE, outbox.c.due_at, outbox.c.id)
    rows = tx.execute(query.limit(_MOST).with_for_update(skip_locked=True)).all()
    until = now + timedelta(seconds=TIMEOUT_S * (_MOST + 2))
    for row in rows:
        tx.execute(update(outbox).where(outbox.c.id == row.id).values(due_at=until))
    return [Letter.of(row) for row in rows]


def give_back(tx: Connection, context: Context, letters: Sequence[Letter]) -> None:
    """Let messages that were taken and not sent be due again at once."""
    numbers = [one.number for one in letters]
    mine = (outbox.c.id.in_(numbers), outbox.c.state == "waiting")
    tx.execute(update(outbox).where(*mine).values(due_at=context.clock()))


def settle(tx: Connection, context: Context, letter: Letter, sent: Sent, draw: random.Random) -> None:
    """Note what became of an attempt: delivered, to be tried again, or dead."""
    now = context.clock()
    row = select(outbox.c.item).where(outbox.c.id == letter.number, outbox.c.state == "waiting")
    found = tx.execute(row.with_for_update()).first()
    if (
        found is None
    ):  # another had it too, after a pause of this one; the platform has seen the same id twice
        return
    values: dict[str, Any] = {"attempts": letter.attempts + 1}
    if isinstance(sent, Delivered):
        values |= {"state": "delivered", "settled_at": now, "fault": None}
    else:
        again = None if sent.permanent else next_attempt(letter.attempts + 1, now, draw)
        values |= {"fault": sent.why[:_LONGEST_FAULT]}
        values |= {"due_at": again} if again else {"state": "dead", "settled_at": now}
    if "state" in values and _is_erased(tx, found.item):
        values |= {"body": None}
    tx.execute(update(outbox).where(outbox.c.id == letter.number).values(values))


def list_dead(tx: Connection, context: Context) -> list[Letter]:
    """Return the messages that could not be delivered, oldest first."""
    del context
    query = select(outbox).where(outbox.c.state == "dead").order_by(outbox.c.id).limit(_MOST_LISTED)
    return [Letter.of(row) for row in tx.execute(query)]


def resend(tx: Connection, context: Context, numbers: Sequence[int] | None) -> int:
    """Have dead messages sent again from the beginning, all of them where `numbers` is None; return how many.

    Those of erased items have nothing left to send. Raises InputError for a number that is no dead message's.
    """
    dead = select(outbox.c.id).where(outbox.c.state == "dead", outbox.c.body.is_not(None))
    if numbers is not None:
        dead = dead.where(outbox.c.id.in_(numbers))
    found = list(tx.execute(dead).scalars())
    unknown = sorted(set(numbers or ()) - set(found))
    if unknown:
        raise InputError(f"a message must be dead and have a body, {unknown[0]} is not such a one")
    again = {"state": "waiting", "attempts": 0, "due_at": context.clock(), "settled_at": None}
    if found:
        tx.execute(update(outbox).where(outbox.c.id.in_(found)).values(again))
    return len(found)


def _is_erased(tx: Connection, item: int | None) -> bool:
    query = select(items.c.erased_at).where(items.c.id == item)
    return tx.execute(query).scalar() is not None
