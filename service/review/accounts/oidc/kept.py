"""What was fetched, kept for a while, so that nobody waits for it twice; a failure too, for a moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import Final, Generic, TypeVar

from tocsin.service.review.accounts.oidc.faults import ProviderError

__all__ = ["Kept", "Ticks"]

Made = TypeVar("Made")
Ticks = Callable[[], float]

_FAILURE_S: Final = 5.0  # a provider that is down is not asked by everybody who tries


class Kept(Generic[Made]):
    """Make a thing, and make it again once it is older than `lasts_s`; one thread makes, others wait."""

    def __init__(self, make: Callable[[], Made], lasts_s: float, ticks: Ticks = time.monotonic) -> None:
        self._make = make
        self._lasts_s = lasts_s
        self._ticks = ticks
        self._lock = Lock()
        self._made: tuple[float, Made] | None = None
        self._failed: tuple[float, ProviderError] | None = None

    def get(self, *, younger_s: float | None = None) -> Made:
        """Return what was made at most `younger_s` ago, by default as long as it lasts.

        Raises ProviderError where it cannot be made, or could not a moment ago.
        """
        lasts_s = self._lasts_s if younger_s is None else younger_s
        with self._lock:
            now = self._ticks()
            if self._made is not None and now - self._made[0] < lasts_s:
                return self._made[1]
            if self._failed is not None and now - self._failed[0] < _FAILURE_S:
                raise ProviderError(self._failed[1].fault, self._failed[1].why)
            try:
                made = self._make()
            except ProviderError as error:
                self._failed = self._ticks(), error
                raise
            self._made, self._failed = (self._ticks(), made), None
            return made
