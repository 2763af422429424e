"""Views: a text is shown to whoever must see it, and that is logged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import Connection, Table, select

from tocsin.service.review.context import Context
from tocsin.service.review.errors import ConflictError, ForbiddenError, UnknownError
from tocsin.service.review.log import Action, Actor, Entry, append
from tocsin.service.review.records.reviewers import Reviewer
from tocsin.service.review.role import Role
from tocsin.service.review.store.tables import appeals, items, notices, tasks

__all__ = ["Extent", "View", "view"]


class Extent(StrEnum):
    """Say how much of a text is shown."""

    WORD = "word"
    SENTENCE = "sentence"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class View:
    """Hold the texts of a task: the item's, those before it, and what those who complain say of it."""

    text: str = field(repr=False)
    thread: Sequence[str] = field(repr=False)
    statements: Sequence[str] = field(repr=False)


def view(tx: Connection, context: Context, reviewer: Reviewer, task: int, extent: Extent) -> View:
    """Return the text of a task and log that it was seen.

    Whoever holds the task may see it, and leads. Raises UnknownError, ForbiddenError, and ConflictError where
    the item was erased.
    """
    query = select(tasks.c.item, tasks.c.claimed_by, tasks.c.state).where(tasks.c.id == task)
    found = tx.execute(query).first()
    if found is None:
        raise UnknownError(f"there is no task {task}")
    holds = found.claimed_by == reviewer.number and found.state == "open"
    if not holds and reviewer.role < Role.LEAD:
        raise ForbiddenError("a text is shown to whoever holds its task, and to leads")
    kept = select(items.c.text, items.c.thread, items.c.digest, items.c.erased_at)
    item = tx.execute(kept.where(items.c.id == found.item)).one()
    if item.text is None:
        raise ConflictError("the item was erased: there is no text to show")
    statements = [*_statements(tx, notices, found.item), *_statements(tx, appeals, found.item)]
    body = {"task": task, "extent": extent.value, "digest": item.digest.hex()}
    actor = Actor.reviewer(reviewer.number)
    append(tx, context.key, Entry(context.clock(), actor, Action.VIEWED, found.item, body))
    return View(item.text, item.thread or (), statements)


def _statements(tx: Connection, table: Table, item: int) -> list[str]:
    query = select(table.c.statement).where(table.c.item == item).order_by(table.c.id)
    return [one for one in tx.execute(query).scalars() if one]
