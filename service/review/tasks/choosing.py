"""Choosing: which of the free tasks somebody is served next."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Row,
    Select,
    bindparam,
    exists,
    literal_column,
    or_,
    select,
    text,
    union_all,
)

from tocsin.service.review.care.exposure import SEVERE, Exposure, exposure_of
from tocsin.service.review.context import Context
from tocsin.service.review.queue import Queue
from tocsin.service.review.records.reviewers import Reviewer
from tocsin.service.review.role import Role
from tocsin.service.review.rules import LANES_AHEAD
from tocsin.service.review.store.tables import exclusions, pages, tasks

__all__ = ["IS_OPEN", "IS_PAGED", "TAKEABLE", "choose", "given_of", "withheld"]

_EXCLUDED: Final = exists().where(exclusions.c.task == tasks.c.id, exclusions.c.reviewer == bindparam("me"))
# Written out, not bound: a plan that PostgreSQL keeps for any value cannot use an index of open tasks alone.
IS_OPEN: Final = tasks.c.state == literal_column("'open'")
IS_PAGED: Final = exists().where(pages.c.item == tasks.c.item, pages.c.task == tasks.c.id)
_ONE: Final[ColumnElement[int]] = literal_column("1")  # of any number, it would expect many
# An expired lease needs no sweeper: it shows by `available_at`, like a task that was never claimed.
TAKEABLE: Final = (
    IS_OPEN,
    tasks.c.available_at <= bindparam("now"),
    tasks.c.least_role <= bindparam("my_role"),
    ~_EXCLUDED,
    # Leads are shown what the model says and what was decided: they read nothing blind a second time.
    or_(tasks.c.queue != literal_column("'second'"), bindparam("my_role") < int(Role.LEAD)),
)
_SOONEST: Final = (
    select(tasks.c.id, tasks.c.serve_by).where(*TAKEABLE).order_by(tasks.c.serve_by, tasks.c.id).limit(_ONE)
)
# Nobody asks how hard a text is that is read blind, or being spared one would tell: of none of them is it
# taken to be lighter.
_LIGHTER: Final = _SOONEST.where(
    tasks.c.severity < SEVERE,
    tasks.c.queue.not_in([literal_column(f"'{one}'") for one in Queue if one.blind]),
)
# Few lie in the lanes, and so pages are asked for of few alone.
_PAGED: Final = _SOONEST.where(tasks.c.serve_by < bindparam("lanes"), IS_PAGED)
# Where few tasks in many were open, PostgreSQL goes on to expect none: it would sort all for the first.
_IN_ORDER: Final = text("SET LOCAL enable_sort = off")


def choose(tx: Connection, context: Context, reviewer: Reviewer, queues: Sequence[Queue]) -> int | None:
    """Return the number of the task that should be served next, its row locked; None where there is none.

    Whoever has read as much that is severe as may be is served something lighter or nothing, but for leads
    whom a page called. After several severe ones in a row comes a lighter one, where one waits and nothing
    that presses waits before it.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(_IN_ORDER)
    given = given_of(context, reviewer)
    exposure = _exposure(tx, context, reviewer)
    searches = [_SOONEST]
    if exposure is not None and exposure.used_up:
        searches = [_PAGED, _LIGHTER] if reviewer.role >= Role.LEAD else [_LIGHTER]
    elif exposure is not None and exposure.tiring and not _presses(tx, given, queues):
        searches = [_LIGHTER, _SOONEST]
    found = (_taken(tx, search, given, queues) for search in searches)
    return next((number for number in found if number is not None), None)


def withheld(
    tx: Connection, context: Context, reviewer: Reviewer, queues: Sequence[Queue] = ()
) -> Exposure | None:
    """Return the exposure of somebody who is served nothing for it although severe tasks wait; None else."""
    exposure = _exposure(tx, context, reviewer)
    if exposure is None or not exposure.used_up:
        return None
    given = given_of(context, reviewer)
    if _seen(tx, _LIGHTER, given, queues):
        return None
    return exposure if _seen(tx, _SOONEST, given, queues) else None


def given_of(context: Context, reviewer: Reviewer) -> dict[str, Any]:
    """Return what every question about the tasks that somebody may take is given."""
    now = context.clock()
    return {"me": reviewer.number, "my_role": int(reviewer.role), "now": now, "lanes": now - LANES_AHEAD}


def _exposure(tx: Connection, context: Context, reviewer: Reviewer) -> Exposure | None:
    settings = context.settings
    if settings.severe_a_shift == settings.severe_in_a_row == 0:
        return None
    return exposure_of(tx, context, reviewer)


def _presses(tx: Connection, given: dict[str, Any], queues: Sequence[Queue]) -> bool:
    """Say whether what should come next is an order, or what a page was raised for: these do not wait."""
    first = _seen(tx, _SOONEST, given, queues)
    return bool(first) and first[0].serve_by < given["lanes"]


def _taken(tx: Connection, search: Select[Any], given: dict[str, Any], queues: Sequence[Queue]) -> int | None:
    """Return the number of the first task that a search finds and can lock; None where there is none."""
    if not queues:
        return _number(tx, _locking(search), given)
    named = list(dict.fromkeys(queues))
    if len(named) > 1:  # one index lookup each: of all of them at once, it would read what lies between
        named = [named[row.place] for row in _seen(tx, search, given, named)]
    for queue in named:
        number = _number(tx, _locking(_in_queue(search, 0)), {**given, "queue_0": queue.value})
        if number is not None:
            return number
    return None


def _seen(
    tx: Connection, search: Select[Any], given: dict[str, Any], queues: Sequence[Queue]
) -> Sequence[Row[Any]]:
    """Return the first task that a search finds in each of the queues, soonest first; nothing is locked."""
    if not queues:
        return tx.execute(search, given).all()
    named = {f"queue_{place}": queue.value for place, queue in enumerate(queues)}
    return tx.execute(_in_each(search, len(queues)), {**given, **named}).all()


def _number(tx: Connection, query: Select[Any], given: dict[str, Any]) -> int | None:
    found = tx.execute(query, given).first()
    return None if found is None else found.id


@cache
def _locking(search: Select[Any]) -> Select[Any]:
    return search.with_for_update(skip_locked=True)


@cache
def _in_queue(search: Select[Any], place: int) -> Select[Any]:
    return search.where(tasks.c.shown == bindparam(f"queue_{place}"))


@cache
def _in_each(search: Select[Any], count: int) -> CompoundSelect[Any]:
    firsts = [_in_queue(search, place).subquery() for place in range(count)]
    found = (
        select(one.c.id, one.c.serve_by, literal_column(str(place)).label("place"))
        for place, one in enumerate(firsts)
    )
    return union_all(*found).order_by("serve_by", "id")
