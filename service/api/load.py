"""How much one worker is doing, and how it refuses more without being kept busy by refusing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

__all__ = ["Load"]

_REFUSALS_A_SECOND: Final = 500.0  # some 5% of a core
_LONGEST_S: Final = 0.5  # half of what such a refusal asks the client to wait anyway


@dataclass(slots=True)
class Load:
    """Count the requests in work; pace refusals.

    Clients that come back at once would have a worker do nothing but refuse them. So refusals for
    overload leave at an even rate, each held back for half a second at most.
    """

    requests: int = 0
    clock: Callable[[], float] = time.monotonic
    _next: float = field(default=0.0, init=False)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count one request while it is in work."""
        self.requests += 1
        try:
            yield
        finally:
            self.requests -= 1

    def pause(self) -> float:
        """Return for how many seconds to hold back a refusal that is ready now."""
        now = self.clock()
        at = min(max(now, self._next), now + _LONGEST_S)
        self._next = at + 1 / _REFUSALS_A_SECOND
        return at - now
