"""Pages: what a lead must know at once.

A life may be in danger (DSA Article 18, TCO Article 14(5)), or a deadline comes near and nobody has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, bindparam, exists, func, insert, or_, select, update

from tocsin.service.review.context import Context
from tocsin.service.review.double.ending import adjudicate_now
from tocsin.service.review.errors import ConflictError, UnknownError
from tocsin.service.review.log import Action, Actor, Entry, append
from tocsin.service.review.outbox import Event, post
from tocsin.service.review.records.reviewers import Reviewer
from tocsin.service.review.role import Role
from tocsin.service.review.rules import PAGES_AHEAD
from tocsin.service.review.severity import Severity
from tocsin.service.review.store.console_tables import reveals
from tocsin.service.review.store.phrases import freed
from tocsin.service.review.store.sample_tables import sampled
from tocsin.service.review.store.tables import items, outbox, pages, tasks

__all__ = [
    "Cause",
    "Page",
    "acknowledge",
    "answer_by_deciding",
    "count_unanswered",
    "is_late",
    "list_pages",
    "list_unanswered",
    "page_again",
    "page_lead",
    "raise_page",
]


class Cause(StrEnum):
    """Say why leads are paged."""

    LIFE = "life"  # it may be in danger: the task is theirs alone
    DEADLINE = "deadline"  # it comes near, and nobody took the task: whoever may take it still may


# Of a page over a deadline leads need not hear again while somebody has the task.
_FREE: Final = exists().where(
    tasks.c.id == pages.c.task, tasks.c.state == "open", tasks.c.available_at <= bindparam("now")
)


_NAMED: Final = select(items.c.platform_id, sampled.c.own_id).outerjoin(sampled, sampled.c.item == items.c.id)


@dataclass(frozen=True, slots=True)
class Page:
    """Hold one page; `acknowledged_by` is the lead who took it, None while none has.

    A page over a deadline is answered too by whoever decides the task. `own_id` is the platform's id of a
    post that an audit's sample put in.
    """

    number: int
    item: str | None
    task: int
    why: Cause
    raised_at: datetime
    acknowledged_by: int | None
    acknowledged_at: datetime | None
    own_id: str | None = None


def raise_page(tx: Connection, context: Context, reviewer: Reviewer, task: int) -> int:
    """Page the leads over a task that a reviewer sees; return the page's number. Raises UnknownError."""
    found = tx.execute(select(tasks.c.item).where(tasks.c.id == task).with_for_update()).first()
    if found is None:
        raise UnknownError(f"there is no task {task}")
    number, entries = page_lead(tx, context, found.item, task, Actor.reviewer(reviewer.number))
    for entry in entries:
        append(tx, context.key, entry)
    return number


def page_lead(
    tx: Connection, context: Context, item: int, task: int, by: Actor, *, why: Cause = Cause.LIFE
) -> tuple[int, Sequence[Entry]]:
    """Page the leads over a task; a task's open page of the same cause is raised once.

    Where a life may be in danger they alone may take it, first of all that waits. Returns the page's number
    and what the caller is to log.
    """
    waiting = select(pages.c.id).where(
        pages.c.task == task, pages.c.why == why.value, pages.c.acknowledged_at.is_(None)
    )
    known: int | None = tx.execute(waiting).scalar()
    if known is not None:
        return known, ()
    at = context.clock()
    row = {
        "item": item,
        "task": task,
        "raised_by": str(by),
        "why": why.value,
        "raised_at": at,
        "paged_at": at,
    }
    number: int = tx.execute(insert(pages).returning(pages.c.id), row).scalar_one()
    if why is Cause.LIFE:
        adjudicate_now(tx, task)
        _give_to_leads(tx, task, at)
    _tell(tx, context, number, item, task, why.value)
    return number, [Entry(at, by, Action.PAGED, item, {"page": number, "task": task, "why": why.value})]


def _give_to_leads(tx: Connection, task: int, at: datetime) -> None:
    """Free a task for leads alone, first of all that waits; it is as hard to read as any, and so it was."""
    severe = int(Severity.SEVERE)
    first = {
        **freed(at),
        "least_role": int(Role.LEAD),
        "serve_by": at - PAGES_AHEAD,
        "severity": severe,
    }
    tx.execute(update(tasks).where(tasks.c.id == task, tasks.c.state == "open").values(first))
    tx.execute(update(reveals).where(reveals.c.task == task).values(severity=severe))


def answer_by_deciding(tx: Connection, task: int, by: int, at: datetime) -> None:
    """Take a task's page over its deadline as answered by the reviewer who decides it."""
    waiting = (
        pages.c.task == task,
        pages.c.why == Cause.DEADLINE.value,
        pages.c.acknowledged_at.is_(None),
    )
    tx.execute(update(pages).where(*waiting).values(acknowledged_by=by, acknowledged_at=at))


def is_late(tx: Connection, context: Context) -> bool:
    """Say whether any page was not acknowledged in time."""
    return tx.execute(_late(context).limit(1)).first() is not None


def page_again(tx: Connection, context: Context) -> int:
    """Page again over what no lead has acknowledged in time; return how many."""
    at = context.clock()
    found = tx.execute(_late(context).order_by(pages.c.id).limit(100).with_for_update(skip_locked=True)).all()
    for page in found:
        tx.execute(update(pages).where(pages.c.id == page.id).values(paged_at=at))
        if not _told_sooner(tx, page.item, at):
            _tell(tx, context, page.id, page.item, page.task, page.why)
    return len(found)


def _told_sooner(tx: Connection, item: int, at: datetime) -> bool:
    """Have pages on an item that still wait to be delivered tried at once; say whether there are some."""
    waiting = (outbox.c.item == item, outbox.c.event == Event.LEAD_PAGED.value, outbox.c.state == "waiting")
    return tx.execute(update(outbox).where(*waiting).values(due_at=at)).rowcount > 0


def count_unanswered(tx: Connection, context: Context) -> int:
    """Return how many pages no lead has acknowledged."""
    del context
    return tx.execute(select(func.count()).where(pages.c.acknowledged_at.is_(None))).scalar_one()


def _late(context: Context) -> Select[Any]:
    now = context.clock()
    since = now - timedelta(minutes=context.settings.page_minutes)
    wanted = or_(pages.c.why != Cause.DEADLINE.value, _FREE)
    late = (pages.c.acknowledged_at.is_(None), pages.c.paged_at <= since, wanted)
    return select(pages).where(*late).params(now=now)


def acknowledge(tx: Connection, context: Context, lead: Reviewer, number: int) -> Page:
    """Return the page, now this lead's; raise UnknownError, and ConflictError where another has it."""
    row = tx.execute(select(pages).where(pages.c.id == number).with_for_update()).first()
    if row is None:
        raise UnknownError(f"there is no page {number}")
    if row.acknowledged_by not in {None, lead.number}:
        raise ConflictError(f"a page must be unanswered, reviewer {row.acknowledged_by} has this one")
    if row.acknowledged_by is None:
        at = context.clock()
        values = {"acknowledged_by": lead.number, "acknowledged_at": at}
        tx.execute(update(pages).where(pages.c.id == number).values(values))
        told = Entry(at, Actor.reviewer(lead.number), Action.ACKNOWLEDGED, row.item, {"page": number})
        append(tx, context.key, told)
    return _listed(tx, pages.c.id == number)[0]


def list_pages(tx: Connection, context: Context) -> list[Page]:
    """Return the pages, those that nobody has acknowledged first."""
    del context
    return _listed(tx)


def list_unanswered(tx: Connection, context: Context) -> list[Page]:
    """Return the pages that nobody has acknowledged, those over a life first, the latest raised on top."""
    del context
    found = _listed(tx, pages.c.acknowledged_at.is_(None))
    return sorted(found, key=lambda page: page.why is not Cause.LIFE)


def _listed(tx: Connection, *conditions: Any) -> list[Page]:
    query = (
        select(pages, items.c.platform_id, sampled.c.own_id)
        .join(items, items.c.id == pages.c.item)
        .outerjoin(sampled, sampled.c.item == pages.c.item)
        .where(*conditions)
    )
    order = (pages.c.acknowledged_at.is_not(None), pages.c.raised_at.desc(), pages.c.id)
    return [_page(row) for row in tx.execute(query.order_by(*order).limit(1_000))]


def _page(row: Row[Any]) -> Page:
    return Page(
        row.id,
        row.platform_id,
        row.task,
        Cause(row.why),
        row.raised_at,
        row.acknowledged_by,
        row.acknowledged_at,
        row.own_id,
    )


def _tell(tx: Connection, context: Context, number: int, item: int, task: int, why: str) -> None:
    found = tx.execute(_NAMED.where(items.c.id == item)).one()
    data = {"page": number, "item": found.platform_id, "task": task, "why": why}
    # A life may hang on whether the platform can find the post.
    data |= {"sampled_id": found.own_id} if found.own_id is not None else {}
    post(tx, context, Event.LEAD_PAGED, item, data)
