"""The rows most in need of a person, found in constant memory."""

from __future__ import annotations

import heapq
from itertools import count
from typing import TYPE_CHECKING, TypeAlias

from tocsin.assessment import Level

if TYPE_CHECKING:
    from tocsin.service.scan.outcome import Judged

__all__ = ["Ranking"]

_Key: TypeAlias = tuple[int, float, int]
LEVELS = list(Level)


class Ranking:
    """Keep the first `size` rows by level, then priority, then input order."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._heap: list[tuple[_Key, Judged]] = []
        self._order = count()

    def add(self, row: Judged, level: Level) -> None:
        """Keep `row` where it ranks high enough."""
        priority = row.assessment.priority
        key = (LEVELS.index(level), -1.0 if priority is None else priority, -next(self._order))
        push = heapq.heappush if len(self._heap) < self._size else heapq.heappushpop
        # Keys differ in input order, so that two rows are never compared themselves.
        push(self._heap, (key, row))

    def rows(self) -> list[Judged]:
        """Return the rows kept, the most urgent first."""
        return [row for _, row in sorted(self._heap, reverse=True)]
