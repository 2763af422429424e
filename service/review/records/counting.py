"""How much waits, for how long, and what is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, func, select

from tocsin.service.review.context import Context
from tocsin.service.review.queue import Queue
from tocsin.service.review.store.tables import tasks

__all__ = ["QueueCount", "count_queues"]


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
    now = context.clock()
    column = tasks.c.shown if shown else tasks.c.queue
    query = (
        select(
            column.label("queue"),
            func.count().label("open"),
            func.sum(case((tasks.c.claim.is_not(None) & (tasks.c.available_at > now), 1), else_=0)).label(
                "held"
            ),
            func.sum(case((tasks.c.least_role > 1, 1), else_=0)).label("escalated"),
            func.min(tasks.c.created_at).label("oldest"),
            func.min(tasks.c.deadline).label("next_deadline"),
            func.sum(case((tasks.c.deadline < now, 1), else_=0)).label("late"),
        )
        .where(tasks.c.state == "open")
        .group_by(column)
    )
    found = {Queue(row.queue): row for row in tx.execute(query)}
    return [
        QueueCount(
            queue,
            found[queue].open,
            int(found[queue].held),
            int(found[queue].escalated),
            found[queue].oldest,
            found[queue].next_deadline,
            int(found[queue].late),
        )
        if queue in found
        else QueueCount(queue, 0, 0, 0, None, None, 0)
        for queue in Queue
        if not (shown and queue is Queue.GOLDEN)
    ]
