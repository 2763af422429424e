"""How long decisions take, and whether deadlines are met."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import BigInteger, Connection, bindparam, func, literal_column, select

from tocsin.service.review.queue import Queue
from tocsin.service.review.records.figures.days import whole
from tocsin.service.review.records.figures.share import FEWEST
from tocsin.service.review.store.moment import Moment
from tocsin.service.review.store.phrases import is_standing
from tocsin.service.review.store.tables import decisions, tasks

__all__ = ["WINDOWS", "Deadlines", "Pace", "Waited", "pace"]

WINDOWS: Final = (7, 28)
_SECOND_US: Final = 1_000_000
_MADE: Final = whole(decisions.c.made_at)
_WEEK: Final = bindparam("week", type_=BigInteger)
_DECIDED: Final = (
    select(
        tasks.c.shown,
        (_MADE - whole(tasks.c.created_at)).label("waited"),
        (_WEEK <= _MADE).label("in_week"),
        (decisions.c.made_at <= tasks.c.deadline).label("in_time"),  # null where there is none
    )
    .join(tasks, tasks.c.id == decisions.c.task)
    .where(decisions.c.made_at >= bindparam("since", type_=Moment()), *is_standing())
)
_OVERDUE: Final = select(func.count()).where(
    tasks.c.state == literal_column("'open'"),
    tasks.c.shown.in_([literal_column(f"'{one.value}'") for one in Queue]),  # for the index
    tasks.c.deadline.is_not(None),
    tasks.c.deadline < bindparam("now", type_=Moment()),
)


@dataclass(frozen=True, slots=True)
class Waited:
    """Hold the seconds from a task's arrival to its decision, of `count` decisions; None where too few."""

    count: int
    median: float | None
    ninth: float | None


@dataclass(frozen=True, slots=True)
class Pace:
    """Hold one queue, as reviewers see it, over the last 7 and the last 28 days."""

    queue: Queue
    week: Waited
    month: Waited


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Hold tasks with a deadline: decided in time or late in the last 28 days, and overdue now."""

    met: int
    missed: int
    overdue: int


def pace(tx: Connection, now: datetime) -> tuple[Sequence[Pace], Deadlines]:
    """Return every queue that anything was decided of, and how deadlines were kept."""
    week, month = (now - timedelta(days=days) for days in WINDOWS)
    given = {"since": month, "week": Moment().process_bind_param(week, None)}
    all_month: dict[str, list[int]] = defaultdict(list)
    last_week: dict[str, list[int]] = defaultdict(list)
    kept: Counter[object] = Counter()
    for shown, waited, in_week, in_time in tx.execute(_DECIDED, given):
        all_month[shown].append(waited)
        if in_week:
            last_week[shown].append(waited)
        kept[in_time] += 1
    overdue = tx.execute(_OVERDUE, {"now": now}).scalar_one()
    told = [
        Pace(queue, _waited(last_week[queue.value]), _waited(all_month[queue.value]))
        for queue in Queue
        if queue.value in all_month
    ]
    return told, Deadlines(kept[True], kept[False], overdue)


def _waited(microseconds: list[int]) -> Waited:
    if len(microseconds) < FEWEST:
        return Waited(len(microseconds), None, None)
    ordered = sorted(microseconds)
    return Waited(len(ordered), _ranked(ordered, 0.5), _ranked(ordered, 0.9))


def _ranked(ordered: Sequence[int], share: float) -> float:
    """Return the least value that so large a share does not exceed, in seconds."""
    return ordered[math.ceil(share * len(ordered)) - 1] / _SECOND_US
