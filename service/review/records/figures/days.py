"""Days in UTC, as databases number them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, literal_column, type_coerce

__all__ = ["SHOWN_DAYS", "day_number", "midnight", "number_of", "shown_days", "whole"]

SHOWN_DAYS: Final = 28
_DAY_US: Final[ColumnElement[int]] = literal_column("86400000000", BigInteger)
_EPOCH: Final = date(1970, 1, 1).toordinal()


def day_number(moment: ColumnElement[Any]) -> ColumnElement[int]:
    """Return the number of the day in which a column's moment lies, counted from 1970."""
    return whole(moment) // _DAY_US  # written out, or to group by it would be to group by another parameter


def whole(moment: ColumnElement[Any]) -> ColumnElement[int]:
    """Return a column's moment as the number that it is kept as: quicker than as a time, for many."""
    return type_coerce(moment, BigInteger)


def number_of(day: date) -> int:
    """Return a day's number."""
    return day.toordinal() - _EPOCH


def midnight(now: datetime) -> datetime:
    """Return when the day began."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def shown_days(now: datetime) -> Sequence[date]:
    """Return the days that figures are shown of: 28, of which today is the last and not over."""
    today = midnight(now).date()
    return [today - timedelta(days=back) for back in reversed(range(SHOWN_DAYS))]
