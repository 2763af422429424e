"""Everything that the page of one item shows to one reviewer, read in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from tocsin.service.api.console.item.reading import Mask, Reading, mask, read
from tocsin.service.api.console.item.scores import PolicyLine, Scores, asked_lines, scores_of
from tocsin.service.api.console.visit import Visit
from tocsin.service.review.context import Context
from tocsin.service.review.decisions import (
    Alike,
    Decision,
    History,
    Precedent,
    find_alike,
    find_precedents,
    history,
)
from tocsin.service.review.double.blindness import hidden_items
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import (
    Complaint,
    Extent,
    Revealed,
    Reviewer,
    complaints_about,
    list_reviewers,
    revealed,
)
from tocsin.service.review.records.viewing import Sight, sight
from tocsin.service.review.role import Role
from tocsin.service.review.store.tables import pages
from tocsin.service.review.tasks import Task

__all__ = ["ItemView", "Side", "item_view"]

_COMPARED: Final = 150_000  # characters of near-copies: some fifty milliseconds


@dataclass(frozen=True, slots=True)
class Side:
    """Hold a text beside the item's, shown or with its mask; `part` is what a form sends to reveal it."""

    part: str
    text: str | None = field(repr=False)
    mask: Mask | None

    @classmethod
    def of(cls, extent: Extent, part: int, text: str, shown: Revealed) -> Side:
        """Return a text as `shown` leaves it."""
        is_shown = shown.has(extent, part)
        return cls(f"{extent.value}:{part}", text if is_shown else None, None if is_shown else mask(text))


@dataclass(frozen=True, slots=True)
class Said:
    """Hold a complaint with what it says, None where it says nothing or may not be shown."""

    complaint: Complaint
    side: Side | None


@dataclass(frozen=True, slots=True)
class ItemView:
    """Hold what one reviewer is shown of a task.

    `asked` are the policies that a decision on a sampled text answers, none of any other's. `reading` is None
    where they may not see the text. `lapsed` says that a claim of theirs has ended while
    nobody else took the task; `holder` is another who has it.
    """

    task: Task
    queue: Queue
    mine: bool
    lapsed: bool
    holder: int | None
    claimable: bool
    erased: bool
    scores: Scores
    asked: Sequence[PolicyLine]
    reading: Reading | None
    thread: Sequence[Side]
    said: Sequence[Said]
    decisions: Sequence[Decision]
    precedents: Sequence[Precedent]
    alike: Sequence[Alike]
    paged_at: datetime | None
    colleagues: Sequence[Reviewer]

    @property
    def anything_shown(self) -> bool:
        """Say whether there is something to hide."""
        sides = [*self.thread, *(one.side for one in self.said if one.side is not None)]
        return bool(self.reading and self.reading.shown) or any(one.text is not None for one in sides)

    @property
    def next_in_thread(self) -> str | None:
        """Return what reveals the hidden text of the thread that is nearest before the item's."""
        return next((one.part for one in reversed(self.thread) if one.text is None), None)


def item_view(tx: Connection, context: Context, visit: Visit, number: int) -> ItemView:
    """Return what `visit`'s reviewer is shown of a task; raise UnknownError where there is none."""
    me, now = visit.reviewer, context.clock()
    told = history(tx, context, number, me)
    task = told.task
    is_open = task.state == "open"
    mine = is_open and task.claimed_by == me.number
    held = task.lease_until is not None and task.lease_until > now
    seen = sight(tx, me, number) if _may_read(task, me) else None
    shown = Revealed() if seen is None else revealed(tx, context, me, number)
    return ItemView(
        task=task,
        queue=task.queue if me.role >= Role.LEAD else task.shown,
        mine=mine,
        lapsed=mine and not held,
        holder=task.claimed_by if is_open and held and not mine else None,
        claimable=is_open and not mine and not held and task.least_role <= me.role,
        erased=task.item is None,
        scores=scores_of(task.assessment, visit.house.policies, visit.house.model.digest),
        asked=asked_lines(task.asked or (), visit.house.policies),
        reading=None if seen is None else _read(task, seen, shown, visit.preferences.mask),
        thread=[
            Side.of(Extent.THREAD, part, text, shown) for part, text in enumerate(seen.thread if seen else ())
        ],
        said=_said(tx, context, told, shown, seen),
        decisions=told.decisions,
        precedents=[] if seen is None or task.blind else _precedents(tx, context, me, number),
        alike=find_alike(tx, context, me, task.claim, characters=_COMPARED) if mine and task.claim else [],
        paged_at=_paged_at(tx, number),
        colleagues=_colleagues(tx, context, me, task) if is_open and not told.hidden else [],
    )


def _may_read(task: Task, me: Reviewer) -> bool:
    """Say whether `sight` would show the text: an erased item's is gone."""
    holds = task.state == "open" and task.claimed_by == me.number
    return task.characters is not None and (holds or me.role >= Role.LEAD)


def _read(task: Task, seen: Sight, shown: Revealed, step: str) -> Reading:
    spans = task.assessment.get("spans", ()) if isinstance(task.assessment, Mapping) else ()
    return read(seen.text, spans, shown, step)


def _precedents(tx: Connection, context: Context, me: Reviewer, number: int) -> list[Precedent]:
    """Return the precedents that `me` may see: of none of them the second reading."""
    found = find_precedents(tx, context, number)
    hidden = hidden_items(tx, me, {one.decision.item_number for one in found})
    return [one for one in found if one.decision.item_number not in hidden]


def _said(tx: Connection, context: Context, told: History, shown: Revealed, seen: Sight | None) -> list[Said]:
    found = complaints_about(tx, context, told.task.item_number)
    if told.hidden:
        found = [one for one in found if one.kind == "notice"]
    return [
        Said(
            one,
            Side.of(one.extent, one.number, one.statement, shown) if seen and one.statement else None,
        )
        for one in found
    ]


def _paged_at(tx: Connection, task: int) -> datetime | None:
    waiting = (pages.c.task == task, pages.c.acknowledged_at.is_(None))
    found: datetime | None = tx.execute(select(pages.c.raised_at).where(*waiting).limit(1)).scalar()
    return found


def _colleagues(tx: Connection, context: Context, me: Reviewer, task: Task) -> list[Reviewer]:
    """Return whom a senior may give the task to."""
    if me.role < Role.SENIOR:
        return []
    return [one for one in list_reviewers(tx, context) if one.active and one.role >= task.least_role]
