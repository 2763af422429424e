"""When the next worker takes the place of one that left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["Seat"]

_LONG_S: Final = 60.0  # who served so long did not fail at starting
_LONGEST_WAIT_S: Final = 60.0


@dataclass(slots=True)
class Seat:
    """Hold since when a worker is at work, and, once it left, when the next one may start.

    The first to leave after a long time is replaced at once; each that follows soon waits twice as
    long as the one before, up to a minute. Times are in seconds of a monotonic clock.
    """

    since: float
    failures: int = 0
    due: float | None = None

    def vacate(self, now: float, *, was_ready: bool) -> float:
        """Note that the worker left; return the seconds until the next one starts."""
        lasted = was_ready and now - self.since >= _LONG_S
        self.failures = 0 if lasted else self.failures + 1
        wait = min(2.0 ** (self.failures - 1), _LONGEST_WAIT_S) if self.failures else 0.0
        self.due = now + wait
        return wait

    def is_due(self, now: float) -> bool:
        """Say whether another worker may start."""
        return self.due is not None and now >= self.due

    def take(self, now: float) -> None:
        """Note that another worker started."""
        self.since, self.due = now, None
