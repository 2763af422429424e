"""A queue filled at once, through the tables: for tests and measurements of many tasks."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select

from tocsin.service.review.context import Context
from tocsin.service.review.contract_testing import assessed, recipe
from tocsin.service.review.desk import Desk
from tocsin.service.review.digest import digest, new_salt
from tocsin.service.review.queue import Queue
from tocsin.service.review.role import Role
from tocsin.service.review.rules import serve_by
from tocsin.service.review.store.tables import items, tasks

__all__ = ["fill"]

_AT_A_TIME: Final = 1_000
_SEED: Final = 20_260_302


def fill(
    desk: Desk, count: int, queues: Sequence[Queue] = (Queue.REVIEW,), *, spread: timedelta = timedelta(0)
) -> None:
    """Put `count` tasks into the queues in turn, received up to `spread` ago; no text gets its bands."""
    drawn = random.Random(_SEED)  # noqa: S311 - ages and priorities
    for first in range(0, count, _AT_A_TIME):
        numbers = range(first, min(count, first + _AT_A_TIME))
        chosen = [queues[number % len(queues)] for number in numbers]
        desk.write(_fill, list(_drawn(drawn, chosen, spread)))


def _drawn(
    drawn: random.Random, queues: Sequence[Queue], spread: timedelta
) -> Iterator[tuple[Queue, float, timedelta]]:
    for queue in queues:
        yield queue, round(drawn.random(), 6), spread * drawn.random()


def _fill(tx: Connection, context: Context, wanted: Sequence[tuple[Queue, float, timedelta]]) -> None:
    first = tx.execute(select(func.coalesce(func.max(items.c.id), 0))).scalar_one() + 1
    rows = [_item(context, first + place, *one) for place, one in enumerate(wanted)]
    tx.execute(insert(items), rows)
    kept = select(items.c.id).where(items.c.id >= first).order_by(items.c.id)
    numbers = tx.execute(kept).scalars().all()
    tx.execute(
        insert(tasks),
        [_task(context, number, *one) for number, one in zip(numbers, wanted, strict=True)],
    )


def _item(context: Context, number: int, queue: Queue, priority: float, age: timedelta) -> dict[str, Any]:
    del queue
    name, said, salt = f"filled-{number}", recipe(number), new_salt()
    return {
        "platform_id": name,
        "received_at": context.clock() - age,
        "text": said,
        "salt": salt,
        "digest": digest(salt, name, said),
        "assessment": assessed(name, priority=priority).to_dict(),
        "language": "en",
        "level": "review",
        "priority": priority,
    }


def _task(context: Context, item: int, queue: Queue, priority: float, age: timedelta) -> dict[str, Any]:
    at = context.clock() - age
    return {
        "item": item,
        "queue": queue.value,
        "shown": queue.value,
        "state": "open",
        "least_role": int(Role.REVIEWER),
        "priority": priority,
        "created_at": at,
        "serve_by": serve_by(queue, priority, at, None, context.rules),
        "available_at": at,
    }
