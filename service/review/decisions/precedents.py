"""Precedents: items much like one in hand that were decided already, and how; never their text."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, select

from tocsin.service.likeness import NEAR, jaccard, shingles
from tocsin.service.review.context import Context
from tocsin.service.review.decisions.decision import Decision
from tocsin.service.review.queue import Queue
from tocsin.service.review.store.phrases import is_standing, standing
from tocsin.service.review.store.tables import decisions, items, near_bands, tasks

__all__ = ["Precedent", "find_precedents"]

_MOST: Final = 20
_NEWEST: Final = 1_000  # of one band, items looked through
_DECIDED: Final = 100  # of one band, decided ones among them
_COMPARED: Final = 200
_COMPARED_CHARACTERS: Final = 150_000  # some fifty milliseconds
_LEAST: Final = 1_000  # characters: a short text takes about as long to compare
_LONGEST: Final = 20_480

_BANDS: Final = select(near_bands.c.band).where(near_bands.c.item == bindparam("item"))
_OF_BAND: Final = (
    select(near_bands.c.item)
    .where(near_bands.c.band == bindparam("band"), near_bands.c.item != bindparam("item"))
    .order_by(near_bands.c.item.desc())
    .limit(_NEWEST)
    .subquery()
)
# A golden item's decisions measure whoever made them: they are nobody's example.
_DECIDED_OF_BAND: Final = (
    select(_OF_BAND.c.item)
    .where(
        select(decisions.c.id)
        .join(tasks, tasks.c.id == decisions.c.task)
        .where(*standing(_OF_BAND.c.item), tasks.c.queue != Queue.GOLDEN.value)
        .exists()
    )
    .order_by(_OF_BAND.c.item.desc())
    .limit(_DECIDED)
)


@dataclass(frozen=True, slots=True)
class Precedent:
    """Hold the latest decision that stands on an item much like another; `likeness` is a Jaccard index."""

    item: str | None
    decision: Decision
    likeness: float


def find_precedents(tx: Connection, context: Context, task: int) -> list[Precedent]:
    """Return what was decided of near-copies of a task's item, the most alike first, then the latest.

    At most 20, of the 150 latest items that share a band, of fewer where they are over 1,000 characters long;
    nothing for a text of over 20,480, or one that is gone, or for a task that there is none of.
    """
    del context
    query = select(items.c.id, items.c.text).join(tasks, tasks.c.item == items.c.id)
    mine = tx.execute(query.where(tasks.c.id == task, func.length(items.c.text) <= _LONGEST)).first()
    if mine is None or not mine.text:
        return []
    own = shingles(mine.text)
    near = {
        row.id: (row.platform_id, likeness)
        for row in _bounded(tx, _decided_near(tx, mine.id))
        if (likeness := jaccard(own, shingles(row.text))) >= NEAR
    }
    told = [Precedent(near[one.item_number][0], one, near[one.item_number][1]) for one in _latest(tx, near)]
    return sorted(told, key=lambda one: (-one.likeness, -one.decision.number))[:_MOST]


def _decided_near(tx: Connection, item: int) -> list[int]:
    """Return decided items that share a band with `item`, the latest first."""
    found: set[int] = set()
    for band in tx.execute(_BANDS, {"item": item}).scalars().all():
        found.update(tx.execute(_DECIDED_OF_BAND, {"band": band, "item": item}).scalars())
    return sorted(found, reverse=True)[:_COMPARED]


def _bounded(tx: Connection, numbers: list[int]) -> Iterator[Any]:
    """Yield items with their texts until these together would take too long to compare."""
    query = select(items.c.id, items.c.platform_id, items.c.text).where(
        items.c.id.in_(numbers), func.length(items.c.text) <= _LONGEST
    )
    left = _COMPARED_CHARACTERS
    for row in tx.execute(query.order_by(items.c.id.desc())):
        left -= max(len(row.text), _LEAST)
        if left < 0:
            return
        yield row


def _latest(tx: Connection, numbers: Collection[int]) -> Collection[Decision]:
    """Return the latest decision that stands on each of some items."""
    query = (
        select(decisions)
        .join(tasks, tasks.c.id == decisions.c.task)
        .where(decisions.c.item.in_(numbers), *is_standing(), tasks.c.queue != Queue.GOLDEN.value)
    )
    made = [Decision.of(row) for row in tx.execute(query.order_by(decisions.c.id))]
    return {one.item_number: one for one in made}.values()
