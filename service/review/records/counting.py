"""How much waits, for how long, and what is late: counted exactly, of indexes alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, bindparam, case, func, literal_column, select

from tocsin.service.review.context import Context
from tocsin.service.review.queue import Queue
from tocsin.service.review.role import Role
from tocsin.service.review.store.tables import tasks

__all__ = ["QueueCount", "count_queues"]

_Place = tuple[str, str]  # the queue that reviewers see, and the one that it is

# Written out, not bound: a plan that PostgreSQL keeps for any value cannot use an index of open tasks alone.
_OPEN: Final = tasks.c.state == literal_column("'open'")
_PLACE: Final = (tasks.c.shown, tasks.c.queue)
# Each query is asked so that one index alone has something to look up, or lies in its order: of several that
# it would have to read whole, SQLite takes the one that was made last.
_WAITING: Final = (
    select(*_PLACE, func.count().label("open"), func.min(tasks.c.created_at).label("oldest"))
    .where(_OPEN)
    .group_by(*_PLACE)
)
_EVERYWHERE: Final = tasks.c.shown.in_([literal_column(f"'{one.value}'") for one in Queue])
_NEVER: Final[ColumnElement[int]] = literal_column("-9000000000000000000")  # before every moment
_OWN: Final = tasks.c.queue.concat(literal_column("''"))  # in no index's order
_URGENT: Final = (
    select(
        tasks.c.shown,
        _OWN.label("queue"),
        func.min(tasks.c.deadline).label("next_deadline"),
        func.sum(case((tasks.c.deadline < bindparam("now"), 1), else_=0)).label("late"),
    )
    .where(
        _OPEN,
        _EVERYWHERE,
        tasks.c.deadline > _NEVER,
    )
    .group_by(tasks.c.shown, _OWN)
)
_ESCALATED: Final = (
    select(tasks.c.least_role, *_PLACE, func.count().label("escalated"))
    .where(_OPEN, tasks.c.least_role > literal_column("1"))
    .group_by(tasks.c.least_role, *_PLACE)
)
# Counted here, not grouped: they are no more than reviewers may hold.
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
    escalated: Counter[_Place] = Counter()
    for row in tx.execute(_ESCALATED):  # by role
        # Seniors have adjudications from the start: those are escalated that were left to leads alone.
        if row.queue != Queue.ADJUDICATION.value or row.least_role > Role.SENIOR:
            escalated[row.shown, row.queue] += row.escalated
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
                sum(escalated[place] for place in places),
                min((waiting[place].oldest for place in places), default=None),
                min((urgent[place].next_deadline for place in places if place in urgent), default=None),
                sum(int(urgent[place].late) for place in places if place in urgent),
            )
        )
    return made


def _by_place(rows: Iterable[Row[Any]]) -> Mapping[_Place, Row[Any]]:
    return {(row.shown, row.queue): row for row in rows}
