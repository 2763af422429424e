"""How much that is severe somebody read in a shift, and how much of it in a row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, bindparam, func, literal_column, null, select, union_all

from tocsin.service.review.context import Context
from tocsin.service.review.records.reviewers import Reviewer
from tocsin.service.review.severity import Severity
from tocsin.service.review.store.console_tables import reveals
from tocsin.service.review.store.tables import tasks

__all__ = ["SEVERE", "Exposure", "exposure_of"]

# Written out, not bound, here and below: see `tasks/choosing.py`.
SEVERE: Final[ColumnElement[int]] = literal_column(str(int(Severity.SEVERE)))
_MINE: Final = (reveals.c.reviewer == bindparam("me"), reveals.c.at > bindparam("since"))
_READ: Final = (
    select(reveals.c.task, func.max(reveals.c.at).label("at"))
    .where(*_MINE, reveals.c.severity == SEVERE)
    .group_by(reveals.c.task)
)
_HELD: Final = select(tasks.c.id, null()).where(
    tasks.c.state == literal_column("'open'"),
    tasks.c.claimed_by == bindparam("me"),
    tasks.c.available_at > bindparam("now"),
    tasks.c.severity == SEVERE,
)
# At one moment, or what is read and decided between two questions would count in neither.
_SEVERE_ONES: Final = union_all(_READ, _HELD)
_LIGHTER_ONES: Final = select(
    *(
        select(func.max(reveals.c.at))
        .where(*_MINE, reveals.c.severity == literal_column(str(int(one))))
        .scalar_subquery()
        for one in Severity
        if one is not Severity.SEVERE
    )
)


@dataclass(frozen=True, slots=True)
class Exposure:
    """Hold which severe tasks somebody read in their shift, which they hold unread, and the limits.

    `read` says when of each something was revealed last. `in_a_row` counts those since the latest lighter
    one, the held ones among them. A limit of 0 is none.
    """

    read: dict[int, datetime]
    held: frozenset[int]
    in_a_row: int
    most: int
    most_in_a_row: int
    shift: timedelta

    @property
    def used_up(self) -> bool:
        """Say whether no further severe task may be served."""
        return 0 < self.most <= len(self.read) + len(self.held)

    @property
    def tiring(self) -> bool:
        """Say whether a lighter task should come next."""
        return 0 < self.most_in_a_row <= self.in_a_row

    @property
    def frees_at(self) -> datetime | None:
        """Return when a severe task may be served again; None where one may be now.

        None too where the tasks in hand alone stand in the way, whatever time passes.
        """
        over = len(self.read) + len(self.held) - self.most
        if not self.used_up or over >= len(self.read):
            return None
        return sorted(self.read.values())[over] + self.shift

    @property
    def refusal(self) -> str:
        """Return why no further severe task may be served, and until when."""
        hours, until = self.shift / timedelta(hours=1), self.frees_at
        again = "decide or release one" if until is None else f"again from {_written(until)}"
        return (
            f"a reviewer must have at most {self.most} severe texts in {hours:g} h,"
            f" has read {len(self.read)} and holds {len(self.held)} unread: {again}"
        )


def exposure_of(tx: Connection, context: Context, reviewer: Reviewer) -> Exposure:
    """Return what a reviewer read of severe tasks in the shift that ends now, and holds of them.

    A task counts once, however much of it was revealed; for a shift from when that was last.
    """
    settings, now = context.settings, context.clock()
    shift = timedelta(hours=settings.shift_hours)
    given: dict[str, Any] = {"me": reviewer.number, "now": now, "since": now - shift}
    found = tx.execute(_SEVERE_ONES, given).all()
    read = {row.task: row.at for row in found if row.at is not None}
    held = frozenset(row.task for row in found) - read.keys()
    rested = _rested_at(tx, given) if found else None
    in_a_row = sum(rested is None or at > rested for at in read.values()) + len(held)
    return Exposure(read, held, in_a_row, settings.severe_a_shift, settings.severe_in_a_row, shift)


def _rested_at(tx: Connection, given: dict[str, Any]) -> datetime | None:
    """Return when something lighter was last read in the shift."""
    return max((at for at in tx.execute(_LIGHTER_ONES, given).one() if at is not None), default=None)


def _written(at: datetime) -> str:
    return at.isoformat(timespec="minutes").replace("+00:00", "Z")
