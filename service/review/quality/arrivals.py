"""What arrived in a period and what became of it, counted: by level, chance, part and decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    literal_column,
    null,
    select,
)

from tocsin.assessment import Level
from tocsin.service.review.quality.period import Period
from tocsin.service.review.store.correction_tables import corrections
from tocsin.service.review.store.learning_tables import learning
from tocsin.service.review.store.moment import Moment
from tocsin.service.review.store.phrases import is_standing
from tocsin.service.review.store.tables import decisions, flags, items, notices, tasks

__all__ = [
    "Arrivals",
    "By",
    "Fate",
    "Flagged",
    "Group",
    "count_arrivals",
    "count_flagged",
    "is_arrival",
    "is_correction",
    "latest",
]

_SINCE: Final = bindparam("since", type_=Moment())
_UNTIL: Final = bindparam("until", type_=Moment())
_ASIDE: Final[list[Any]] = [literal_column(f"'{queue}'") for queue in ("golden", "sample")]


class By(StrEnum):
    """Name what figures may be cut by."""

    LANGUAGE = "language"
    COMMUNITY = "community"


class Fate(StrEnum):
    """Say what became of an item."""

    DECIDED = "decided"
    WAITING = "waiting"  # a task is open
    GONE = "gone"  # erased before anybody decided
    PASSED = "passed"  # nobody is to look


@dataclass(frozen=True, slots=True)
class Group:
    """Count items that are alike in all this.

    `chance` is with which probability the random audit would draw them, None where the model flagged them or
    could not judge them; `drawn` says that it did. `confirmed` is the policy that the latest decision that
    stands confirmed, None where it confirmed none or there is none. `part` is a language or community.
    """

    level: Level | None
    chance: float | None
    drawn: bool
    part: str | None
    fate: Fate
    confirmed: str | None
    items: int


@dataclass(frozen=True, slots=True)
class Flagged:
    """Count items that the model flagged for `policy`, up to `level`."""

    policy: str
    level: Level
    part: str | None
    fate: Fate
    confirmed: str | None
    items: int


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Hold both counts."""

    groups: Sequence[Group]
    flagged: Sequence[Flagged]


def is_arrival() -> tuple[ColumnElement[bool], ...]:
    """Return what holds of an item that arrived in a period.

    Golden items, samples of audits and corrections did not: the platform handed none of them in to be judged.
    """
    aside = select(tasks.c.item).where(tasks.c.queue.in_(_ASIDE))
    corrected = items.c.id.in_(select(corrections.c.item))
    return (*_in_period(), items.c.id.not_in(aside), ~corrected)


def is_correction() -> tuple[ColumnElement[bool], ...]:
    """Return what holds of an item that a correction put into the queue in a period."""
    return (*_in_period(), items.c.id.in_(select(corrections.c.item)))


def _in_period() -> tuple[ColumnElement[bool], ...]:
    return (items.c.received_at >= _SINCE, items.c.received_at < _UNTIL)


def latest() -> Any:
    """Return the number of each item's latest decision that stands, of those made since the period began."""
    return (
        select(decisions.c.item, func.max(decisions.c.id).label("id"))
        .where(decisions.c.made_at >= _SINCE, *is_standing())
        .group_by(decisions.c.item)
        .cte("latest")
    )


def count_arrivals(tx: Connection, period: Period, by: By | None = None) -> Arrivals:
    """Return what arrived, counted; `by` None is all of it in one part, named None."""
    bounds = {"since": period.since, "until": period.until}
    groups = [
        Group(_level(row.level), row.chance, bool(row.drawn), row.part, Fate(row.fate), row.policy, row.items)
        for row in tx.execute(_groups(by), bounds)
    ]
    return Arrivals(groups, count_flagged(tx, period, by))


def count_flagged(tx: Connection, period: Period, by: By | None = None) -> list[Flagged]:
    """Return what was flagged, by policy."""
    return [
        Flagged(row.flag, Level(row.level), row.part, Fate(row.fate), row.policy, row.items)
        for row in tx.execute(_flags(by), {"since": period.since, "until": period.until})
    ]


def _groups(by: By | None) -> Select[Any]:
    last, made = latest(), decisions.alias("made")
    drawn = tasks.alias("drawn")
    columns = (
        items.c.level,
        items.c.inclusion.label("chance"),
        case((drawn.c.id.is_not(None), 1), else_=0).label("drawn"),
        _known(drawn) if by is By.COMMUNITY else _part(by),
        _fate(made).label("fate"),
        made.c.policy,
    )
    return (
        select(*columns, func.count().label("items"))
        .select_from(items)
        .outerjoin(last, last.c.item == items.c.id)
        .outerjoin(made, made.c.id == last.c.id)
        .outerjoin(drawn, and_(drawn.c.item == items.c.id, drawn.c.inclusion.is_not(None)))
        .where(*is_arrival())
        .group_by(*_numbers(len(columns)))
    )


def _flags(by: By | None) -> Select[Any]:
    last, made = latest(), decisions.alias("made")
    columns = (
        flags.c.policy.label("flag"),
        flags.c.level,
        _part(by),
        _fate(made).label("fate"),
        made.c.policy,
    )
    return (
        select(*columns, func.count().label("items"))
        .select_from(flags)
        .join(items, items.c.id == flags.c.item)
        .outerjoin(last, last.c.item == items.c.id)
        .outerjoin(made, made.c.id == last.c.id)
        .where(*is_arrival())
        .group_by(*_numbers(len(columns)))
    )


def _part(by: By | None) -> ColumnElement[Any]:
    return (null() if by is None else items.c[by.value]).label("part")


def _known(drawn: Any) -> ColumnElement[Any]:
    """Return an item's community, null where people look at it to learn from and for nothing else.

    It is kept of what people look at alone; were it told of these, that they were drawn would count them in.
    """
    learnt = items.c.id.in_(select(learning.c.item).where(learning.c.drawn))
    reported = exists().where(notices.c.item == items.c.id)
    return case((and_(drawn.c.id.is_(None), learnt, ~reported), null()), else_=items.c.community).label(
        "part"
    )


def _fate(made: Any) -> ColumnElement[str]:
    waits = select(tasks.c.id).where(tasks.c.item == items.c.id, tasks.c.state == literal_column("'open'"))
    return case(
        (made.c.id.is_not(None), literal(Fate.DECIDED.value)),
        (items.c.erased_at.is_not(None), literal(Fate.GONE.value)),
        (waits.exists(), literal(Fate.WAITING.value)),
        else_=literal(Fate.PASSED.value),
    )


def _numbers(count: int) -> list[ColumnElement[int]]:
    # By place: what is said twice with parameters of its own is two things to PostgreSQL.
    return [literal_column(str(place + 1)) for place in range(count)]


def _level(written: str | None) -> Level | None:
    return None if written is None else Level(written)
