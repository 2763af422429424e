"""A task as a reviewer sees it: everything but the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, select

from tocsin.service.review.queue import Queue
from tocsin.service.review.role import Role
from tocsin.service.review.store.tables import items, tasks

__all__ = ["Task", "find_task", "find_tasks"]


@dataclass(frozen=True, slots=True)
class Task:
    """Hold one piece of work and what is known of its item.

    `claim` is the token of whoever holds it now, which a decision must show; it is theirs alone. `item` is
    the platform's id, None once it was erased. `shown` is the queue that reviewers see, and `expected` never
    comes along.
    """

    number: int
    item: str | None
    item_number: int
    queue: Queue
    shown: Queue
    state: str
    least_role: Role
    priority: float
    created_at: datetime
    deadline: datetime | None
    claim: str | None
    claimed_by: int | None
    lease_until: datetime | None
    community: str | None
    reach: int | None
    posted_at: datetime | None
    language: str | None
    assessment: Mapping[str, Any] | None
    has_thread: bool
    characters: int | None

    @classmethod
    def of(cls, row: Row[Any]) -> Task:
        """Return the task that a row of `find_tasks` holds."""
        return cls(
            number=row.id,
            item=row.platform_id,
            item_number=row.item,
            queue=Queue(row.queue),
            shown=Queue(row.shown),
            state=row.state,
            least_role=Role(row.least_role),
            priority=row.priority,
            created_at=row.created_at,
            deadline=row.deadline,
            claim=row.claim,
            claimed_by=row.claimed_by,
            lease_until=row.available_at if row.claim else None,
            community=row.community,
            reach=row.reach,
            posted_at=row.posted_at,
            language=row.language,
            assessment=row.assessment,
            has_thread=bool(row.has_thread),
            characters=row.characters,
        )


# Of the text its length alone, of the thread that there is one: neither is to be fetched for a list.
_TOLD: Final = select(
    tasks,
    items.c.platform_id,
    items.c.reach,
    items.c.posted_at,
    items.c.assessment,
    items.c.thread.is_not(None).label("has_thread"),
    func.length(items.c.text).label("characters"),
).join(items, items.c.id == tasks.c.item)
_NUMBERED: Final = _TOLD.where(tasks.c.id == bindparam("task"))


def find_task(tx: Connection, number: int) -> Task:
    """Return the task of this number, which must be there."""
    return Task.of(tx.execute(_NUMBERED, {"task": number}).one())


def find_tasks(tx: Connection, *conditions: ColumnElement[bool], most: int = 1_000) -> list[Task]:
    """Return the tasks that meet `conditions`, soonest to be served first."""
    query = _TOLD.where(*conditions).order_by(tasks.c.serve_by, tasks.c.id).limit(most)
    return [Task.of(row) for row in tx.execute(query)]
