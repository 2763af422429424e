"""Of what the model flagged for a policy and people decided: the share that they confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, case, func, literal_column, select

from tocsin.service.review.records.figures.days import SHOWN_DAYS, midnight
from tocsin.service.review.records.figures.share import Share, share_of
from tocsin.service.review.store.correction_tables import corrections
from tocsin.service.review.store.moment import Moment
from tocsin.service.review.store.phrases import is_standing
from tocsin.service.review.store.tables import decisions, flags, tasks

__all__ = ["Precision", "precision", "precision_over", "window"]

_GOLDEN: Final = select(tasks.c.item).where(tasks.c.queue == literal_column("'golden'"))
_CORRECTED: Final = select(corrections.c.item)


@dataclass(frozen=True, slots=True)
class Precision:
    """Hold one policy's share of confirmed items: for any policy, and for this very one.

    Of items that the model flagged for it and whose latest decision that stands was made in the last 28 whole
    days; golden ones and corrections are left out. What was decided is not what waits: the most urgent goes
    first.
    """

    policy: str
    any_policy: Share
    this_policy: Share


def window(now: datetime) -> dict[str, datetime]:
    """Return what bounds the decisions that are told of: the 28 whole days before today.

    Today's are left out. A count that grew with each decision would say, of a golden item that was just
    decided, that it is one.
    """
    until = midnight(now)
    return {"since": until - timedelta(days=SHOWN_DAYS), "until": until}


def _by_policy() -> Select[Any]:
    made_at = (
        decisions.c.made_at >= bindparam("since", type_=Moment()),
        decisions.c.made_at < bindparam("until", type_=Moment()),
    )
    latest = (
        select(func.max(decisions.c.id).label("id"))
        .where(*made_at, *is_standing())
        .group_by(decisions.c.item)
        .cte("latest")
    )
    confirmed = func.sum(case((decisions.c.verdict == "confirm", 1), else_=0))
    same = func.sum(case((decisions.c.policy == flags.c.policy, 1), else_=0))
    return (
        select(
            flags.c.policy, func.count().label("decided"), confirmed.label("confirmed"), same.label("same")
        )
        .select_from(latest)
        .join(decisions, decisions.c.id == latest.c.id)
        .join(flags, flags.c.item == decisions.c.item)
        .where(decisions.c.item.not_in(_GOLDEN), decisions.c.item.not_in(_CORRECTED))
        .group_by(flags.c.policy)
        .order_by(flags.c.policy)
    )


_BY_POLICY: Final = _by_policy()


def precision(tx: Connection, now: datetime) -> Sequence[Precision]:
    """Return every policy that anything decided was flagged for."""
    return precision_over(tx, **window(now))


def precision_over(tx: Connection, since: datetime, until: datetime) -> Sequence[Precision]:
    """Return the same of decisions made from `since` to before `until`."""
    return [
        Precision(
            row.policy,
            share_of(int(row.confirmed), row.decided),
            share_of(int(row.same), row.decided),
        )
        for row in tx.execute(_BY_POLICY, {"since": since, "until": until})
    ]
