"""Deadlines that come near while nobody takes the task: a lead is paged, whoever might have been spared it.

Nobody is made to read more than they should because a deadline comes near; somebody must know of it instead.
So the rule asks nothing of who is there, who asked for work or who was passed over, and no claim needs to
come for it to hold: a severe task that is free once its deadline is near, and once it has waited for half of
its time, is paged over, once. It goes ahead of all but other deadlines, and stays everybody's: whoever may
take it first, does. Leads are served it whatever they have read.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Connection,
    bindparam,
    exists,
    literal_column,
    select,
    type_coerce,
    update,
)

from tocsin.service.review.care.exposure import SEVERE
from tocsin.service.review.context import Context
from tocsin.service.review.log import Actor, Entry, append
from tocsin.service.review.records.paging import Cause, page_lead
from tocsin.service.review.rules import ORDERS_AHEAD
from tocsin.service.review.store.moment import Moment
from tocsin.service.review.store.tables import pages, tasks

__all__ = ["is_pressing", "page_pressing"]

_AT_A_TIME: Final = 100
_KNOWN: Final = exists().where(
    pages.c.item == tasks.c.item, pages.c.task == tasks.c.id, pages.c.why == Cause.DEADLINE.value
)
_HALF_GONE: Final = type_coerce(tasks.c.deadline, BigInteger) + type_coerce(
    tasks.c.created_at, BigInteger
) <= bindparam("twice_now", type_=BigInteger)
_PRESSING: Final = select(tasks.c.id, tasks.c.item, tasks.c.deadline, tasks.c.serve_by).where(
    tasks.c.state == literal_column("'open'"),
    tasks.c.deadline.is_not(None),
    tasks.c.deadline <= bindparam("near"),
    tasks.c.available_at <= bindparam("now"),
    tasks.c.severity == SEVERE,
    _HALF_GONE,
    ~_KNOWN,
)


def is_pressing(tx: Connection, context: Context) -> bool:
    """Say whether any task is to be paged over."""
    if context.settings.deadline_minutes == 0:
        return False
    return tx.execute(_PRESSING.limit(1), _given(context)).first() is not None


def page_pressing(tx: Connection, context: Context) -> int:
    """Page the leads over each severe task whose deadline is near and that nobody took; return how many."""
    if context.settings.deadline_minutes == 0:
        return 0
    query = _PRESSING.order_by(tasks.c.deadline, tasks.c.id).limit(_AT_A_TIME)
    found = tx.execute(query.with_for_update(skip_locked=True, of=tasks), _given(context)).all()
    entries: list[Entry] = []
    for task in found:
        sooner = min(task.serve_by, task.deadline - ORDERS_AHEAD)
        tx.execute(update(tasks).where(tasks.c.id == task.id).values(serve_by=sooner))
        _, logged = page_lead(tx, context, task.item, task.id, Actor("system"), why=Cause.DEADLINE)
        entries += logged
    for entry in entries:  # last: see `append`
        append(tx, context.key, entry)
    return len(found)


def _given(context: Context) -> dict[str, Any]:
    now = context.clock()
    number = Moment().process_bind_param(now, None)
    return {
        "now": now,
        "near": now + timedelta(minutes=context.settings.deadline_minutes),
        "twice_now": 2 * (number or 0),
    }
