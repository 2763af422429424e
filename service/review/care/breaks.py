"""How long somebody has worked without a pause, so that the console can suggest one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    bindparam,
    func,
    literal_column,
    select,
    type_coerce,
    union_all,
)

from tocsin.service.review.care.preferences import Preferences
from tocsin.service.review.context import Context
from tocsin.service.review.records.reviewers import Reviewer
from tocsin.service.review.store.console_tables import reveals
from tocsin.service.review.store.tables import decisions

__all__ = ["PAUSE", "break_due", "worked_for"]

PAUSE: Final = timedelta(minutes=5)
_LONGEST: Final = timedelta(hours=12)  # nobody is asked of more
_MINUTE: Final[ColumnElement[int]] = literal_column(str(60_000_000))
_ALL: Final = union_all(
    select(reveals.c.at.label("at")).where(
        reveals.c.reviewer == bindparam("me"), reveals.c.at > bindparam("since")
    ),
    select(decisions.c.made_at).where(
        decisions.c.reviewer == bindparam("me"), decisions.c.made_at > bindparam("since")
    ),
).subquery()
_IN_MINUTE: Final = (type_coerce(_ALL.c.at, BigInteger) // _MINUTE).label("minute")
# By minutes: somebody who reads word by word reveals thousands in a day.
_WORKED: Final = (
    select(
        func.min(_ALL.c.at, type_=_ALL.c.at.type).label("first"),
        func.max(_ALL.c.at, type_=_ALL.c.at.type).label("last"),
    )
    .group_by(_IN_MINUTE)
    .order_by(func.min(_ALL.c.at).desc())
)


def break_due(
    tx: Connection, context: Context, reviewer: Reviewer, preferences: Preferences
) -> timedelta | None:
    """Return for how long a reviewer has worked where that is as long as they chose, else None."""
    if preferences.break_minutes == 0:
        return None
    worked = worked_for(tx, context, reviewer)
    return worked if worked >= timedelta(minutes=preferences.break_minutes) else None


def worked_for(tx: Connection, context: Context, reviewer: Reviewer) -> timedelta:
    """Return how long it is since the latest pause of five minutes or more, up to 12 hours.

    Told from when something was revealed or decided: whoever reads one text for five minutes without either
    seems to pause. Nothing where the pause lasts.
    """
    now = context.clock()
    given: dict[str, Any] = {"me": reviewer.number, "since": now - _LONGEST}
    begun: datetime = now
    for row in tx.execute(_WORKED, given):
        if begun - row.last >= PAUSE:
            break
        begun = row.first
    return now - begun
