"""Near-copies: shown beside the task in hand, and decided with it where the reviewer says so."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, func, or_, select

from tocsin.errors import InputError
from tocsin.service.likeness import NEAR, jaccard, shingles
from tocsin.service.review.context import Context
from tocsin.service.review.decisions.deciding import settle
from tocsin.service.review.decisions.decision import Decision, Said, check_said
from tocsin.service.review.double.blindness import shows
from tocsin.service.review.errors import ConflictError, UnknownError
from tocsin.service.review.log import append
from tocsin.service.review.queue import Queue
from tocsin.service.review.records.reviewers import Reviewer
from tocsin.service.review.store.tables import decisions, exclusions, items, near_bands, tasks

__all__ = ["Alike", "decide_together", "find_alike"]

_MOST: Final = 200
_AT_A_TIME: Final = 50
_COMPARED: Final = 1_000
_LONGEST: Final = 20_480  # characters: what is longer is never judged, and takes long to compare
_COMPARED_CHARACTERS: Final = 2_000_000
_LEAST: Final = 1_000  # characters: a short text takes about as long to compare
# Each measures by itself, or is told of by somebody.
_ALONE: Final = [
    one.value
    for one in Queue
    if one.anew or one.blind or one in {Queue.GOLDEN, Queue.RANDOM, Queue.CORRECTIONS}
]


@dataclass(frozen=True, slots=True)
class Alike:
    """Hold an open task whose text is a near-copy; `likeness` is the Jaccard index of their shingles."""

    task: int
    item: str | None
    queue: Queue
    likeness: float


def find_alike(
    tx: Connection,
    context: Context,
    reviewer: Reviewer,
    claim: str,
    among: Sequence[int] | None = None,
    *,
    characters: int = _COMPARED_CHARACTERS,
) -> list[Alike]:
    """Return the open tasks, free and for this role, whose texts are near-copies of the one in hand.

    The most alike first, at most 200, of the thousand that wait longest and not over 20,480 characters each;
    of `among` alone where it is given. So many `characters` of texts are compared, and what comes after them
    is left out. So are appeals, golden items, the random audit and corrections, for each of them needs a look
    of its own; and to a correction nothing is alike. Raises UnknownError for a claim that is not the
    reviewer's.
    """
    mine = tx.execute(
        select(tasks.c.id, tasks.c.queue, items.c.id.label("item"), items.c.text)
        .join(items, items.c.id == tasks.c.item)
        .where(tasks.c.claim == claim, tasks.c.claimed_by == reviewer.number, tasks.c.state == "open")
    ).first()
    if mine is None:
        raise UnknownError("a claim must be this reviewer's and not lapsed into another's, this one is not")
    alone = Queue(mine.queue).blind or mine.queue == Queue.CORRECTIONS.value
    if mine.text is None or len(mine.text) > _LONGEST or alone:
        return []  # what somebody suggests of one text is not to be said of others
    own = shingles(mine.text)
    found = [
        Alike(row.id, row.platform_id, Queue(row.queue), jaccard(own, shingles(row.text)))
        for row in _bounded(_candidates(tx, context, reviewer, mine, among), characters)
    ]
    near = [one for one in found if one.likeness >= NEAR]
    return sorted(near, key=lambda one: (-one.likeness, one.task))[:_MOST]


def decide_together(
    tx: Connection, context: Context, reviewer: Reviewer, claim: str, chosen: Sequence[int], said: Said
) -> list[Decision]:
    """Return the decision on the task in hand, then one on each of `chosen`, which the reviewer was shown.

    All of them or none: raises ConflictError naming the tasks that are not near-copies, or not free any more.
    Asked again with the same claim, tasks and words, it returns the decisions that were made.
    """
    check_said(said, context.policies)
    if not said.verdict.final:
        raise InputError("only to confirm or to dismiss can be said of several at once")
    if not 1 <= len(set(chosen)) <= _MOST:
        raise InputError(f"tasks must be 1 to {_MOST}, were {len(set(chosen)):,}")
    wanted = sorted(set(chosen))
    if before := _made_before(tx, reviewer, claim, wanted, said):
        return before
    held = select(tasks).where(tasks.c.claim == claim, tasks.c.claimed_by == reviewer.number)
    lost = sorted(set(wanted) - {one.task for one in find_alike(tx, context, reviewer, claim, wanted)})
    if lost:
        raise ConflictError(f"tasks must be near-copies that are free, these are not: {_listed(lost)}")
    mine = tx.execute(select(tasks.c.id).where(tasks.c.claim == claim)).scalar()
    if mine is None:
        raise ConflictError("the task in hand was taken by another meanwhile")
    query = select(tasks).where(tasks.c.id.in_([mine, *wanted])).order_by(tasks.c.id).with_for_update()
    rows = {row.id: row for row in tx.execute(query)}
    if rows[mine].state != "open" and (before := _made_before(tx, reviewer, claim, wanted, said)):
        return before
    if tx.execute(held).first() is None:
        raise ConflictError("the task in hand was taken by another meanwhile")
    now = context.clock()
    taken = [task for task in wanted if not _is_free(rows[task], reviewer, now)]
    if taken:
        raise ConflictError(f"tasks must be near-copies that are free, these are not: {_listed(taken)}")
    first, entry = settle(tx, context, reviewer, rows[mine], claim, said)
    others = [
        settle(tx, context, reviewer, rows[task], str(uuid.uuid4()), said, first.number) for task in wanted
    ]
    for logged in (entry, *(one for _, one in others)):  # last: see `append`
        append(tx, context.key, logged)
    return [first, *(decision for decision, _ in others)]


def _made_before(
    tx: Connection, reviewer: Reviewer, claim: str, wanted: Sequence[int], said: Said
) -> list[Decision]:
    """Return what the same request came to before, nothing where it comes anew; raise ConflictError."""
    first = select(decisions.c.id).where(decisions.c.claim == claim, decisions.c.reviewer == reviewer.number)
    made = or_(
        decisions.c.id == first.scalar_subquery(), decisions.c.together_with == first.scalar_subquery()
    )
    found = [Decision.of(row) for row in tx.execute(select(decisions).where(made).order_by(decisions.c.id))]
    same = [one.task for one in found[1:]] == wanted and all(
        one.said == said and one.undone_at is None for one in found
    )
    if found and not same:
        raise ConflictError("a claim must be decided once, this one was")
    return found


def _is_free(task: Row[Any], reviewer: Reviewer, now: datetime) -> bool:
    return bool(task.state == "open" and task.available_at <= now and task.least_role <= reviewer.role)


def _bounded(rows: Iterable[Any], characters: int) -> Iterator[Any]:
    """Yield rows until their texts together would take too long to compare."""
    left = characters
    for row in rows:
        left -= max(len(row.text), _LEAST)
        if left < 0:
            return
        yield row


def _candidates(
    tx: Connection, context: Context, reviewer: Reviewer, mine: Any, among: Sequence[int] | None
) -> Iterator[Any]:
    bands = select(near_bands.c.band).where(near_bands.c.item == mine.item)
    alike = select(near_bands.c.item).where(near_bands.c.band.in_(bands), near_bands.c.item != mine.item)
    barred = select(exclusions.c.task).where(exclusions.c.reviewer == reviewer.number)
    query = (
        select(tasks.c.id, tasks.c.queue, items.c.platform_id, items.c.text)
        .join(items, items.c.id == tasks.c.item)
        .where(
            tasks.c.item.in_(alike),
            tasks.c.state == "open",
            tasks.c.queue.not_in(_ALONE),
            tasks.c.inclusion.is_(None),  # the random audit's, whatever queue a notice moved it to
            func.length(items.c.text) <= _LONGEST,
            tasks.c.available_at <= context.clock(),
            tasks.c.least_role <= int(reviewer.role),
            tasks.c.id.not_in(barred),
            items.c.text.is_not(None),
        )
    )
    if among is not None:
        query = query.where(tasks.c.id.in_(among))
    if (shown := shows(reviewer, tasks.c)) is not None:
        query = query.where(shown)
    query = query.order_by(tasks.c.serve_by, tasks.c.id).limit(_COMPARED)
    yield from tx.execute(query.execution_options(yield_per=_AT_A_TIME))


def _listed(numbers: Sequence[int]) -> str:
    named = ", ".join(map(str, numbers[:8]))
    return f"{named} and {len(numbers) - 8} more" if len(numbers) > 8 else named
