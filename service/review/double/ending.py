"""Second readings and adjudications that end without a decision, or as something else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, and_, bindparam, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from tocsin.service.review.errors import ConflictError
from tocsin.service.review.queue import Queue
from tocsin.service.review.store.double_tables import doubles, takers
from tocsin.service.review.store.phrases import freed, is_final
from tocsin.service.review.store.tables import decisions, exclusions, items, tasks

__all__ = ["acquaint", "adjudicate_now", "end_adjudication", "remember_taker", "rests_on", "take_back"]

_INSERTS: Final[Mapping[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_RESTS: Final = "a decision can be undone while nothing rests on it, something does on this one"
# Made once, for every claim and every decision asks them: on a file, others wait while they are put together.
_TAKEN: Final = tasks.alias("taken")
_SECONDS: Final = (
    select(tasks.c.id, tasks.c.claimed_by)
    .join(_TAKEN, _TAKEN.c.item == tasks.c.item)
    .where(
        _TAKEN.c.id == bindparam("taken"),
        tasks.c.id != _TAKEN.c.id,
        tasks.c.queue == Queue.SECOND.value,
        tasks.c.state == "open",
    )
)
_END: Final = (
    update(tasks)
    .where(
        tasks.c.item == bindparam("of"),
        tasks.c.queue == Queue.ADJUDICATION.value,
        tasks.c.state == "open",
    )
    .values(state="done", done_at=bindparam("at"))
)


def rests_on(decision: int, task: int) -> tuple[Select[Any], Select[Any]]:
    """Return what asks for what rests on a decision: the second one, or an adjudication."""
    second = (
        select(decisions.c.id)
        .join(doubles, doubles.c.task == decisions.c.task)
        .where(doubles.c.first == decision, *is_final())
    )
    asked = doubles.c.adjudication.is_not(None)
    # Where leads were called over the second reading, it is this very task.
    called = doubles.c.task == doubles.c.adjudication
    begun = select(doubles.c.item).where(
        or_(and_(doubles.c.first == decision, asked), and_(doubles.c.task == task, asked, ~called))
    )
    return second, begun


def take_back(tx: Connection, decision: int, task: int, at: datetime) -> None:
    """Close the second reading of a decision that is undone; where that is a second one, compare nothing.

    Raises ConflictError where at the same moment the second reading was made, both were compared, or leads
    were called over it.
    """
    own = tx.execute(select(doubles).where(doubles.c.task == task).with_for_update()).first()
    if own is not None and own.adjudication not in {None, task}:  # this very task where leads were called
        raise ConflictError(_RESTS)
    tx.execute(update(doubles).where(doubles.c.task == task).values(due_at=None))
    second = tx.execute(select(doubles.c.task).where(doubles.c.first == decision)).scalar()
    if second is None:
        return
    tx.execute(select(tasks.c.id).where(tasks.c.id == second).with_for_update())
    made = select(decisions.c.id).where(decisions.c.task == second, *is_final())
    asked = select(doubles.c.item).where(doubles.c.first == decision, doubles.c.adjudication.is_not(None))
    if any(tx.execute(one.limit(1)).first() for one in (made, asked)):
        raise ConflictError(_RESTS)
    tx.execute(delete(doubles).where(doubles.c.first == decision))
    is_open = (tasks.c.id == second, tasks.c.state == "open")
    tx.execute(update(tasks).where(*is_open).values(state="done", done_at=at))


def end_adjudication(tx: Connection, item: int, at: datetime) -> None:
    """Close the adjudication of an item that is decided anew, or is to be: what it asked is settled there."""
    tx.execute(_END, {"of": item, "at": at})


def adjudicate_now(tx: Connection, task: int) -> None:
    """Make an open second reading an adjudication: a life may be in danger, and leads must see all of it."""
    found = tx.execute(
        select(tasks.c.item, items.c.level, items.c.language)
        .join(items, items.c.id == tasks.c.item)
        .where(tasks.c.id == task, tasks.c.queue == Queue.SECOND.value, tasks.c.state == "open")
    ).first()
    if found is None:
        return
    queue = Queue.ADJUDICATION.value
    told = {"queue": queue, "shown": queue, "level": found.level, "language": found.language}
    tx.execute(update(tasks).where(tasks.c.id == task).values(told))
    tx.execute(update(doubles).where(doubles.c.task == task).values(adjudication=task))
    tx.execute(delete(exclusions).where(exclusions.c.task == task, exclusions.c.why != "decided"))


def acquaint(tx: Connection, task: int, reviewer: int, at: datetime) -> None:
    """Bar somebody who takes another task of an item from its second reading, in hand or not.

    They are shown all that is known of it.
    """
    for row in tx.execute(_SECONDS, {"taken": task}).all():
        known = exclusions.c.task == row.id, exclusions.c.reviewer == reviewer
        if tx.execute(select(exclusions.c.task).where(*known)).first() is None:
            tx.execute(insert(exclusions).values(task=row.id, reviewer=reviewer, why="seen"))
        if row.claimed_by == reviewer:
            tx.execute(update(tasks).where(tasks.c.id == row.id).values(freed(at)))


def remember_taker(tx: Connection, item: int, reviewer: int) -> None:
    """Keep that somebody took a task of an item: whoever gives it back has seen what the model says too."""
    known = _INSERTS[tx.dialect.name](takers).on_conflict_do_nothing(index_elements=["item", "reviewer"])
    tx.execute(known, {"item": item, "reviewer": reviewer})
