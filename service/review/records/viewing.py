"""Views: a text is shown to whoever must see it, and that is logged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from tocsin.service.review.context import Context
from tocsin.service.review.errors import ConflictError, ForbiddenError, UnknownError
from tocsin.service.review.log import Action, Actor, Entry, append
from tocsin.service.review.queue import Queue
from tocsin.service.review.records.reviewers import Reviewer
from tocsin.service.review.role import Role
from tocsin.service.review.store.console_tables import reveals
from tocsin.service.review.store.tables import appeals, items, notices, tasks

__all__ = ["Extent", "Sight", "View", "log_view", "sight", "view"]


class Extent(StrEnum):
    """Say how much is shown: of the text a part or all, a text before it, or what a complaint says."""

    WORD = "word"
    SENTENCE = "sentence"
    WHOLE = "whole"
    THREAD = "thread"
    NOTICE = "notice"
    APPEAL = "appeal"


@dataclass(frozen=True, slots=True)
class View:
    """Hold the texts of a task: the item's, those before it, and what those who complain say of it."""

    text: str = field(repr=False)
    thread: Sequence[str] = field(repr=False)
    statements: Sequence[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sight:
    """Hold what somebody who may see a task's text sees it by: `claim` is theirs, None for a lead's look.

    Of a `second` reading they see what users noticed, and neither orders nor appeals, which tell more.
    """

    task: int
    item: int
    claim: str | None
    severity: int
    text: str = field(repr=False)
    thread: Sequence[str] = field(repr=False)
    digest: bytes = field(repr=False)
    second: bool = False


def view(tx: Connection, context: Context, reviewer: Reviewer, task: int, extent: Extent) -> View:
    """Return the text of a task; keep and log that it was seen.

    Whoever holds the task may see it, and leads. It counts as what is revealed does, and stays on no page.
    Raises UnknownError, ForbiddenError, and ConflictError where the item was erased.
    """
    seen = sight(tx, reviewer, task)
    tables = (notices,) if seen.second else (notices, appeals)
    statements = [one for table in tables for one in _statements(tx, table, seen)]
    _keep(tx, context, reviewer, seen, extent)
    log_view(tx, context, reviewer, seen, {"extent": extent.value})
    return View(seen.text, seen.thread, statements)


def sight(tx: Connection, reviewer: Reviewer, task: int) -> Sight:
    """Return what `reviewer` sees a task's text by; raise what `view` does where they may not."""
    query = select(tasks).where(tasks.c.id == task)
    found = tx.execute(query).first()
    if found is None:
        raise UnknownError(f"there is no task {task}")
    holds = found.claimed_by == reviewer.number and found.state == "open"
    if not holds and reviewer.role < Role.LEAD:
        raise ForbiddenError("a text is shown to whoever holds its task, and to leads")
    item = _item(tx, found.item)
    claim = found.claim if holds else None
    second = found.queue == Queue.SECOND.value
    return Sight(task, found.item, claim, found.severity, item.text, item.thread or (), item.digest, second)


def log_view(
    tx: Connection, context: Context, reviewer: Reviewer, seen: Sight, what: Mapping[str, Any]
) -> None:
    """Log that `reviewer` saw of a text what `what` says, in numbers and words of our own."""
    body = {"task": seen.task, **what, "digest": seen.digest.hex()}
    actor = Actor.reviewer(reviewer.number)
    append(tx, context.key, Entry(context.clock(), actor, Action.VIEWED, seen.item, body))


def _keep(tx: Connection, context: Context, reviewer: Reviewer, seen: Sight, extent: Extent) -> None:
    at = context.clock()
    row = {
        "task": seen.task,
        "item": seen.item,
        "reviewer": reviewer.number,
        "claim": seen.claim,
        "extent": extent.value,
        "severity": seen.severity,
        "at": at,
        "hidden_at": at,
    }
    tx.execute(insert(reveals), row)


def _item(tx: Connection, number: int) -> Any:
    kept = select(items.c.text, items.c.thread, items.c.digest).where(items.c.id == number)
    item = tx.execute(kept).one()
    if item.text is None:
        raise ConflictError("the item was erased: there is no text to show")
    return item


def _statements(tx: Connection, table: Table, seen: Sight) -> list[str]:
    query = select(table.c.statement).where(table.c.item == seen.item).order_by(table.c.id)
    if seen.second:
        query = query.where(table.c.kind == "notice")
    return [one for one in tx.execute(query).scalars() if one]
