"""How often to try again, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

__all__ = ["Patience", "asked_wait"]


@dataclass(frozen=True, slots=True)
class Patience:
    """Say how many attempts a file gets, and how long to wait between them, in seconds.

    The wait begins at `first` and doubles. A server may ask for another one, of at most `longest`.
    """

    attempts: int = 5
    first: float = 1.0
    longest: float = 60.0

    def wait(self, tried: int, asked: float | None) -> float | None:
        """Return how long to wait after `tried` attempts; None: give up.

        A server that asks for more than `longest` is not asked again: sooner would be rude.
        """
        if tried >= self.attempts or (asked is not None and asked > self.longest):
            return None
        return min(self.first * 2 ** (tried - 1), self.longest) if asked is None else asked


def asked_wait(retry_after: str | None, now: float) -> float | None:
    """Return the seconds that a Retry-After header asks for, None where it says nothing readable.

    It holds seconds or a date (RFC 9110, section 10.2.3); `now` is in seconds since 1970.
    """
    if retry_after is None:
        return None
    if retry_after.isascii() and retry_after.isdecimal():
        return float(retry_after)
    try:
        then = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return max(0.0, (then - datetime.fromtimestamp(now, UTC)).total_seconds())
