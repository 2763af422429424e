"""Erasure: everywhere but the log, which holds nothing of the item that could be told without its salt."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, String, cast, delete, func, literal, select, union, update

from tocsin.service.review.context import Context
from tocsin.service.review.errors import UnknownError
from tocsin.service.review.log import Action, Actor, Entry, append
from tocsin.service.review.records.preserving import preserved_until
from tocsin.service.review.store.double_tables import takers
from tocsin.service.review.store.sample_tables import sampled
from tocsin.service.review.store.tables import (
    appeals,
    decisions,
    holds,
    items,
    measures,
    near_bands,
    notices,
    outbox,
    tasks,
)

__all__ = ["Erasure", "erase", "erase_now", "erase_or_ask", "is_held", "is_kept"]

_GONE: Final = (
    "platform_id",
    "posted_at",
    "text",
    "thread",
    "community",
    "reach",
    "hint",
    "salt",
    "assessment",
    "expected",
)


class Erasure(StrEnum):
    """Say what became of the wish that an item be erased."""

    ERASED = "erased"
    HELD = "held"  # it is done once the last hold is released, and it need not be preserved any more


def erase(tx: Connection, context: Context, item: str, by: Actor) -> Erasure:
    """Erase an item, or note the wish where a hold or the law keeps it; raise UnknownError.

    What stays: numbers, times, queues, verdicts, and the log's rows, whose digests nobody can try texts
    against any more. A post that an audit's sample put in too is erased there as well.
    """
    done = [erase_or_ask(tx, context, number, by) for number in _numbers(tx, item)]
    if not done:
        raise UnknownError("there is no item with this id")
    return Erasure.HELD if Erasure.HELD in done else Erasure.ERASED


def erase_or_ask(tx: Connection, context: Context, number: int, by: Actor) -> Erasure:
    """Erase the item of this number, whose row is locked, or note the wish where a hold keeps it."""
    at = context.clock()
    if is_kept(tx, context, number):
        tx.execute(update(items).where(items.c.id == number).values(erase_asked_at=at))
        append(tx, context.key, Entry(at, by, Action.ERASE_ASKED, number))
        return Erasure.HELD
    erase_now(tx, context, number)
    append(tx, context.key, Entry(at, by, Action.ERASED, number))
    return Erasure.ERASED


def _numbers(tx: Connection, item: str) -> list[int]:
    """Return the items that a platform's id stands for, locked: its own, and those that samples put in."""
    named = union(
        select(items.c.id).where(items.c.platform_id == item),
        select(sampled.c.item).where(sampled.c.own_id == item),
    )
    found = list(tx.execute(named).scalars())
    there = (items.c.id.in_(found), items.c.erased_at.is_(None))  # nobody erased it meanwhile
    return list(tx.execute(select(items.c.id).where(*there).order_by(items.c.id).with_for_update()).scalars())


def is_kept(tx: Connection, context: Context, item: int) -> bool:
    """Say whether a hold keeps an item, or it must be preserved."""
    return is_held(tx, item) or preserved_until(tx, context, item) is not None


def is_held(tx: Connection, item: int) -> bool:
    """Say whether a hold keeps an item."""
    kept = select(func.count()).where(holds.c.item == item, holds.c.released_at.is_(None))
    return tx.execute(kept).scalar_one() > 0


def erase_now(tx: Connection, context: Context, item: int) -> None:
    """Take an item's words and names out of every table; the caller logs it."""
    at = context.clock()
    nothing: dict[str, Any] = dict.fromkeys(_GONE)
    tx.execute(update(items).where(items.c.id == item).values({**nothing, "erased_at": at}))
    tx.execute(update(sampled).where(sampled.c.item == item).values(own_id=None))
    tx.execute(delete(near_bands).where(near_bands.c.item == item))
    tx.execute(delete(takers).where(takers.c.item == item))
    tx.execute(
        update(notices)
        .where(notices.c.item == item)
        .values(statement=None, policy=None, reference=_blank(notices))
    )
    tx.execute(
        update(appeals).where(appeals.c.item == item).values(statement=None, reference=_blank(appeals))
    )
    tx.execute(update(decisions).where(decisions.c.item == item).values(reason=None, note=None))
    tx.execute(update(holds).where(holds.c.item == item).values(reason=""))
    tx.execute(
        update(measures)
        .where(measures.c.item == item)
        .values(explanation=None, other=None, reference=_blank(measures))
    )
    tx.execute(
        update(tasks).where(tasks.c.item == item, tasks.c.state == "open").values(state="done", done_at=at)
    )
    tx.execute(update(tasks).where(tasks.c.item == item).values(community=None))
    # What is not delivered yet must be: its body goes once it is, see webhooks/delivering.py.
    tx.execute(update(outbox).where(outbox.c.item == item, outbox.c.state != "waiting").values(body=None))


def _blank(table: Any) -> Any:
    """Return what stands for the platform's own names of things: one for each row, for they must differ."""
    return literal("erased-") + cast(table.c.id, String)
