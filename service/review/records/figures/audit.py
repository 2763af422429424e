"""What the random audit found among what the model did not flag."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, case, func, select

from tocsin.service.review.records.figures.precision import window
from tocsin.service.review.records.figures.share import Share, share_of
from tocsin.service.review.store.moment import Moment
from tocsin.service.review.store.phrases import standing
from tocsin.service.review.store.tables import decisions, tasks

__all__ = ["Audit", "audit"]


@dataclass(frozen=True, slots=True)
class Audit:
    """Hold how many items the last 28 whole days drew, and of those decided since, how many were confirmed.

    `weighted` estimates the share among all that could be drawn (Hájek 1971); not `even`, some were likelier
    to be drawn than others, and it differs from the plain share, whose interval then says nothing of it.
    """

    drawn: int
    confirmed: Share
    weighted: float | None
    even: bool


def _found() -> Any:
    latest = (
        select(func.max(decisions.c.id))
        .where(decisions.c.made_at < bindparam("until", type_=Moment()), *standing(tasks.c.item))
        .correlate(tasks)
        .scalar_subquery()
    )
    made, weight = decisions.alias("made"), 1 / tasks.c.inclusion
    confirmed = made.c.verdict == "confirm"
    return (
        select(
            func.count().label("drawn"),
            func.count(made.c.id).label("decided"),
            func.sum(case((confirmed, 1), else_=0)).label("confirmed"),
            func.sum(case((made.c.id.is_not(None), weight), else_=0.0)).label("all_weight"),
            func.sum(case((confirmed, weight), else_=0.0)).label("confirmed_weight"),
            func.min(tasks.c.inclusion).label("least"),
            func.max(tasks.c.inclusion).label("most"),
        )
        .select_from(tasks)
        .outerjoin(made, made.c.id == latest)
        .where(
            tasks.c.inclusion.is_not(None),
            tasks.c.inclusion > 0,
            tasks.c.created_at >= bindparam("since", type_=Moment()),
            tasks.c.created_at < bindparam("until", type_=Moment()),
        )
    )


_FOUND: Final = _found()


def audit(tx: Connection, now: datetime) -> Audit:
    """Return what the audit found."""
    row = tx.execute(_FOUND, window(now)).one()
    confirmed = share_of(int(row.confirmed or 0), row.decided)
    weighted = None if confirmed.value is None else row.confirmed_weight / row.all_weight
    return Audit(row.drawn, confirmed, weighted, even=row.least == row.most)
