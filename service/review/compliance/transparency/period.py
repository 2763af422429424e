"""The days that a report is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from tocsin.errors import InputError

__all__ = ["Period"]


@dataclass(frozen=True, slots=True)
class Period:
    """Hold the first and the last day, in UTC, both included; raise InputError where they are in no order."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise InputError(f"a period must not end before it begins, was {self.first} to {self.last}")

    @property
    def since(self) -> datetime:
        """Return when it begins."""
        return datetime.combine(self.first, time(), UTC)

    @property
    def until(self) -> datetime:
        """Return when it is over."""
        return datetime.combine(self.last, time(), UTC) + timedelta(days=1)
