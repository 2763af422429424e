"""Comparing both decisions on an item: where they differ, somebody who made neither says which holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from tocsin.assessment import Level
from tocsin.service.review.context import Context
from tocsin.service.review.queue import Queue
from tocsin.service.review.role import Role
from tocsin.service.review.rules import UNJUDGED
from tocsin.service.review.severity import Severity
from tocsin.service.review.store.console_tables import reveals
from tocsin.service.review.store.double_tables import doubles
from tocsin.service.review.store.phrases import is_final, standing
from tocsin.service.review.store.tables import decisions, exclusions, items, tasks
from tocsin.service.review.tasks.opening import open_task
from tocsin.service.review.verdict import Verdict

__all__ = ["compare_due", "exclude_deciders", "first_of", "is_due", "note_second"]

_AT_A_TIME: Final = 100
_DUE: Final = select(doubles).where(doubles.c.due_at.is_not(None), doubles.c.due_at <= bindparam("now"))


def first_of(tx: Connection, task: int) -> Row[Any]:
    """Return the first decision on the item that a task decides once more, or adjudicates."""
    query = (
        select(decisions)
        .join(doubles, doubles.c.first == decisions.c.id)
        .where((doubles.c.task == task) | (doubles.c.adjudication == task))
    )
    return tx.execute(query).one()


def note_second(tx: Connection, context: Context, task: int) -> None:
    """Have both decisions compared once the second, which was just made, cannot be undone any more.

    Before, whoever made it is as blind as when they made it: that a third is asked would tell them.
    """
    due = context.clock() + timedelta(seconds=context.settings.undo_seconds)
    tx.execute(update(doubles).where(doubles.c.task == task).values(due_at=due))


def is_due(tx: Connection, context: Context) -> bool:
    """Say whether any two decisions are to be compared."""
    return tx.execute(_DUE.limit(1), {"now": context.clock()}).first() is not None


def compare_due(tx: Connection, context: Context) -> int:
    """Compare what is due, and ask a third where two differ; return how many were compared.

    From then on both are shown, and the text counts for its second reader as what the model found it to be.
    """
    query = _DUE.order_by(doubles.c.due_at).limit(_AT_A_TIME).with_for_update(skip_locked=True)
    found = tx.execute(query, {"now": context.clock()}).all()
    for double in found:
        values = {"due_at": None, "adjudication": _compared(tx, context, double)}
        tx.execute(update(doubles).where(doubles.c.item == double.item).values(values))
    return len(found)


def _compared(tx: Connection, context: Context, double: Row[Any]) -> int | None:
    """Return the task in which it is said which of two decisions holds, None where none is needed.

    That is where both said the same, where the first does not hold any more, or an appeal is against it: then
    somebody else looks, or did.
    """
    query = select(decisions).where(decisions.c.task == double.task, *is_final())
    second = tx.execute(query).one()
    # Locked, or an erasure or an appeal at the same moment would not know of the task that is opened here.
    item = tx.execute(select(items).where(items.c.id == double.item).with_for_update(key_share=True)).one()
    if second.verdict != Verdict.CONFIRM.value:  # else it counts as severe already
        severity = Severity.of(None if item.level is None else Level(item.level))
        tx.execute(update(reveals).where(reveals.c.task == double.task).values(severity=int(severity)))
    first = first_of(tx, double.task)
    same = (first.verdict, first.policy) == (second.verdict, second.policy)
    if same or item.erased_at is not None or _is_overtaken(tx, first):
        return None
    weight = UNJUDGED if item.priority is None else item.priority
    number = open_task(tx, context, double.item, Queue.ADJUDICATION, weight, least_role=Role.SENIOR)
    exclude_deciders(tx, double.item, number)
    return number


def exclude_deciders(tx: Connection, item: int, task: int) -> None:
    """Bar whoever decided an item, a second reading included, from a task in which it is decided anew."""
    known = select(exclusions.c.reviewer).where(exclusions.c.task == task)
    deciders = select(decisions.c.reviewer).where(
        decisions.c.item == item,
        *is_final(),
        decisions.c.reviewer.not_in(known),
    )
    rows = [
        {"task": task, "reviewer": one, "why": "decided"} for one in tx.execute(deciders.distinct()).scalars()
    ]
    if rows:
        tx.execute(insert(exclusions), rows)


def _is_overtaken(tx: Connection, first: Row[Any]) -> bool:
    latest = tx.execute(select(func.max(decisions.c.id)).where(*standing(first.item))).scalar()
    waiting = select(tasks.c.id).where(
        tasks.c.item == first.item, tasks.c.state == "open", tasks.c.queue == Queue.APPEALS.value
    )
    return latest != first.id or tx.execute(waiting.limit(1)).first() is not None
