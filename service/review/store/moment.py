"""Times in the database: whole microseconds of UTC, the same in every database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger
from sqlalchemy.types import TypeDecorator

__all__ = ["Moment"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """Keep an aware time as microseconds since 1970; a naive one is an error."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        """Return what the database keeps."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time must say its zone")
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        """Return the time in UTC."""
        del dialect
        return None if value is None else _EPOCH + timedelta(microseconds=value)
