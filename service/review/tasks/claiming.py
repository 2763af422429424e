"""Claims: a task is one reviewer's for a while."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, delete, func, select, update

from tocsin.service.review.care.exposure import exposure_of
from tocsin.service.review.context import Context
from tocsin.service.review.double.blindness import is_hidden
from tocsin.service.review.double.ending import acquaint, remember_taker
from tocsin.service.review.errors import ConflictError, ForbiddenError, UnknownError
from tocsin.service.review.log import Action, Actor, Entry, append
from tocsin.service.review.queue import Queue
from tocsin.service.review.records.reviewers import Reviewer, find_reviewer
from tocsin.service.review.role import Role
from tocsin.service.review.severity import Severity
from tocsin.service.review.store.phrases import freed
from tocsin.service.review.store.tables import exclusions, reviewers, tasks
from tocsin.service.review.tasks.choosing import IS_OPEN, IS_PAGED, TAKEABLE, choose, given_of
from tocsin.service.review.tasks.task import Task, find_task, find_tasks

__all__ = ["claim_next", "claim_task", "held_by", "reassign", "release", "renew"]

_THIS: Final = (
    select(tasks.c.id, tasks.c.queue, tasks.c.severity, IS_PAGED.label("paged"))
    .where(tasks.c.id == bindparam("task"), *TAKEABLE)
    .with_for_update()
)
# Locked, or whoever asks twice at once gets one more than may be.
_ME: Final = (
    select(reviewers.c.role, reviewers.c.active)
    .where(reviewers.c.id == bindparam("me"))
    .with_for_update(key_share=True)
)
_HELD: Final = select(func.count()).where(
    IS_OPEN, tasks.c.claimed_by == bindparam("me"), tasks.c.available_at > bindparam("now")
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


def claim_next(
    tx: Connection, context: Context, reviewer: Reviewer, queues: Sequence[Queue] = ()
) -> Task | None:
    """Return the task that should be served next, now this reviewer's; None where there is none.

    Only from `queues`, as reviewers see them, where some are named; `withheld` says whether it is for what
    the reviewer has read already that there is none. Raises ConflictError where they hold as many as may be.
    """
    _check_room(tx, context, given_of(context, reviewer))
    number = choose(tx, context, reviewer, queues)
    return None if number is None else _take(tx, context, reviewer.number, number)


def claim_task(tx: Connection, context: Context, reviewer: Reviewer, task: int) -> Task:
    """Return this very task, now this reviewer's; raise ConflictError where it may not be.

    So it may not where it is severe and the reviewer has read as much as may be: but for a task that they
    know already, and for leads whom a page called to it.
    """
    given = given_of(context, reviewer)
    _check_room(tx, context, given)
    found = tx.execute(_THIS, {**given, "task": task}).first()
    if found is None:
        if tx.execute(select(tasks.c.id).where(tasks.c.id == task)).scalar() is None:
            raise UnknownError(f"there is no task {task}")
        raise ConflictError("a task must be open, free, and for somebody of this role, this one is not")
    called = found.paged and reviewer.role >= Role.LEAD
    if not called and (refusal := _too_much(tx, context, reviewer, found)):
        raise ConflictError(refusal)
    return _take(tx, context, reviewer.number, task)


def held_by(tx: Connection, context: Context, reviewer: Reviewer) -> list[Task]:
    """Return the tasks that a reviewer holds, a lapsed lease included while nobody else took it."""
    del context
    return find_tasks(tx, IS_OPEN, tasks.c.claimed_by == reviewer.number)


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
    what it is an appeal against, nor a second reading to somebody who may have seen what the first knew. To
    somebody who has read as much that is severe as may be only a lead gives another, and that is logged. Of
    an item whose second reading they may make nobody gives a task away: who may not have it would tell.
    """
    found = tx.execute(select(tasks).where(tasks.c.id == task).with_for_update()).first()
    if found is None:
        raise UnknownError(f"there is no task {task}")
    if is_hidden(tx, by, found.item):
        raise ForbiddenError(
            "a task of an item that waits to be decided again is given away by those who cannot decide it"
        )
    if found.state != "open":
        raise ConflictError("a task must be open, this one is done")
    other = find_reviewer(tx, to)
    if not other.active or other.role < Role(found.least_role):
        raise ForbiddenError(f"a task must go to somebody active, at least {Role(found.least_role).word}")
    barred = (exclusions.c.task == task, exclusions.c.reviewer == to)
    _check_unbarred(tx.execute(select(exclusions.c.why).where(*barred)).scalar(), Queue(found.queue), other)
    refusal = _too_much(tx, context, other, found)
    if refusal and by.role < Role.LEAD:
        raise ForbiddenError(f"a lead alone may give this task to reviewer {to}: {refusal}")
    tx.execute(delete(exclusions).where(*barred))
    taken = _take(tx, context, other.number, task)
    body: dict[str, Any] = {"task": task, "to": to, "from": found.claimed_by}
    body |= {"over_limit": True} if refusal else {}
    append(
        tx,
        context.key,
        Entry(context.clock(), Actor.reviewer(by.number), Action.REASSIGNED, found.item, body),
    )
    return taken


def _check_unbarred(why: str | None, queue: Queue, other: Reviewer) -> None:
    """Raise ForbiddenError where a task cannot go to `other`; `why` says what excludes them, if anything."""
    number = other.number
    if why == "decided":
        raise ForbiddenError(f"this task must go to somebody else: reviewer {number} decided the item")
    if queue is Queue.SECOND and (why is not None or other.role >= Role.LEAD):
        raise ForbiddenError(
            f"a second reading must go to somebody who has seen nothing of it: reviewer {number} may have"
        )


def _check_room(tx: Connection, context: Context, given: dict[str, Any]) -> None:
    most = context.settings.claims_each
    me = tx.execute(_ME, {"me": given["me"]}).one()
    if not me.active or me.role < given["my_role"]:
        raise ForbiddenError("a reviewer must be active and of this role, was changed meanwhile")
    if tx.execute(_HELD, {"me": given["me"], "now": given["now"]}).scalar_one() >= most:
        raise ConflictError(f"a reviewer must hold at most {most} tasks: decide or release one")


def _too_much(tx: Connection, context: Context, reviewer: Reviewer, task: Row[Any]) -> str | None:
    """Return why a task would be too much that is severe for somebody; None where it would not.

    One that is read blind may hold anything: it is as good as severe to whoever has read as much as may be.
    """
    lighter = task.severity < Severity.SEVERE and not Queue(task.queue).blind
    if lighter or context.settings.severe_a_shift == 0:
        return None
    exposure = exposure_of(tx, context, reviewer)
    known = task.id in exposure.read or task.id in exposure.held
    return exposure.refusal if exposure.used_up and not known else None


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
    acquaint(tx, task, reviewer, at)
    taken = find_task(tx, task)
    if context.settings.double_share and not taken.blind:
        remember_taker(tx, taken.item_number, reviewer)
    return taken


def _change(tx: Connection, reviewer: Reviewer, claim: str, values: dict[str, Any]) -> None:
    mine = tasks.c.claimed_by == reviewer.number
    changed = update(tasks).where(tasks.c.claim == claim, mine, IS_OPEN).values(values)
    if tx.execute(changed).rowcount != 1:
        raise UnknownError("a claim must be this reviewer's and not lapsed into another's, this one is not")
