"""Opening a task: from then on it waits for a reviewer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select

from tocsin.assessment import Level
from tocsin.service.review.context import Context
from tocsin.service.review.queue import Queue
from tocsin.service.review.role import Role
from tocsin.service.review.rules import serve_by
from tocsin.service.review.severity import Severity
from tocsin.service.review.store.tables import items, notices, tasks

__all__ = ["open_task"]


def open_task(
    tx: Connection,
    context: Context,
    item: int,
    queue: Queue,
    priority: float,
    *,
    deadline: datetime | None = None,
    inclusion: float | None = None,
    shown: Queue | None = None,
    wait: timedelta = timedelta(0),
    least_role: Role = Role.REVIEWER,
) -> int:
    """Return the number of a new task about `item`; `inclusion` where the random audit drew it.

    `shown` is the queue that reviewers see, by default the same; `wait` how long nobody may take it. A blind
    one has nothing of what the model says.
    """
    at = context.clock()
    query = select(items.c.level, items.c.language, items.c.community).where(items.c.id == item)
    told = tx.execute(query).one()
    row: dict[str, Any] = {
        "item": item,
        "queue": queue.value,
        "shown": (shown or queue).value,
        "state": "open",
        "least_role": int(least_role),
        "priority": priority,
        "created_at": at,
        "serve_by": serve_by(queue, priority, at, deadline, context.rules),
        "deadline": deadline,
        "available_at": at + wait,
        "inclusion": inclusion,
        "severity": int(Severity.UNKNOWN) if queue.blind else _severity(tx, item, told.level),
        "level": None if queue.blind else told.level,
        "language": None if queue.blind else told.language,
        "community": told.community,
    }
    number: int = tx.execute(insert(tasks).returning(tasks.c.id), row).scalar_one()
    return number


def _severity(tx: Connection, item: int, level: str | None) -> int:
    """Return how hard the text may be to read: as hard as any where somebody said a life is in danger."""
    threat = notices.c.item == item, notices.c.threat_to_life
    if tx.execute(select(notices.c.id).where(*threat).limit(1)).first() is not None:
        return int(Severity.SEVERE)
    return int(Severity.of(None if level is None else Level(level)))
