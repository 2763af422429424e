"""What came of double review: how far first and second decisions agree, and how those ended that do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Select, and_, func, select

from tocsin.service.review.context import Context
from tocsin.service.review.quality.period import Period
from tocsin.service.review.quality.readings import PolicyAgreement, Reading, agreements
from tocsin.service.review.store.double_tables import doubles
from tocsin.service.review.store.phrases import is_final
from tocsin.service.review.store.tables import decisions, items, tasks
from tocsin.service.review.verdict import Verdict

__all__ = ["Came", "Doubled", "Ending", "double_review", "read_pairs"]

_FIRSTS: Final = (Verdict.CONFIRM, Verdict.DISMISS)


class Ending(StrEnum):
    """Say what became of two decisions that differ."""

    UPHELD = "upheld"  # the first holds
    OVERTURNED = "overturned"
    WAITING = "waiting"  # for a third, or for the time in which the second can be undone to pass
    NOT_ASKED = "not_asked"  # an appeal or another decision came first, or the item was erased


@dataclass(frozen=True, slots=True)
class Came:
    """Hold how many first decisions of one verdict were drawn, and how many of these were decided twice."""

    drawn: int
    decided: int


@dataclass(frozen=True, slots=True)
class Doubled:
    """Hold how far people agree on items that arrived in a period, as decided by `as_of`.

    `eligible` first decisions could be drawn, `drawn` were; of these `decided` twice, `waiting`, or `lost`
    before: erased, or read with leads because a life might be in danger. `other_verdict` and `other_policy`
    count pairs that differ, `endings` what became of them. `by_first` parts what was drawn by the verdict of
    the first decision. `agreement` is over all policies, then by policy.
    """

    since: datetime
    until: datetime
    as_of: datetime
    eligible: int
    drawn: int
    decided: int
    waiting: int
    lost: int
    other_verdict: int
    other_policy: int
    endings: dict[Ending, int]
    by_first: dict[Verdict, Came]
    agreement: Sequence[PolicyAgreement]


@dataclass(frozen=True, slots=True)
class _Pair:
    """Hold what was said first, and second: verdict and policy, None where nothing was yet."""

    item: int
    chance: float
    first: tuple[str, str | None]
    second: tuple[str, str | None] | None
    waiting: bool
    ending: Ending | None


def double_review(tx: Connection, context: Context, period: Period) -> Doubled:
    """Return what came of double review in a period; of nobody by themselves."""
    pairs = _pairs(tx, period)
    told = [one for one in pairs if one.second is not None]
    differ = [one for one in told if one.first != one.second]
    verdicts = sum(one.second is not None and one.first[0] != one.second[0] for one in differ)
    waiting = sum(one.waiting for one in pairs)
    endings = Counter(one.ending for one in differ)
    return Doubled(
        since=period.since,
        until=period.until,
        as_of=context.clock(),
        eligible=_eligible(tx, period),
        drawn=len(pairs),
        decided=len(told),
        waiting=waiting,
        lost=len(pairs) - len(told) - waiting,
        other_verdict=verdicts,
        other_policy=len(differ) - verdicts,
        endings={ending: endings[ending] for ending in Ending},
        by_first=_by_first(pairs),
        agreement=agreements(_readings(pairs)),
    )


def read_pairs(tx: Connection, period: Period) -> list[Reading]:
    """Return both readings of every item that arrived in a period and was decided twice.

    The chance of a pair is that it was drawn, times the share of what was drawn of its first verdict that was
    decided twice: so each stands for what waits or was lost too, which is seldom the same of both verdicts.
    """
    return _readings(_pairs(tx, period))


def _by_first(pairs: Sequence[_Pair]) -> dict[Verdict, Came]:
    found = {verdict: [one for one in pairs if one.first[0] == verdict.value] for verdict in _FIRSTS}
    return {
        verdict: Came(len(those), sum(one.second is not None for one in those))
        for verdict, those in found.items()
    }


def _readings(pairs: Sequence[_Pair]) -> list[Reading]:
    came = {verdict.value: one.decided / max(one.drawn, 1) for verdict, one in _by_first(pairs).items()}
    return [
        Reading(one.item, said[1], second, one.chance * came[one.first[0]])
        for one in pairs
        if one.second is not None
        for second, said in ((False, one.first), (True, one.second))
    ]


def _pairs(tx: Connection, period: Period) -> list[_Pair]:
    return [_pair(row) for row in tx.execute(_query(period))]


def _pair(row: Any) -> _Pair:
    first = row.verdict, row.policy
    second = None if row.second_verdict is None else (row.second_verdict, row.second_policy)
    waiting = second is None and row.task_state == "open" and row.task != row.adjudication
    return _Pair(row.item, row.chance, first, second, waiting, _ending(row))


def _ending(row: Any) -> Ending:
    if row.third_aside is not None:
        return Ending.UPHELD if row.third_aside else Ending.OVERTURNED
    if row.third_state == "open" or row.due_at is not None:
        return Ending.WAITING
    return Ending.NOT_ASKED


def _eligible(tx: Connection, period: Period) -> int:
    query = (
        select(func.count())
        .select_from(decisions.join(items, items.c.id == decisions.c.item))
        .where(decisions.c.chance.is_not(None), *is_final(), *_arrived(period))
    )
    return tx.execute(query).scalar_one()


def _arrived(period: Period) -> tuple[Any, ...]:
    return items.c.received_at >= period.since, items.c.received_at < period.until


def _query(period: Period) -> Select[Any]:
    first, task, third = decisions.alias("first"), tasks.alias("task"), tasks.alias("third")
    second, last = _final("second"), _final("last")
    return (
        select(
            doubles,
            first.c.verdict,
            first.c.policy,
            first.c.chance,
            second.c.verdict.label("second_verdict"),
            second.c.policy.label("second_policy"),
            task.c.state.label("task_state"),
            third.c.state.label("third_state"),
            last.c.aside.label("third_aside"),
        )
        .select_from(doubles)
        .join(items, items.c.id == doubles.c.item)
        .join(first, first.c.id == doubles.c.first)
        .join(task, task.c.id == doubles.c.task)
        # What leads decide of a task in which a life may be in danger is no second reading.
        .outerjoin(second, and_(second.c.task == doubles.c.task, _is_apart(second)))
        .outerjoin(third, third.c.id == doubles.c.adjudication)
        .outerjoin(last, last.c.task == doubles.c.adjudication)
        .where(*_arrived(period))
        .order_by(doubles.c.item)
    )


def _final(name: str) -> Any:
    columns = (decisions.c[each] for each in ("task", "verdict", "policy", "aside"))
    return select(*columns).where(*is_final()).subquery(name)


def _is_apart(second: Any) -> Any:
    return doubles.c.adjudication.is_(None) | (doubles.c.adjudication != second.c.task)
