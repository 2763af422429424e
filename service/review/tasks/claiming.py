"""Claims: a task is one reviewer's for a while."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    select,
    text,
    update,
)

from tocsin.service.review.context import Context
from tocsin.service.review.errors import ConflictError, ForbiddenError, UnknownError
from tocsin.service.review.log import Action, Actor, Entry, append
from tocsin.service.review.queue import Queue
from tocsin.service.review.records.reviewers import Reviewer, find_reviewer
from tocsin.service.review.role import Role
from tocsin.service.review.store.phrases import freed
from tocsin.service.review.store.tables import exclusions, reviewers, tasks
from tocsin.service.review.tasks.task import Task, find_task, find_tasks

__all__ = ["claim_next", "claim_task", "held_by", "reassign", "release", "renew"]

_EXCLUDED: Final = exists().where(exclusions.c.task == tasks.c.id, exclusions.c.reviewer == bindparam("me"))
# Written out, not bound: a plan that PostgreSQL keeps for any value cannot use an index of open tasks alone.
_OPEN: Final = tasks.c.state == literal_column("'open'")
_ONE: Final[ColumnElement[int]] = literal_column("1")  # of any number, it would expect many
# An expired lease needs no sweeper: it shows by `available_at`, like a task that was never claimed.
_TAKEABLE: Final = (
    _OPEN,
    tasks.c.available_at <= bindparam("now"),
    tasks.c.least_role <= bindparam("my_role"),
    ~_EXCLUDED,
)
_SOONEST: Final = (
    select(tasks.c.id)
    .where(*_TAKEABLE)
    .order_by(tasks.c.serve_by, tasks.c.id)
    .limit(_ONE)
    .with_for_update(skip_locked=True)
)
_SOONEST_IN: Final = {
    count: _SOONEST.where(
        tasks.c.shown == bindparam("queue")
        if count == 1
        else tasks.c.shown.in_(bindparam("queues", expanding=True))
    )
    for count in (1, 2)
}
_THIS: Final = select(tasks.c.id).where(tasks.c.id == bindparam("task"), *_TAKEABLE).with_for_update()
# Locked, or whoever asks twice at once gets one more than may be.
_ME: Final = (
    select(reviewers.c.role, reviewers.c.active)
    .where(reviewers.c.id == bindparam("me"))
    .with_for_update(key_share=True)
)
_HELD: Final = select(func.count()).where(
    _OPEN, tasks.c.claimed_by == bindparam("me"), tasks.c.available_at > bindparam("now")
)
_MINE_NOW: Final = (
    update(tasks)
    .where(tasks.c.id == bindparam("task"))
    .values(
        claim=bindparam("token"),
        claimed_by=bindparam("me"),
        claimed_at=bindparam("now"),
        available_at=bindparam("until"),
    )
)
# Where few tasks in many were open, PostgreSQL goes on to expect none: it would sort all for the first.
_IN_ORDER: Final = text("SET LOCAL enable_sort = off")


def claim_next(
    tx: Connection, context: Context, reviewer: Reviewer, queues: Sequence[Queue] = ()
) -> Task | None:
    """Return the task that should be served next, now this reviewer's; None where there is none.

    Only from `queues`, as reviewers see them, where some are named. Raises ConflictError where the reviewer
    holds as many as may be.
    """
    given = _given(context, reviewer)
    _check_room(tx, context, given)
    number = _soonest(tx, given, queues)
    return None if number is None else _take(tx, context, reviewer.number, number)


def claim_task(tx: Connection, context: Context, reviewer: Reviewer, task: int) -> Task:
    """Return this very task, now this reviewer's; raise ConflictError where it may not be."""
    given = _given(context, reviewer)
    _check_room(tx, context, given)
    if tx.execute(_THIS, {**given, "task": task}).scalar() is None:
        if tx.execute(select(tasks.c.id).where(tasks.c.id == task)).scalar() is None:
            raise UnknownError(f"there is no task {task}")
        raise ConflictError("a task must be open, free, and for somebody of this role, this one is not")
    return _take(tx, context, reviewer.number, task)


def held_by(tx: Connection, context: Context, reviewer: Reviewer) -> list[Task]:
    """Return the tasks that a reviewer holds, a lapsed lease included while nobody else took it."""
    del context
    return find_tasks(tx, _OPEN, tasks.c.claimed_by == reviewer.number)


def renew(tx: Connection, context: Context, reviewer: Reviewer, claim: str) -> Task:
    """Return the claimed task with its lease begun anew; raise UnknownError where the claim is none."""
    until = context.clock() + timedelta(seconds=context.settings.lease_seconds)
    _change(tx, reviewer, claim, {"available_at": until})
    return find_tasks(tx, tasks.c.claim == claim)[0]


def release(tx: Connection, context: Context, reviewer: Reviewer, claim: str) -> None:
    """Give a task back; raise UnknownError where the claim is none."""
    _change(tx, reviewer, claim, freed(context.clock()))


def reassign(tx: Connection, context: Context, by: Reviewer, task: int, to: int) -> Task:
    """Return the task, now `to`'s, whoever held it; raise UnknownError, ConflictError, ForbiddenError.

    Also to somebody who skipped or escalated it: whoever reassigns has the say. Not to somebody who decided
    what it is an appeal against.
    """
    found = tx.execute(select(tasks).where(tasks.c.id == task).with_for_update()).first()
    if found is None:
        raise UnknownError(f"there is no task {task}")
    if found.state != "open":
        raise ConflictError("a task must be open, this one is done")
    other = find_reviewer(tx, to)
    if not other.active or other.role < Role(found.least_role):
        raise ForbiddenError(f"a task must go to somebody active, at least {Role(found.least_role).word}")
    barred = (exclusions.c.task == task, exclusions.c.reviewer == to)
    if tx.execute(select(exclusions.c.why).where(*barred)).scalar() == "decided":
        raise ForbiddenError(f"an appeal must go to somebody else: reviewer {to} decided the item")
    tx.execute(delete(exclusions).where(*barred))
    taken = _take(tx, context, other.number, task)
    body = {"task": task, "to": to, "from": found.claimed_by}
    append(
        tx,
        context.key,
        Entry(context.clock(), Actor.reviewer(by.number), Action.REASSIGNED, found.item, body),
    )
    return taken


def _given(context: Context, reviewer: Reviewer) -> dict[str, Any]:
    return {"me": reviewer.number, "my_role": int(reviewer.role), "now": context.clock()}


def _check_room(tx: Connection, context: Context, given: dict[str, Any]) -> None:
    most = context.settings.claims_each
    me = tx.execute(_ME, {"me": given["me"]}).one()
    if not me.active or me.role < given["my_role"]:
        raise ForbiddenError("a reviewer must be active and of this role, was changed meanwhile")
    if tx.execute(_HELD, {"me": given["me"], "now": given["now"]}).scalar_one() >= most:
        raise ConflictError(f"a reviewer must hold at most {most} tasks: decide or release one")


def _soonest(tx: Connection, given: dict[str, Any], queues: Sequence[Queue]) -> int | None:
    if tx.dialect.name == "postgresql":
        tx.execute(_IN_ORDER)
    named = [one.value for one in queues]
    if not named:
        number: int | None = tx.execute(_SOONEST, given).scalar()
    elif len(named) == 1:
        number = tx.execute(_SOONEST_IN[1], {**given, "queue": named[0]}).scalar()
    else:
        number = tx.execute(_SOONEST_IN[2], {**given, "queues": named}).scalar()
    return number


def _take(tx: Connection, context: Context, reviewer: int, task: int) -> Task:
    at = context.clock()
    values = {
        "task": task,
        "token": str(uuid.uuid4()),
        "me": reviewer,
        "now": at,
        "until": at + timedelta(seconds=context.settings.lease_seconds),
    }
    tx.execute(_MINE_NOW, values)
    return find_task(tx, task)


def _change(tx: Connection, reviewer: Reviewer, claim: str, values: dict[str, Any]) -> None:
    mine = tasks.c.claimed_by == reviewer.number
    changed = update(tasks).where(tasks.c.claim == claim, mine, _OPEN).values(values)
    if tx.execute(changed).rowcount != 1:
        raise UnknownError("a claim must be this reviewer's and not lapsed into another's, this one is not")
