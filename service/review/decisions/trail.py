"""The trail of an item: everything that was asked, said, shown, sent and done about it, and by whom."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from tocsin.service.review.context import Context
from tocsin.service.review.decisions.history import History, history
from tocsin.service.review.log import Action
from tocsin.service.review.records.complaints import Complaint, complaints_about
from tocsin.service.review.records.reviewers import Reviewer
from tocsin.service.review.store.tables import holds, log, measures, outbox, pages, tasks

__all__ = ["HoldMade", "MeasureTold", "Message", "PageRaised", "Seen", "TaskMade", "Trail", "trail"]

_MOST: Final = 500
_MOST_SEEN: Final = 5_000


@dataclass(frozen=True, slots=True)
class TaskMade:
    """Hold one piece of work on the item, by the queue that reviewers see."""

    number: int
    shown: str
    queue: str
    state: str
    created_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class HoldMade:
    """Hold a legal hold with who placed and who released it."""

    number: int
    reason: str
    placed_by: int
    placed_at: datetime
    released_by: int | None
    released_at: datetime | None


@dataclass(frozen=True, slots=True)
class MeasureTold:
    """Hold what the platform said that it did."""

    kind: str
    other: str | None
    ground: str
    ground_text: str
    explanation: str | None
    decision: int | None
    applied_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class PageRaised:
    """Hold a page to the leads; `raised_by` is an actor as the log writes it."""

    number: int
    why: str
    raised_by: str
    raised_at: datetime
    acknowledged_by: int | None
    acknowledged_at: datetime | None


@dataclass(frozen=True, slots=True)
class Message:
    """Hold where a message about the item is on its way to one endpoint: waiting, delivered or dead."""

    endpoint: str
    event: str
    state: str
    attempts: int
    created_at: datetime
    due_at: datetime
    settled_at: datetime | None
    fault: str | None


@dataclass(frozen=True, slots=True)
class Seen:
    """Hold how much of the texts one reviewer was shown, from the log: by the console or by a key."""

    actor: str
    times: Mapping[str, int]
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Trail:
    """Hold a task with all that became of its item, each kind oldest first; at most 500 of a kind."""

    history: History
    tasks: Sequence[TaskMade]
    complaints: Sequence[Complaint]
    holds: Sequence[HoldMade]
    measures: Sequence[MeasureTold]
    pages: Sequence[PageRaised]
    messages: Sequence[Message]
    seen: Sequence[Seen]


def trail(tx: Connection, context: Context, task: int, me: Reviewer | None = None) -> Trail:
    """Return the trail of a task's item as `me` may see it; raise what `history` does.

    It has no text of the item; statements, notes and reasons are people's own words.
    """
    told = history(tx, context, task, me)
    if told.hidden:
        return Trail(told, (), (), (), (), (), (), ())
    item = told.task.item_number

    def listed(table: Any, kind: Any) -> list[Any]:
        columns = [table.c[_COLUMNS.get(name, name)].label(name) for name in kind.__dataclass_fields__]
        query = select(*columns).where(table.c.item == item).order_by(table.c.id).limit(_MOST)
        return [kind(**row._mapping) for row in tx.execute(query)]

    return Trail(
        told,
        listed(tasks, TaskMade),
        complaints_about(tx, context, item),
        listed(holds, HoldMade),
        listed(measures, MeasureTold),
        listed(pages, PageRaised),
        listed(outbox, Message),
        () if told.unnamed else _seen(tx, item),
    )


_COLUMNS: Final[Mapping[str, str]] = {"number": "id"}


def _seen(tx: Connection, item: int) -> list[Seen]:
    """Return the latest five thousand looks, one entry a reviewer, whoever looked first in front."""
    looks = [Action.VIEWED.value, Action.REPLAYED.value]
    query = select(log.c.actor, log.c.at, log.c.body).where(log.c.item == item, log.c.action.in_(looks))
    rows: dict[str, list[Row[Any]]] = {}
    for row in reversed(tx.execute(query.order_by(log.c.seq.desc()).limit(_MOST_SEEN)).all()):
        rows.setdefault(row.actor, []).append(row)
    return [
        Seen(actor, Counter(json.loads(one.body)["extent"] for one in looks), looks[0].at, looks[-1].at)
        for actor, looks in rows.items()
    ]
