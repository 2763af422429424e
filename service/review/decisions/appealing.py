"""Appeals: somebody objects to a decision, and another reviewer looks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from tocsin.service.review.context import Context
from tocsin.service.review.double.comparing import exclude_deciders
from tocsin.service.review.double.ending import end_adjudication
from tocsin.service.review.errors import ConflictError
from tocsin.service.review.log import Action, Actor, Entry, append
from tocsin.service.review.queue import Queue
from tocsin.service.review.rules import UNJUDGED
from tocsin.service.review.store.phrases import item_number, standing
from tocsin.service.review.store.tables import appeals, decisions, items, tasks
from tocsin.service.review.tasks.opening import open_task

__all__ = ["Appeal", "AppealSource", "appeal"]


class AppealSource(StrEnum):
    """Say who objects."""

    AUTHOR = "author"
    NOTIFIER = "notifier"


@dataclass(frozen=True, slots=True)
class Appeal:
    """Hold one appeal; `reference` is the platform's own id of it, which makes handing it in twice harmless.

    `decision` None means the latest one that stands.
    """

    reference: str
    source: AppealSource
    decision: int | None = None
    statement: str | None = field(default=None, repr=False)
    received_at: datetime | None = None


def appeal(tx: Connection, context: Context, item: str, given: Appeal, by: str) -> int:
    """Return the number of the task in which another reviewer decides anew; one that waits is joined.

    Raises UnknownError for an unknown item, ConflictError where no decision stands that could be appealed.
    """
    number = item_number(tx, item, lock=True)
    same = select(appeals.c.task).where(appeals.c.item == number, appeals.c.reference == given.reference)
    known: int | None = tx.execute(same).scalar()
    if known is not None:
        return known
    decision = _appealed(tx, number, given.decision)
    at = context.clock()
    task = _waiting(tx, number)
    if task is None:
        task = open_task(tx, context, number, Queue.APPEALS, _priority(tx, number))
    row = {
        "item": number,
        "task": task,
        "decision": decision.id,
        "reference": given.reference,
        "source": given.source.value,
        "statement": given.statement,
        "received_at": given.received_at or at,
    }
    kept = tx.execute(insert(appeals).returning(appeals.c.id), row).scalar_one()
    exclude_deciders(tx, number, task)
    end_adjudication(tx, number, at)
    body = {"appeal": kept, "decision": decision.id, "source": given.source.value, "task": task}
    append(tx, context.key, Entry(at, Actor.key(by), Action.APPEALED, number, body))
    return task


def _priority(tx: Connection, item: int) -> float:
    found: float | None = tx.execute(select(items.c.priority).where(items.c.id == item)).scalar()
    return UNJUDGED if found is None else found


def _waiting(tx: Connection, item: int) -> int | None:
    """Return the open task of an earlier appeal on an item, which this one joins: they are answered alike."""
    query = select(tasks.c.id).where(
        tasks.c.item == item, tasks.c.state == "open", tasks.c.queue == Queue.APPEALS.value
    )
    number: int | None = tx.execute(query.limit(1).with_for_update()).scalar()
    return number


def _appealed(tx: Connection, item: int, wanted: int | None) -> Row[Any]:
    query = select(decisions).where(*standing(item)).order_by(decisions.c.id.desc())
    if wanted is not None:
        query = query.where(decisions.c.id == wanted)
    found = tx.execute(query.limit(1).with_for_update(read=True)).first()  # nobody undoes it meanwhile
    if found is None:
        raise ConflictError("an appeal must be against a decision that stands, this item has no such one")
    return found
