"""Whether the backlog grows: tasks that came and tasks that were done with, by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, func, literal_column, select

from tocsin.service.review.records.figures.days import day_number, midnight, number_of, shown_days
from tocsin.service.review.store.moment import Moment
from tocsin.service.review.store.tables import tasks

__all__ = ["FlowDay", "flow"]

_SINCE: Final = bindparam("since", type_=Moment())
_CAME: Final = day_number(tasks.c.created_at)
_WENT: Final = day_number(tasks.c.done_at)
# In the order of the index that has all that is asked for; the limit keeps SQLite from taking another.
_OPEN: Final = (
    select(tasks.c.created_at)
    .where(tasks.c.state == literal_column("'open'"))
    .order_by(tasks.c.shown, tasks.c.queue, tasks.c.created_at)
    .limit(1_000_000_000)
    .subquery()
)
_WAITING: Final = select(day_number(_OPEN.c.created_at).label("came"), func.count().label("tasks")).group_by(
    day_number(_OPEN.c.created_at)
)
# What came since then and is done was done since then: all of it is among these.
_DONE: Final = (
    select(_CAME.label("came"), _WENT.label("went"), func.count().label("tasks"))
    .where(tasks.c.state == literal_column("'done'"), tasks.c.done_at >= _SINCE)
    .group_by(_CAME, _WENT)
)


@dataclass(frozen=True, slots=True)
class FlowDay:
    """Hold one day: tasks that came, tasks that were done with, and how many waited at its end."""

    day: date
    came: int
    done: int
    waiting: int


def flow(tx: Connection, now: datetime) -> Sequence[FlowDay]:
    """Return the last 28 days, today included, oldest first."""
    days = shown_days(now)
    since = midnight(now) - timedelta(days=len(days) - 1)
    came: Counter[int] = Counter()
    went: Counter[int] = Counter()
    waiting = 0
    for row in tx.execute(_WAITING):
        came[row.came] += row.tasks
        waiting += row.tasks
    for done in tx.execute(_DONE, {"since": since}):
        came[done.came] += done.tasks
        went[done.went] += done.tasks
    told: list[FlowDay] = []
    for day in reversed(days):
        number = number_of(day)
        told.append(FlowDay(day, came[number], went[number], waiting))
        waiting += went[number] - came[number]
    return told[::-1]
