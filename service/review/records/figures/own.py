"""Figures about oneself, for those who want them; nobody else is shown them, and nobody is compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Final

from sqlalchemy import Connection, bindparam, select

from tocsin.service.review.context import Context
from tocsin.service.review.records.figures.days import whole
from tocsin.service.review.records.figures.pace import WINDOWS
from tocsin.service.review.records.figures.share import FEWEST
from tocsin.service.review.store.moment import Moment
from tocsin.service.review.store.phrases import is_standing
from tocsin.service.review.store.tables import decisions, tasks

__all__ = ["OwnFigures", "own_figures"]

_MADE: Final = whole(decisions.c.made_at)
_MINE: Final = (
    select(_MADE, _MADE - whole(tasks.c.claimed_at))
    .join(tasks, tasks.c.id == decisions.c.task)
    .where(
        decisions.c.reviewer == bindparam("me"),
        decisions.c.made_at >= bindparam("since", type_=Moment()),
        *is_standing(),
    )
)


@dataclass(frozen=True, slots=True)
class OwnFigures:
    """Hold what one reviewer decided in so many days, and the median seconds from claim to decision.

    `seconds` is None where there are too few.
    """

    days: int
    decided: int
    seconds: float | None


def own_figures(tx: Connection, context: Context, reviewer: int) -> Sequence[OwnFigures]:
    """Return a reviewer's own figures of the last 7 and 28 days: for their eyes alone."""
    now = context.clock()
    found = tx.execute(_MINE, {"me": reviewer, "since": now - timedelta(days=max(WINDOWS))}).all()
    made = []
    for days in WINDOWS:
        since = Moment().process_bind_param(now - timedelta(days=days), None) or 0
        times = [took for at, took in found if at >= since]
        known = [took for took in times if took is not None and took >= 0]
        seconds = median(known) / 1_000_000 if len(known) >= FEWEST else None
        made.append(OwnFigures(days, len(times), seconds))
    return made
