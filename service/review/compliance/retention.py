"""How long things are kept: what is due to be erased, why, and its erasure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, and_, func, literal_column, or_, select

from tocsin.errors import SettingsError
from tocsin.service.review.compliance.forgetting import Forgotten, count_forgettable, forget
from tocsin.service.review.compliance.keeping import make_statements
from tocsin.service.review.compliance.tables import RetentionTable
from tocsin.service.review.context import Context
from tocsin.service.review.desk import Desk
from tocsin.service.review.log import Action, Actor, Entry, append
from tocsin.service.review.queue import Queue
from tocsin.service.review.records.erasing import erase_now, is_held, is_kept
from tocsin.service.review.records.preserving import preserved_until
from tocsin.service.review.store.phrases import standing
from tocsin.service.review.store.tables import decisions, items, tasks

__all__ = ["Due", "Plan", "Why", "apply_retention", "erase_due", "plan_retention"]

_AT_A_TIME: Final = 500
_BY: Final = Actor("retention")
_MOST_LISTED: Final = 1_000
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Why(StrEnum):
    """Say why an item is due."""

    ASKED = "asked"  # its erasure was asked for while it had to be kept
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    PASSED = "passed"  # nobody had to look: there is no text of it, but an id and scores


@dataclass(frozen=True, slots=True)
class Due:
    """Hold one item whose time is over, and since when; `item` is the platform's own id."""

    number: int
    item: str | None
    why: Why
    since: datetime


@dataclass(slots=True)
class Plan:
    """Hold what would be erased: how many items by why, the first thousand of them, and other things.

    `held` and `preserved` count items whose time is over and that are kept all the same.
    """

    items: Counter[Why] = field(default_factory=Counter)
    listed: list[Due] = field(default_factory=list)
    held: int = 0
    preserved: int = 0
    forgotten: Forgotten = field(default_factory=Forgotten)

    def add(self, due: Sequence[Due], step: _Step) -> None:
        """Count what one step came to, `due` of it."""
        self.items.update(one.why for one in due)
        self.listed += due[: _MOST_LISTED - len(self.listed)]
        self.held += step.held
        self.preserved += step.preserved


@dataclass(frozen=True, slots=True)
class _Step:
    last: tuple[datetime, int]
    due: Sequence[Due]
    held: int
    preserved: int


def plan_retention(desk: Desk) -> Plan:
    """Return what is due now; nothing is changed. Raises StoreError, SettingsError."""
    table, plan = _table(desk.context), Plan()
    for step in _steps(desk):
        plan.add(step.due, step)
    plan.forgotten = desk.read(count_forgettable, table)
    return plan


def apply_retention(desk: Desk, stopping: Callable[[], bool] = lambda: False) -> Plan:
    """Erase what is due, in many transactions, and return what that was; interrupted, the rest is due still.

    Statements of reasons are made first, for they tell a post's day; what complaints say goes before items
    do, as it was counted in the plan.
    """
    table, done = _table(desk.context), Plan()
    if desk.context.compliance is not None and desk.context.compliance.statements is not None:
        make_statements(desk)
    while not stopping() and (forgotten := desk.write(forget, table)).total:
        done.forgotten += forgotten
    for step in _steps(desk):
        done.add(desk.write(erase_due, step.due) if step.due else [], step)
        if stopping():
            break
    return done


def erase_due(tx: Connection, context: Context, due: Sequence[Due]) -> list[Due]:
    """Erase items that are due, and log it; return those that still were, once nobody could touch them."""
    erased: list[Due] = []
    for one in sorted(due, key=lambda each: each.number):
        tx.execute(select(items.c.id).where(items.c.id == one.number).with_for_update())
        query = _candidates(context, asked=one.why is Why.ASKED).where(items.c.id == one.number)
        again = tx.execute(query).first()
        if again is None or _judged(context, again) is None or is_kept(tx, context, one.number):
            continue
        erase_now(tx, context, one.number)
        erased.append(one)
    # Last: who holds the log's head must wait for nobody.
    for one in erased:
        append(
            tx, context.key, Entry(context.clock(), _BY, Action.ERASED, one.number, {"why": one.why.value})
        )
    return erased


def _table(context: Context) -> RetentionTable:
    table = None if context.compliance is None else context.compliance.retention
    if table is None:
        raise SettingsError(
            "retention needs a compliance file with a table [retention]: name it in TOCSIN_REVIEW_COMPLIANCE"
        )
    return table


def _steps(desk: Desk) -> Iterator[_Step]:
    """Yield what is due, some at a time: first what was asked for, then what is old."""
    for asked in (True, False):
        after: tuple[datetime, int] | None = None
        while (step := desk.read(_due, after, asked=asked)) is not None:
            yield step
            after = step.last


def _due(
    tx: Connection, context: Context, after: tuple[datetime, int] | None, *, asked: bool
) -> _Step | None:
    """Return what is due among the next items; None where there are none."""
    query = _candidates(context, asked=asked)
    if after is not None:
        at, number = after
        later = or_(items.c.received_at > at, and_(items.c.received_at == at, items.c.id > number))
        query = query.where(items.c.received_at >= at, later)
    rows = tx.execute(query.order_by(items.c.received_at, items.c.id).limit(_AT_A_TIME)).all()
    if not rows:
        return None
    due: list[Due] = []
    held = preserved = 0
    for row in rows:
        one = _judged(context, row)
        if one is None:
            continue
        if is_held(tx, one.number):
            held += 1
        elif preserved_until(tx, context, one.number) is not None:
            preserved += 1
        else:
            due.append(one)
    return _Step((rows[-1].received_at, rows[-1].id), due, held, preserved)


def _candidates(context: Context, *, asked: bool) -> Select[Any]:
    """Return what asks for items that may be due: not erased, and either `asked` for, or with nothing open.

    Golden ones are not among the latter: they are the platform's own, and measure reviewers.
    """
    latest = select(func.max(decisions.c.id)).where(*standing(items.c.id)).correlate(items).scalar_subquery()
    about = tasks.c.item == items.c.id
    # A second reading keeps nothing: it is made of what is still there.
    done = select(func.max(tasks.c.done_at)).where(about, tasks.c.queue != Queue.SECOND.value)
    ended = done.correlate(items).scalar_subquery()
    made = decisions.alias("made")
    query = (
        select(
            items.c.id,
            items.c.platform_id,
            items.c.received_at,
            items.c.erase_asked_at,
            made.c.verdict,
            made.c.made_at,
            ended.label("ended_at"),
        )
        .select_from(items.outerjoin(made, made.c.id == latest))
        .where(items.c.erased_at.is_(None))
    )
    if asked:
        return query.where(items.c.erase_asked_at.is_not(None))
    waits = (tasks.c.state == literal_column("'open'"), tasks.c.queue != Queue.SECOND.value)
    is_open = select(tasks.c.id).where(about, *waits).correlate(items)
    return query.where(
        items.c.erase_asked_at.is_(None),
        items.c.expected.is_(None),
        items.c.received_at <= _oldest(context),
        ~is_open.exists(),
    )


def _oldest(context: Context) -> datetime:
    """Return the moment that what is due must have come before, at least."""
    table = _table(context)
    told = (table.confirmed_days, table.dismissed_days, table.passed_days)
    days = [one for one in told if one is not None]
    return context.clock() - timedelta(days=min(days)) if days else _NEVER


def _judged(context: Context, row: Row[Any]) -> Due | None:
    """Return an item where its time is over, whatever else keeps it; None where it is not."""
    table, now = _table(context), context.clock()
    if row.erase_asked_at is not None:
        return Due(row.id, row.platform_id, Why.ASKED, row.erase_asked_at)
    if row.verdict is None:
        if row.ended_at is not None:
            return None
        why, days, begun = Why.PASSED, table.passed_days, row.received_at
    else:
        confirmed = row.verdict == "confirm"
        why = Why.CONFIRMED if confirmed else Why.DISMISSED
        days = table.confirmed_days if confirmed else table.dismissed_days
        begun = max(at for at in (row.made_at, row.ended_at) if at is not None)
    if days is None:
        return None
    since = begun + timedelta(days=days)
    return Due(row.id, row.platform_id, why, since) if since <= now else None
