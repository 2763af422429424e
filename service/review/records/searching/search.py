"""Going through tasks for those that meet the filters, for as long as a page may take and no longer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, Subquery, literal_column, select

from tocsin.service.review.context import Context
from tocsin.service.review.double.blindness import is_hidden_task, shows
from tocsin.service.review.errors import UnknownError
from tocsin.service.review.records.reviewers import Reviewer
from tocsin.service.review.records.searching.conditions import begins, conditions
from tocsin.service.review.records.searching.filters import Filters
from tocsin.service.review.records.searching.hit import Hit, hits_of
from tocsin.service.review.records.searching.way import Position, Way, way_of
from tocsin.service.review.role import Role
from tocsin.service.review.store.tables import items, tasks

__all__ = ["PAGE", "Hits", "search"]

PAGE: Final = 50
_FIRST_LOOK: Final = 2_000
_LOOK: Final = 5_000
_FEW: Final = 2_000
_ALL: Final = 1_000_000_000  # a limit, so that databases look at the few first, and filter then
_MOST: Final = (
    10_000  # tasks of few items, or that one reviewer holds: a bound that keeps SQLite from mixing in
)
_WITHIN_S: Final = 0.15
# What PostgreSQL believes of a table that grew since it last looked would have it read all for a few.
_ALL_AT_ONCE: Final = (
    "enable_hashjoin",
    "enable_material",
    "enable_mergejoin",
    "enable_seqscan",
    "enable_sort",
    "jit",
)


@dataclass(frozen=True, slots=True)
class Hits:
    """Hold a page of what was found; `onward` is the task after which a search goes on, None at the end.

    `unfinished` says that time ran out before the page was full: so far `looked_at` tasks were looked at.
    """

    found: Sequence[Hit]
    onward: int | None
    unfinished: bool = False
    looked_at: int = 0


@dataclass(frozen=True, slots=True)
class _Found:
    """Hold tasks' numbers, at most one more than a page; `end` is where time ran out."""

    numbers: Sequence[int]
    end: Position | None = None
    looked_at: int = 0


def search(
    tx: Connection,
    context: Context,
    reviewer: Reviewer,
    filters: Filters,
    after: int | None = None,
    *,
    within_s: float = _WITHIN_S,
) -> Hits:
    """Return the next 50 tasks after `after` that meet the filters, or as many as `within_s` seconds find.

    However rare they are and however many tasks there are, it takes little longer: then it says where to go
    on. Raises ForbiddenError where this reviewer may not search so, and what `Way.begin` does.
    """
    filters.check(reviewer.role)
    leads, now = reviewer.role >= Role.LEAD, context.clock()
    way = way_of(filters)

    def meeting(looked: Subquery, begun: Position | None) -> Select[Any]:
        wanted = [*conditions(filters, looked, now, tx.dialect.name, leads=leads)]
        if (shown := shows(reviewer, looked.c)) is not None:
            wanted.append(shown)
        keys = [looked.c[key.name] for key in way.keys]
        return way.ahead(select(looked.c.id).where(*wanted), begun, keys)

    def is_told(task: int) -> bool:
        return leads or not is_hidden_task(tx, reviewer, task)

    if after is not None and not is_told(after):  # else what comes after it would tell when it is served
        raise UnknownError(f"there is no task {after}")
    with _by_indexes(tx):
        begun = way.begin(tx, after)
        few = _few(tx, filters)
        if few is None:
            found = _walk(tx, way, meeting, begun, within_s, is_told)
        else:
            looked = select(tasks).where(*way.among, few).limit(_ALL).subquery()
            found = _Found(tx.execute(meeting(looked, begun).limit(PAGE + 1)).scalars().all())
        return _hits(tx, found, now, leads=leads)


def _few(tx: Connection, filters: Filters) -> ColumnElement[bool] | None:
    """Return what holds of few tasks, all that could be meant among them; None where that is not known."""
    if filters.holder is not None:
        return (tasks.c.state == literal_column("'open'")) & (tasks.c.claimed_by == filters.holder)
    if filters.item is not None:
        named = items.c.platform_id == filters.item
    elif filters.begins is not None:
        named = begins(filters.begins, tx.dialect.name)
    else:
        return None
    numbers = tx.execute(select(items.c.id).where(named).limit(_FEW + 1)).scalars().all()
    return tasks.c.item.in_(numbers) if len(numbers) <= _FEW else None


def _walk(
    tx: Connection,
    way: Way,
    meeting: Callable[[Subquery, Position | None], Select[Any]],
    begun: Position | None,
    within_s: float,
    is_told: Callable[[int], bool],
) -> _Found:
    """Go through tasks for so many seconds, and on to one that whoever asks may be told to go on from."""
    found: list[int] = []
    looked_at, size, until = 0, _FIRST_LOOK, time.monotonic() + within_s
    while True:
        end = way.end_of_look(tx, begun, size)
        query = meeting(way.look(begun, size).subquery(), None)
        found += tx.execute(query.limit(PAGE + 1 - len(found))).scalars()
        if end is None or len(found) > PAGE:
            return _Found(found)
        begun, looked_at, size = end, looked_at + size, _LOOK
        if time.monotonic() > until and is_told(end[-1]):
            return _Found(found, end, looked_at)


@contextmanager
def _by_indexes(tx: Connection) -> Iterator[None]:
    """Have PostgreSQL follow indexes, whatever it believes of the tables."""
    if tx.dialect.name != "postgresql":
        yield
        return
    for option in _ALL_AT_ONCE:
        tx.exec_driver_sql(f"SET LOCAL {option} = off")
    yield
    for option in _ALL_AT_ONCE:
        tx.exec_driver_sql(f"SET LOCAL {option} TO DEFAULT")


def _hits(tx: Connection, found: _Found, now: datetime, *, leads: bool) -> Hits:
    page = found.numbers[:PAGE]
    told = hits_of(tx, page, now, leads=leads)
    if len(found.numbers) > PAGE:
        return Hits(told, page[-1])
    if found.end is None:
        return Hits(told, None)
    return Hits(told, found.end[-1], unfinished=True, looked_at=found.looked_at)
