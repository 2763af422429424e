"""How much waits, for how long, and what is late: counted exactly, of indexes alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, case, func, literal_column, select

from tocsin.service.review.context import Context
from tocsin.service.review.queue import Queue
from tocsin.service.review.store.tables import tasks

__all__ = ["QueueCount", "count_queues"]

_Place = tuple[str, str]  # the queue that reviewers see, and the one that it is

# Written out, not bound: a plan that PostgreSQL keeps for any value cannot use an index of open tasks alone.
_OPEN: Final = tasks.c.state == literal_column("'open'")
_PLACE: Final = (tasks.c.shown, tasks.c.queue)
_WAITING: Final = (
    select(*_PLACE, func.count().label("open"), func.min(tasks.c.created_at).label("oldest"))
    .where(_OPEN)
    .group_by(*_PLACE)
)
# Not grouped by the bare columns: SQLite would go by an index in whose order they lie, through every task.
_GROUPED: Final = (tasks.c.shown, tasks.c.queue.concat(literal_column("''")))
_URGENT: Final = (
    select(
        _GROUPED[0],
        _GROUPED[1].label("queue"),
        func.min(tasks.c.deadline).label("next_deadline"),
        func.sum(case((tasks.c.deadline < bindparam("now"), 1), else_=0)).label("late"),
    )
    .where(_OPEN, tasks.c.deadline.is_not(None))
    .group_by(*_GROUPED)
)
_ESCALATED: Final = (
    select(*_PLACE, func.count().label("escalated"))
    .where(_OPEN, tasks.c.least_role > literal_column("1"))
    .group_by(*_PLACE)
)
# Counted here, for the same reason: they are no more than reviewers may hold.
_HELD: Final = select(*_PLACE).where(
    _OPEN, tasks.c.claimed_by.is_not(None), tasks.c.available_at > bindparam("now")
)


@dataclass(frozen=True, slots=True)
class QueueCount:
    """Hold one queue's count of open tasks, how many of them somebody holds, the oldest, and deadlines."""

    queue: Queue
    open: int
    held: int
    escalated: int
    oldest: datetime | None
    next_deadline: datetime | None
    late: int


def count_queues(tx: Connection, context: Context, *, shown: bool = False) -> list[QueueCount]:
    """Return every queue, the empty ones included; `shown` as reviewers see them, who know no golden one."""
    now = {"now": context.clock()}
    waiting = _by_place(tx.execute(_WAITING))
    urgent = _by_place(tx.execute(_URGENT, now))
    escalated = _by_place(tx.execute(_ESCALATED))
    held = Counter((row.shown, row.queue) for row in tx.execute(_HELD, now))
    made = []
    for queue in Queue:
        if shown and queue is Queue.GOLDEN:
            continue
        places = [place for place in waiting if place[0 if shown else 1] == queue.value]
        made.append(
            QueueCount(
                queue,
                sum(waiting[place].open for place in places),
                sum(held[place] for place in places),
                sum(escalated[place].escalated for place in places if place in escalated),
                min((waiting[place].oldest for place in places), default=None),
                min((urgent[place].next_deadline for place in places if place in urgent), default=None),
                sum(int(urgent[place].late) for place in places if place in urgent),
            )
        )
    return made


def _by_place(rows: Iterable[Row[Any]]) -> Mapping[_Place, Row[Any]]:
    return {(row.shown, row.queue): row for row in rows}
