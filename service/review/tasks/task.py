"""A task as a reviewer sees it: everything but the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, bindparam, case, exists, func, select

from tocsin.service.review.queue import Queue
from tocsin.service.review.role import Role
from tocsin.service.review.store.sample_tables import sampled, samples
from tocsin.service.review.store.tables import items, pages, tasks

__all__ = ["Task", "find_task", "find_tasks"]


@dataclass(frozen=True, slots=True)
class Task:
    """Hold one piece of work and what is known of its item.

    `claim` is the token of whoever holds it now, which a decision must show; it is theirs alone. `item` is
    the platform's id, None once it was erased. `shown` is the queue that reviewers see, and `expected` never
    comes along. Of a sampled text `asked` are the policies that a decision must answer, None of any other;
    `own_id` is the platform's id of the post, which `own_id_for` tells. Of one that is `blind` no assessment
    comes along: a sampled text's, or that of a second reading until it is made.
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
    asked: tuple[str, ...] | None
    own_id: str | None
    paged: bool
    blind: bool

    def blinded(self) -> Task:
        """Return the task with nothing of what the model says."""
        return replace(self, assessment=None, language=None, priority=0.0, blind=True)

    def own_id_for(self, role: Role) -> str | None:
        """Return the platform's id of a sampled post to leads, once it is decided or a page was raised."""
        told = role >= Role.LEAD and (self.state == "done" or self.paged)
        return self.own_id if told else None

    @classmethod
    def of(cls, row: Row[Any]) -> Task:
        """Return the task that a row of `find_tasks` holds."""
        queue = Queue(row.queue)
        blind = queue.blind and (queue.asks_all or row.state == "open")
        return cls(
            number=row.id,
            item=row.platform_id,
            item_number=row.item,
            queue=queue,
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
            assessment=None if blind else row.assessment,
            has_thread=bool(row.has_thread),
            characters=row.characters,
            asked=None if row.asked is None else tuple(row.asked),
            own_id=row.own_id,
            paged=bool(row.paged),
            blind=blind,
        )


# Of the text its length alone, of the thread that there is one: neither is to be fetched for a list.
_TOLD: Final = (
    select(
        tasks,
        items.c.platform_id,
        items.c.reach,
        items.c.posted_at,
        items.c.assessment,
        items.c.thread.is_not(None).label("has_thread"),
        func.length(items.c.text).label("characters"),
        samples.c.policies.label("asked"),
        sampled.c.own_id,
        case((sampled.c.item.is_not(None), exists().where(pages.c.task == tasks.c.id))).label("paged"),
    )
    .join(items, items.c.id == tasks.c.item)
    .outerjoin(sampled, sampled.c.item == tasks.c.item)
    .outerjoin(samples, samples.c.id == sampled.c.sample)
)
_NUMBERED: Final = _TOLD.where(tasks.c.id == bindparam("task"))


def find_task(tx: Connection, number: int) -> Task:
    """Return the task of this number, which must be there."""
    return Task.of(tx.execute(_NUMBERED, {"task": number}).one())


def find_tasks(tx: Connection, *conditions: ColumnElement[bool], most: int = 1_000) -> list[Task]:
    """Return the tasks that meet `conditions`, soonest to be served first."""
    query = _TOLD.where(*conditions).order_by(tasks.c.serve_by, tasks.c.id).limit(most)
    return [Task.of(row) for row in tx.execute(query)]
