"""Drawing what is decided twice: by chance, known beforehand, when the first decision is made."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    bindparam,
    exists,
    insert,
    literal,
    select,
    union_all,
)
from sqlalchemy.exc import IntegrityError

from tocsin.service.review.context import Context
from tocsin.service.review.errors import ConflictError
from tocsin.service.review.queue import Queue
from tocsin.service.review.store.console_tables import reveals
from tocsin.service.review.store.double_tables import doubles, takers
from tocsin.service.review.store.phrases import is_final, standing
from tocsin.service.review.store.tables import decisions, exclusions, items, notices, pages
from tocsin.service.review.tasks.opening import open_task
from tocsin.service.review.verdict import Verdict

__all__ = ["chance_of", "open_second"]

_CONFIRMS: Final = 4  # times as likely as dismissals: they are fewer, and what restricts somebody
_PURPOSE: Final = "double review"
_AT_ONCE: Final = "another decision on the item was made at this very moment: decide again"
_PRIORITY: Final = 0.0  # of all alike: what comes sooner would tell what the model says
_NEVER: Final = frozenset(
    one
    for one in Queue
    if one.anew or one.blind or one.untold or one in {Queue.ORDERS, Queue.GOLDEN, Queue.LEARNING}
)
_ITEM: Final[ColumnElement[int]] = bindparam("item")
# An item's first decision alone may be drawn, and none where a life may be in danger, or the answer is known.
_MAY_BE: Final = select(items.c.id).where(
    items.c.id == _ITEM,
    items.c.expected.is_(None),
    ~exists().where(notices.c.item == _ITEM, notices.c.threat_to_life),
    ~exists().where(pages.c.item == _ITEM, pages.c.why == "life"),
    ~exists().where(*standing(_ITEM)),
    ~exists().where(doubles.c.item == _ITEM),
)


def chance_of(
    tx: Connection, context: Context, task: Row[Any], verdict: Verdict, together_with: int | None
) -> float | None:
    """Return with which probability a decision that is about to be made is drawn; None where it cannot be.

    Near-copies that are decided with another are not: of all of them, the one in hand was read.
    """
    share = context.settings.double_share
    if not share or not verdict.final or together_with is not None or Queue(task.queue) in _NEVER:
        return None
    if tx.execute(_MAY_BE, {"item": task.item}).first() is None:
        return None
    return min(1.0, _CONFIRMS * share) if verdict is Verdict.CONFIRM else share


def open_second(
    tx: Connection, context: Context, task: Row[Any], first: int, chance: float | None
) -> int | None:
    """Return the task in which another decides blind, where the decision `first` on `task` is drawn.

    It may be taken once the first cannot be undone any more: not by whoever decided, took, skipped or
    escalated the first, or was shown anything of the text, for they may have seen what the model says. Raises
    ConflictError where another decision on the item was drawn at the same moment.
    """
    if chance is None or context.key.draw(str(task.item), _PURPOSE) >= chance:
        return None
    wait = timedelta(seconds=context.settings.undo_seconds)
    second = open_task(tx, context, task.item, Queue.SECOND, _PRIORITY, wait=wait)
    try:
        tx.execute(insert(doubles).values(item=task.item, first=first, task=second))
    except IntegrityError:
        raise ConflictError(_AT_ONCE) from None
    barred = {row.reviewer: row.why for row in tx.execute(_acquainted(task))}
    rows = [{"task": second, "reviewer": one, "why": why} for one, why in barred.items()]
    tx.execute(insert(exclusions), rows)
    return second


def _acquainted(task: Row[Any]) -> Select[Any]:
    """Return what asks for whoever knows an item, the deciders last: of two reasons, theirs counts."""

    def found(table: Table, why: str, rank: int, *what: ColumnElement[bool]) -> Select[Any]:
        return select(table.c.reviewer, literal(why).label("why"), literal(rank).label("rank")).where(*what)

    everybody = union_all(
        found(exclusions, "seen", 0, exclusions.c.task == task.id),
        found(takers, "seen", 0, takers.c.item == task.item),
        found(reveals, "seen", 0, reveals.c.item == task.item),
        found(decisions, "seen", 0, decisions.c.item == task.item),
        found(decisions, "decided", 1, decisions.c.item == task.item, *is_final()),
    ).subquery()
    return select(everybody.c.reviewer, everybody.c.why).order_by(everybody.c.rank)
