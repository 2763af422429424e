"""The period that figures are of: what arrived in it, not what was decided in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tocsin.errors import InputError
from tocsin.service.review.records.figures.days import midnight

__all__ = ["SETTLING", "Period", "latest_period"]

SETTLING: Final = timedelta(days=7)
"""How long the random audit may wait: of what arrived since, the most urgent alone may be decided."""
_DAYS: Final = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Period:
    """Hold from when, and before when, items arrived; raise InputError where it has no length."""

    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        if not self.since < self.until:
            was = f"{self.since.isoformat()} to {self.until.isoformat()}"
            raise InputError(f"a period must begin before it ends, was {was}")


def latest_period(now: datetime, since: datetime | None = None, until: datetime | None = None) -> Period:
    """Return the period from `since` until `until`: unless said, 28 whole days that ended 7 days ago.

    Until then, all of it should be decided: early decisions are of what is most urgent, and would make the
    model look better than it is.
    """
    until = until or midnight(now) - SETTLING
    return Period(since or until - _DAYS, until)
