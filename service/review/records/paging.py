"""Pages: a life may be in danger, and a lead must know at once (DSA Article 18, TCO Article 14(5))."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select, update

from tocsin.service.review.context import Context
from tocsin.service.review.errors import ConflictError, UnknownError
from tocsin.service.review.log import Action, Actor, Entry, append
from tocsin.service.review.outbox import Event, post
from tocsin.service.review.records.reviewers import Reviewer
from tocsin.service.review.role import Role
from tocsin.service.review.rules import PAGES_AHEAD
from tocsin.service.review.store.phrases import freed
from tocsin.service.review.store.tables import items, outbox, pages, tasks

__all__ = [
    "Page",
    "acknowledge",
    "count_unanswered",
    "is_late",
    "list_pages",
    "page_again",
    "page_lead",
    "raise_page",
]


@dataclass(frozen=True, slots=True)
class Page:
    """Hold one page; `acknowledged_by` is the lead who took it, None while none has."""

    number: int
    item: str | None
    task: int
    raised_at: datetime
    acknowledged_by: int | None
    acknowledged_at: datetime | None


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
    tx: Connection, context: Context, item: int, task: int, by: Actor
) -> tuple[int, Sequence[Entry]]:
    """Page the leads and give them the task, first of all that waits; a task's open page is raised once.

    Returns the page's number and what the caller is to log.
    """
    waiting = select(pages.c.id).where(pages.c.task == task, pages.c.acknowledged_at.is_(None))
    known: int | None = tx.execute(waiting).scalar()
    if known is not None:
        return known, ()
    at = context.clock()
    row = {"item": item, "task": task, "raised_by": str(by), "raised_at": at, "paged_at": at}
    number: int = tx.execute(insert(pages).returning(pages.c.id), row).scalar_one()
    first = {**freed(at), "least_role": int(Role.LEAD), "serve_by": at - PAGES_AHEAD}
    tx.execute(update(tasks).where(tasks.c.id == task, tasks.c.state == "open").values(first))
    _tell(tx, context, number, item, task)
    return number, [Entry(at, by, Action.PAGED, item, {"page": number, "task": task})]


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
            _tell(tx, context, page.id, page.item, page.task)
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
    since = context.clock() - timedelta(minutes=context.settings.page_minutes)
    return select(pages).where(pages.c.acknowledged_at.is_(None), pages.c.paged_at <= since)


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


def _listed(tx: Connection, *conditions: Any) -> list[Page]:
    query = select(pages, items.c.platform_id).join(items, items.c.id == pages.c.item).where(*conditions)
    order = (pages.c.acknowledged_at.is_not(None), pages.c.raised_at.desc(), pages.c.id)
    return [_page(row) for row in tx.execute(query.order_by(*order).limit(1_000))]


def _page(row: Row[Any]) -> Page:
    return Page(row.id, row.platform_id, row.task, row.raised_at, row.acknowledged_by, row.acknowledged_at)


def _tell(tx: Connection, context: Context, number: int, item: int, task: int) -> None:
    name = tx.execute(select(items.c.platform_id).where(items.c.id == item)).scalar()
    post(tx, context, Event.LEAD_PAGED, item, {"page": number, "item": name, "task": task})
