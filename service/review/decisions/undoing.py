"""Undoing a decision while it is fresh."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from tocsin.service.review.context import Context
from tocsin.service.review.decisions.answering import weigh
from tocsin.service.review.decisions.deciding import is_told, told
from tocsin.service.review.decisions.decision import Decision
from tocsin.service.review.double.ending import rests_on, take_back
from tocsin.service.review.errors import ConflictError, ForbiddenError, UnknownError
from tocsin.service.review.log import Action, Actor, Entry, append
from tocsin.service.review.outbox import Event, post
from tocsin.service.review.queue import Queue
from tocsin.service.review.records.reviewers import Reviewer
from tocsin.service.review.role import Role
from tocsin.service.review.store.tables import appeals, decisions, exclusions, items, pages, tasks
from tocsin.service.review.verdict import Verdict

__all__ = ["undo", "undoable"]


def undo(tx: Connection, context: Context, reviewer: Reviewer, number: int) -> str | None:
    """Undo a decision; return the claim with which `reviewer` holds its task anew, None where they may not.

    Whoever made it may, and leads, for as long as the settings say; a skip passes to others at once and
    cannot be undone. Raises UnknownError, ForbiddenError, and ConflictError where something rests on it.
    """
    row = _locked(tx, number)
    made = Decision.of(row)
    at = context.clock()
    task = tx.execute(select(tasks).where(tasks.c.id == made.task).with_for_update()).one()
    _check(tx, context, reviewer, made, task, at)
    undone = {"undone_at": at, "undone_by": reviewer.number}
    tx.execute(update(decisions).where(decisions.c.id == number).values(undone))
    claim = _reopen(tx, context, reviewer, made, at)
    if made.said.verdict.final:
        weigh(tx, task, broken=False)
        take_back(tx, made.number, made.task, at)
    if is_told(made, Queue(task.queue)):
        post(tx, context, Event.DECISION_REVERSED, made.item_number, told(tx, made, Queue(task.queue)))
    body = {"decision": number, "task": made.task}
    actor = Actor.reviewer(reviewer.number)
    append(tx, context.key, Entry(at, actor, Action.UNDONE, made.item_number, body))
    return claim


def undoable(tx: Connection, context: Context, reviewer: Reviewer) -> Decision | None:
    """Return the latest decision of `reviewer` that was not undone, None where it cannot be undone now."""
    at = context.clock()
    since = at - timedelta(seconds=context.settings.undo_seconds)
    mine = (decisions.c.reviewer == reviewer.number, decisions.c.made_at >= since)
    query = select(decisions).where(*mine, decisions.c.undone_at.is_(None))
    row = tx.execute(query.order_by(decisions.c.made_at.desc(), decisions.c.id.desc()).limit(1)).first()
    if row is None:
        return None
    made = Decision.of(row)
    task = tx.execute(select(tasks).where(tasks.c.id == made.task)).one()
    try:
        _check(tx, context, reviewer, made, task, at)
    except ConflictError:
        return None
    return made


def _locked(tx: Connection, number: int) -> Row[Any]:
    """Return the decision with its task locked first: in the order in which deciding locks them."""
    found = tx.execute(select(decisions.c.task).where(decisions.c.id == number)).first()
    if found is None:
        raise UnknownError(f"there is no decision {number}")
    tx.execute(select(tasks.c.id).where(tasks.c.id == found.task).with_for_update())
    return tx.execute(select(decisions).where(decisions.c.id == number).with_for_update()).one()


def _check(
    tx: Connection, context: Context, reviewer: Reviewer, made: Decision, task: Row[Any], at: datetime
) -> None:
    seconds = context.settings.undo_seconds
    if made.reviewer != reviewer.number and reviewer.role < Role.LEAD:
        raise ForbiddenError("a decision is undone by whoever made it, or by a lead")
    if made.undone_at is not None:
        raise ConflictError("a decision must stand, this one was undone")
    if at > made.made_at + timedelta(seconds=seconds):
        raise ConflictError(f"a decision can be undone for {seconds:,} s, this one is older")
    if made.said.verdict is Verdict.SKIP:
        raise ConflictError("a skip cannot be undone: the task is others' already")
    later = select(decisions.c.id).where(decisions.c.task == made.task, decisions.c.id > made.number)
    appealed = select(appeals.c.id).where(appeals.c.decision == made.number)
    held = not made.said.verdict.final and task.claim is not None and task.available_at > at
    paged = select(pages.c.id).where(pages.c.task == made.task)  # an escalated task is the leads' then
    doubled = rests_on(made.number, made.task)
    resting = (later, appealed, *doubled) if made.said.verdict.final else (later, paged)
    if held or any(tx.execute(query.limit(1)).first() for query in resting):
        raise ConflictError("a decision can be undone while nothing rests on it, something does on this one")
    if tx.execute(select(items.c.erased_at).where(items.c.id == made.item_number)).scalar() is not None:
        raise ConflictError("a decision can be undone while its item is there, this one's was erased")


def _reopen(tx: Connection, context: Context, reviewer: Reviewer, made: Decision, at: datetime) -> str | None:
    """Open the task again: for `reviewer`, or for others where they decided what it is an appeal against.

    A second reading that a lead undoes is for others too.
    """
    barred = _is_barred(tx, reviewer, made)
    claim = None if barred else str(uuid.uuid4())
    lease = timedelta(0) if barred else timedelta(seconds=context.settings.lease_seconds)
    values: dict[str, Any] = {
        "state": "open",
        "done_at": None,
        "claim": claim,
        "claimed_by": None if barred else reviewer.number,
        "claimed_at": None if barred else at,
        "available_at": at + lease,
    }
    if made.said.verdict is Verdict.ESCALATE:
        values["least_role"] = min(int(reviewer.role), int(Role.LEAD))
        mine = exclusions.c.reviewer == made.reviewer
        tx.execute(delete(exclusions).where(exclusions.c.task == made.task, mine))
    tx.execute(update(tasks).where(tasks.c.id == made.task).values(values))
    return claim


def _is_barred(tx: Connection, reviewer: Reviewer, made: Decision) -> bool:
    query = select(exclusions.c.why).where(
        exclusions.c.task == made.task, exclusions.c.reviewer == reviewer.number
    )
    queue = tx.execute(select(tasks.c.queue).where(tasks.c.id == made.task)).scalar()
    if queue == Queue.SECOND.value and reviewer.role >= Role.LEAD:
        return True
    return tx.execute(query).scalar() == "decided"
