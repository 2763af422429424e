"""Deciding: the decision, its row in the log and its message, in one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from tocsin.service.review.context import Context
from tocsin.service.review.decisions.answering import check_answers, weigh
from tocsin.service.review.decisions.decision import Decision, Said, check_said
from tocsin.service.review.double.comparing import first_of, note_second
from tocsin.service.review.double.drawing import chance_of, open_second
from tocsin.service.review.double.ending import end_adjudication
from tocsin.service.review.errors import ConflictError, ForbiddenError, UnknownError
from tocsin.service.review.log import Action, Actor, Entry, append
from tocsin.service.review.outbox import Event, post
from tocsin.service.review.queue import Queue
from tocsin.service.review.records.paging import answer_by_deciding
from tocsin.service.review.records.reviewers import Reviewer
from tocsin.service.review.role import Role
from tocsin.service.review.store.phrases import freed, is_final
from tocsin.service.review.store.tables import appeals, decisions, exclusions, items, notices, tasks
from tocsin.service.review.verdict import Verdict

__all__ = ["decide", "is_told", "settle", "told"]

_ASIDE: Final = {Queue.SECOND, Queue.ADJUDICATION}  # nothing follows unless they overturn another decision
_SKIPS: Final = 2  # after so many somebody with more say must look
# Made once: on a file, others wait for as long as a statement takes to be put together.
_HELD: Final = select(tasks).where(tasks.c.claim == bindparam("claim")).with_for_update()
_KEEP: Final = insert(decisions).returning(decisions)
_DIGEST: Final = select(items.c.digest).where(items.c.id == bindparam("item"))
_NAME: Final = select(items.c.platform_id).where(items.c.id == bindparam("item"))
_NOTICED: Final = (
    select(notices.c.kind, notices.c.reference)
    .where(notices.c.task == bindparam("task"))
    .order_by(notices.c.id)
)
_APPEALED: Final = (
    select(appeals.c.reference, appeals.c.decision)
    .where(appeals.c.task == bindparam("task"))
    .order_by(appeals.c.id)
)


def decide(tx: Connection, context: Context, reviewer: Reviewer, claim: str, said: Said) -> Decision:
    """Return the decision that `said` makes of the task that `claim` holds.

    Asked again with the same claim and words, it returns the decision that was made: an answer that was lost
    costs nothing. Raises UnknownError for a claim that is none, ConflictError where the task is another's or
    was decided otherwise, ForbiddenError where nobody has more say, InputError.
    """
    check_said(said, context.policies)
    task = tx.execute(_HELD, {"claim": claim}).first()
    if task is None or task.state != "open":
        return _made_before(tx, reviewer, claim, said)
    if task.claimed_by != reviewer.number:
        raise ConflictError("a task must be held by who decides it, another holds this one")
    decision, entry = settle(tx, context, reviewer, task, claim, said)
    append(tx, context.key, entry)
    return decision


def settle(
    tx: Connection,
    context: Context,
    reviewer: Reviewer,
    task: Row[Any],
    claim: str,
    said: Said,
    together_with: int | None = None,
) -> tuple[Decision, Entry]:
    """Return the decision on `task`, an open one whose row this transaction has locked, and what to log."""
    at = context.clock()
    check_answers(tx, task, said)
    _check_unprejudiced(tx, reviewer, task)
    chance = chance_of(tx, context, task, said.verdict, together_with)
    decision = _keep(tx, reviewer, task, claim, said, at, together_with, chance)
    tx.execute(update(tasks).where(tasks.c.id == task.id).values(_task_after(task, reviewer, said, at)))
    if not said.verdict.final:
        _exclude(tx, task.id, reviewer, said.verdict)
    if said.verdict.final and task.deadline is not None:
        answer_by_deciding(tx, task.id, reviewer.number, at)
    if is_told(decision, Queue(task.queue)):
        post(tx, context, Event.DECISION_MADE, task.item, told(tx, decision, Queue(task.queue)))
    if said.broken:
        weigh(tx, task, broken=True)
    body: dict[str, Any] = {
        "decision": decision.number,
        "task": task.id,
        "verdict": said.verdict.value,
        "policy": said.policy,
        "digest": tx.execute(_DIGEST, {"item": task.item}).scalar_one().hex(),
    }
    if said.policies or said.unsure:
        body |= {"policies": list(said.policies), "unsure": list(said.unsure)}
    if decision.aside:
        body["aside"] = True
    if said.verdict.final:
        body |= _doubled(tx, context, task, decision, chance, at)
    return decision, Entry(at, Actor.reviewer(reviewer.number), Action.DECIDED, task.item, body)


def _doubled(
    tx: Connection, context: Context, task: Row[Any], made: Decision, chance: float | None, at: datetime
) -> dict[str, Any]:
    """Have another decide as well, or both compared; return what the log tells of it."""
    if Queue(task.queue) is Queue.SECOND:
        note_second(tx, context, task.id)
    if made.aside:
        return {}
    if not Queue(task.queue).untold:
        end_adjudication(tx, task.item, at)
    second = open_second(tx, context, task, made.number, chance)
    return {} if chance is None else {"chance": chance, "second": second}


def is_told(decision: Decision, queue: Queue) -> bool:
    """Say whether the platform is told of a decision, and of its being undone.

    Not of what moves nothing by itself: what was made aside, and labels of what it did not hand in, which it
    knows by no name.
    """
    return decision.said.verdict.final and not decision.aside and not queue.untold


def _check_unprejudiced(tx: Connection, reviewer: Reviewer, task: Row[Any]) -> None:
    """Raise ForbiddenError where an item would be decided anew by somebody who decided it, or not blind.

    Who may not take it is told when it comes; this also finds whoever decided another task of the item since,
    or saw it there.
    """
    queue = Queue(task.queue)
    if queue.anew:
        own = select(decisions.c.id).where(
            decisions.c.item == task.item,
            *is_final(),
            decisions.c.reviewer == reviewer.number,
            decisions.c.task != task.id,
        )
        if tx.execute(own.limit(1)).first() is not None:
            name = "an appeal" if queue is Queue.APPEALS else "an adjudication"
            raise ForbiddenError(f"{name} must be decided by somebody who decided nothing else of the item")
    if queue is Queue.SECOND:
        seen = select(exclusions.c.task).where(
            exclusions.c.task == task.id, exclusions.c.reviewer == reviewer.number
        )
        if reviewer.role >= Role.LEAD or tx.execute(seen).first() is not None:
            raise ForbiddenError(
                "a second reading must be made by somebody who has seen nothing of the first"
            )


def told(tx: Connection, decision: Decision, queue: Queue) -> dict[str, Any]:
    """Return what the platform is told of a decision: no text, and nobody's name."""
    task = {"task": decision.task}
    return {
        "item": tx.execute(_NAME, {"item": decision.item_number}).scalar(),
        "decision": decision.number,
        "verdict": decision.said.verdict.value,
        "policy": decision.said.policy,
        "queue": queue.value,
        "replaces": decision.replaces,
        "together_with": decision.together_with,
        "notices": [{"kind": one.kind, "id": one.reference} for one in tx.execute(_NOTICED, task)],
        "appeals": list(tx.execute(_APPEALED, task).scalars()),
    }


def _keep(
    tx: Connection,
    reviewer: Reviewer,
    task: Row[Any],
    claim: str,
    said: Said,
    at: datetime,
    together_with: int | None,
    chance: float | None,
) -> Decision:
    replaces = _replaced(tx, task, said)
    row = {
        "task": task.id,
        "item": task.item,
        "reviewer": reviewer.number,
        "claim": claim,
        "verdict": said.verdict.value,
        "policy": said.policy,
        "policies": list(said.policies) or None,
        "unsure": list(said.unsure) or None,
        "reason": said.reason,
        "note": said.note,
        "replaces": replaces,
        "together_with": together_with,
        "made_at": at,
        "aside": replaces is None and Queue(task.queue) in _ASIDE,
        "chance": chance,
    }
    try:
        kept = tx.execute(_KEEP, row).one()
    except IntegrityError:
        raise ConflictError("a claim must be decided once, this one was") from None
    return Decision.of(kept)


def _replaced(tx: Connection, task: Row[Any], said: Said) -> int | None:
    """Return the decision that the first appeal is against, or that is overturned; None where it stands."""
    queue = Queue(task.queue)
    if queue is Queue.APPEALS:
        appealed = tx.execute(_APPEALED, {"task": task.id}).first()
        return None if appealed is None else appealed.decision
    if queue is Queue.ADJUDICATION and said.verdict.final:
        first = first_of(tx, task.id)
        number: int = first.id
        return None if (first.verdict, first.policy) == (said.verdict.value, said.policy) else number
    return None


def _task_after(task: Row[Any], reviewer: Reviewer, said: Said, at: datetime) -> dict[str, Any]:
    """Return what becomes of the task: done, or open again for somebody else."""
    if said.verdict.final:
        return {"state": "done", "done_at": at}
    again = freed(at)
    if said.verdict is Verdict.ESCALATE:
        first = task.serve_by if Queue(task.queue).blind else min(task.serve_by, at)
        return {**again, "least_role": _above(task, reviewer), "serve_by": first}
    skips = task.skips + 1
    passed_up = skips >= _SKIPS and task.least_role < Role.SENIOR
    return {**again, "skips": skips, "least_role": int(Role.SENIOR) if passed_up else task.least_role}


def _above(task: Row[Any], reviewer: Reviewer) -> int:
    """Return the least role that has more say than whoever escalates, a lead having the last."""
    if reviewer.role >= Role.LEAD:
        raise ForbiddenError("a lead must decide: nobody has more say")
    return max(int(task.least_role), int(reviewer.role) + 1)


def _exclude(tx: Connection, task: int, reviewer: Reviewer, verdict: Verdict) -> None:
    why = "escalated" if verdict is Verdict.ESCALATE else "skipped"
    known = select(exclusions.c.task).where(
        exclusions.c.task == task, exclusions.c.reviewer == reviewer.number
    )
    if tx.execute(known).first() is None:
        tx.execute(insert(exclusions).values(task=task, reviewer=reviewer.number, why=why))


def _made_before(tx: Connection, reviewer: Reviewer, claim: str, said: Said) -> Decision:
    row = tx.execute(select(decisions).where(decisions.c.claim == claim)).first()
    if row is None or row.reviewer != reviewer.number:
        raise UnknownError("a claim must be this reviewer's and not lapsed into another's, this one is not")
    made = Decision.of(row)
    if made.said != said or made.undone_at is not None:
        raise ConflictError("a claim must be decided once, this one was")
    return made
