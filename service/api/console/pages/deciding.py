"""Deciding on the item page: verdicts, near-copies with them, undoing, calling leads, giving to others."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sqlalchemy import Connection

from tocsin.service.api.console.answer import HOME, Onward, Shown
from tocsin.service.api.console.asked import Asked
from tocsin.service.api.console.item.showing import attempt, task_path
from tocsin.service.api.console.item.typed import said_in, typed_in
from tocsin.service.api.console.page import Page, Steps, Work
from tocsin.service.api.console.visit import Visit
from tocsin.service.review.context import Context
from tocsin.service.review.decisions import decide, decide_together, undo
from tocsin.service.review.decisions.decision import find_decision
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ForbiddenError, ReviewError
from tocsin.service.review.records import Reviewer, raise_page
from tocsin.service.review.records.reviewers import find_reviewer
from tocsin.service.review.role import Role
from tocsin.service.review.tasks import claim_next, held_by, reassign
from tocsin.service.review.verdict import Verdict

__all__ = ["DECIDING_PAGES"]

_SAID: Final = {
    Verdict.CONFIRM: "decided",
    Verdict.DISMISS: "decided",
    Verdict.ESCALATE: "escalated",
    Verdict.SKIP: "skipped",
}


def _then_next(work: Work) -> Steps:
    """Return steps that decide, and once that is stored serve the next task to those who want it so.

    Two transactions: a decision holds the log's head, and nobody is to wait for it while a task is chosen.
    """

    async def steps(desk: Desk, visit: Visit, asked: Asked) -> Shown | Onward:
        done = await desk.aside(lambda: desk.write(work, visit, asked))
        if isinstance(done, Shown) or not visit.preferences.onward:
            return done
        onward = done
        return await desk.aside(lambda: desk.jot(_serve, visit, onward))

    return steps


def _serve(tx: Connection, context: Context, visit: Visit, done: Onward) -> Onward:
    """Return the way to the task that comes next: one in hand, or a new one, or the queues."""
    now = context.clock()
    held = [
        one.number
        for one in held_by(tx, context, visit.reviewer)
        if one.lease_until is not None and one.lease_until > now
    ]
    if held:  # also where the same form came twice
        return replace(done, to=task_path(held[0]))
    try:
        with tx.begin_nested():
            found = claim_next(tx, context, visit.reviewer)
    except ReviewError:
        return done
    return done if found is None else replace(done, to=task_path(found.number))


def _decide(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown | Onward:
    def work() -> Onward:
        said = said_in(asked)
        decide(tx, context, _still(tx, visit, Role.REVIEWER), asked.form.get("claim", ""), said)
        return Onward(HOME, _SAID[said.verdict])

    return attempt(tx, context, visit, asked, asked.number("task"), work)


def _decide_alike(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown | Onward:
    def work() -> Onward:
        said, chosen = said_in(asked), sorted(typed_in(asked).chosen)
        me = _still(tx, visit, Role.SENIOR)
        decide_together(tx, context, me, asked.form.get("claim", ""), chosen, said)
        return Onward(HOME, "decided-alike")

    return attempt(tx, context, visit, asked, asked.number("task"), work)


def _still(tx: Connection, visit: Visit, least: Role) -> Reviewer:
    """Return who decides, as they are in this very transaction; raise ForbiddenError where they may not."""
    me = find_reviewer(tx, visit.reviewer.number)
    if not me.active or me.role < least:
        raise ForbiddenError("your account was changed meanwhile, and may not do this any more")
    return me


def _undo(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown | Onward:
    made = find_decision(tx, asked.number("decision"))

    def work() -> Onward:
        undo(tx, context, visit.reviewer, made.number)
        return Onward(task_path(made.task), "undone")

    return attempt(tx, context, visit, asked, made.task, work)


def _page(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown | Onward:
    number = asked.number("task")
    raise_page(tx, context, visit.reviewer, number)
    return Onward(task_path(number), "paged")


def _assign(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown | Onward:
    number = asked.number("task")

    def work() -> Onward:
        reassign(tx, context, visit.reviewer, number, asked.form_number("reviewer"))
        return Onward(task_path(number), "assigned")

    return attempt(tx, context, visit, asked, number, work)


_TASK: Final = "/review/tasks/{task}"
DECIDING_PAGES: Final = (
    Page("POST", f"{_TASK}/decide", "console_decide", Role.REVIEWER, steps=_then_next(_decide)),
    Page("POST", f"{_TASK}/decide-alike", "console_alike", Role.SENIOR, steps=_then_next(_decide_alike)),
    Page("POST", "/review/decisions/{decision}/undo", "console_undo", Role.REVIEWER, _undo),
    Page("POST", f"{_TASK}/page", "console_page", Role.REVIEWER, _page),
    Page("POST", f"{_TASK}/assign", "console_assign", Role.SENIOR, _assign),
)
