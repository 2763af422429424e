"""Notices, counted (Article 15(1)(b))."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, func, or_, select

from tocsin.service.review.compliance.transparency.period import Period
from tocsin.service.review.compliance.transparency.policies import known_policies, policy_word
from tocsin.service.review.compliance.transparency.took import Took, took
from tocsin.service.review.context import Context
from tocsin.service.review.intake.submission import NoticeKind, NoticeSource
from tocsin.service.review.records.measuring import Automation, Ground, MeasureKind, MeasureSource
from tocsin.service.review.store.double_tables import doubles
from tocsin.service.review.store.phrases import is_standing
from tocsin.service.review.store.tables import decisions, measures, notices

__all__ = ["NoticeCounts", "Notices", "count_notices"]

_ON_NOTICE: Final = (
    MeasureSource.NOTICE.value,
    MeasureSource.TRUSTED_FLAGGER.value,
    MeasureSource.OTHER_NOTIFICATION.value,
)


@dataclass(frozen=True, slots=True)
class NoticeCounts:
    """Hold notices: how many came, what was decided, and on which ground the platform acted on how many.

    `automated` counts those acted on by automated means alone, which no reviewer decided. `to_decision` is
    counted from receipt to the latest decision that stands: where a second reading led to another, that one.
    """

    received: int
    confirmed: int
    dismissed: int
    undecided: int
    acted_on_law: int
    acted_on_terms: int
    automated: int
    to_decision: Took


@dataclass(frozen=True, slots=True)
class Notices:
    """Hold the notices received in a period: all, by who gave them, and by the policy that they allege."""

    all: NoticeCounts
    by_source: Mapping[str, NoticeCounts]
    by_policy: Mapping[str, NoticeCounts]


@dataclass(frozen=True, slots=True)
class _Notice:
    source: str
    policy: str
    verdict: str | None
    waited: timedelta | None
    grounds: frozenset[str]
    automated: bool


def count_notices(tx: Connection, context: Context, period: Period) -> Notices:
    """Return the counts of a period's notices; orders are counted apart."""
    known = known_policies(tx, context)
    acted = _acted(tx, period)
    found = [_notice(row, acted.get(row.item, ()), known) for row in _listed(tx, period)]
    sources = [one.value for one in NoticeSource]
    return Notices(
        _counts(found, part=False),
        {name: _counts([one for one in found if one.source == name]) for name in sources},
        {
            name: _counts([one for one in found if one.policy == name])
            for name in sorted({one.policy for one in found})
        },
    )


def _listed(tx: Connection, period: Period) -> Iterable[Row[Any]]:
    first, made = decisions.alias("first"), decisions.alias("made")
    adjudicated = and_(first.c.task == notices.c.task, decisions.c.task == doubles.c.adjudication)
    latest = (
        select(func.max(decisions.c.id))
        .where(or_(decisions.c.task == notices.c.task, adjudicated), *is_standing())
        .correlate(notices, doubles, first)
        .scalar_subquery()
    )
    about = notices.outerjoin(doubles, doubles.c.item == notices.c.item)
    about = about.outerjoin(first, first.c.id == doubles.c.first)
    return tx.execute(
        select(notices, made.c.verdict, made.c.made_at)
        .select_from(about.outerjoin(made, made.c.id == latest))
        .where(notices.c.kind == NoticeKind.NOTICE.value)
        .where(notices.c.received_at >= period.since, notices.c.received_at < period.until)
    )


def _acted(tx: Connection, period: Period) -> dict[int, list[Row[Any]]]:
    """Return what the platform did on notices, by item."""
    about = select(notices.c.item).where(
        notices.c.kind == NoticeKind.NOTICE.value,
        notices.c.received_at >= period.since,
        notices.c.received_at < period.until,
    )
    query = select(measures).where(
        measures.c.item.in_(about),
        measures.c.source.in_(_ON_NOTICE),
        measures.c.kind != MeasureKind.RESTORED.value,
    )
    found: dict[int, list[Row[Any]]] = {}
    for row in tx.execute(query):
        found.setdefault(row.item, []).append(row)
    return found


def _notice(row: Row[Any], measured: Sequence[Row[Any]], known: frozenset[str]) -> _Notice:
    acted = [one for one in measured if one.applied_at >= row.received_at]  # not on an earlier notice
    made_at: datetime | None = row.made_at
    waited = None if made_at is None or made_at < row.received_at else made_at - row.received_at
    return _Notice(
        row.source,
        policy_word(row.policy, known),
        row.verdict,
        waited,
        frozenset(one.ground for one in acted),
        row.verdict is None and any(one.automation == Automation.FULL.value for one in acted),
    )


def _counts(found: Sequence[_Notice], *, part: bool = True) -> NoticeCounts:
    verdicts = [one.verdict for one in found]
    return NoticeCounts(
        len(found),
        verdicts.count("confirm"),
        verdicts.count("dismiss"),
        verdicts.count(None),
        sum(Ground.ILLEGAL.value in one.grounds for one in found),
        sum(Ground.INCOMPATIBLE.value in one.grounds for one in found),
        sum(one.automated for one in found),
        took([one.waited for one in found if one.waited is not None], part=part),
    )
