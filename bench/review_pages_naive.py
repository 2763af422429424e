"""How one lists a queue first: by reading every open task, and every item with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, case, func, select

from tocsin.service.review.context import Context
from tocsin.service.review.store.tables import items, tasks

__all__ = ["NAIVE"]

_OPEN: Final = tasks.c.state == "open"


def _count(tx: Connection, context: Context) -> Sequence[Row[Any]]:
    """Count every queue in one go."""
    now = context.clock()
    held = tasks.c.claim.is_not(None) & (tasks.c.available_at > now)
    query = select(
        tasks.c.queue,
        func.count(),
        func.sum(case((held, 1), else_=0)),
        func.sum(case((tasks.c.least_role > 1, 1), else_=0)),
        func.min(tasks.c.created_at),
        func.min(tasks.c.deadline),
        func.sum(case((tasks.c.deadline < now, 1), else_=0)),
    )
    return tx.execute(query.where(_OPEN).group_by(tasks.c.queue)).all()


def _search(tx: Connection, context: Context) -> Sequence[Row[Any]]:
    """Look for what is not there among open tasks, by what their items say."""
    del context
    query = select(tasks, items.c.platform_id).join(items, items.c.id == tasks.c.item)
    wanted = (_OPEN, items.c.language == "zz")
    return tx.execute(query.where(*wanted).order_by(tasks.c.serve_by, tasks.c.id).limit(50)).all()


NAIVE: Final[Mapping[str, Callable[[Connection, Context], object]]] = {
    "count of every queue": _count,
    "search: no match, open": _search,
}
"""Work of a desk, by what it asks."""
