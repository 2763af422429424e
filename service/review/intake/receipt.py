"""What a platform is told of an item that it handed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tocsin.service.review.queue import Queue

__all__ = ["Receipt", "State"]


class State(StrEnum):
    """Say where an item stands."""

    WAITING = "waiting"  # a person is to look at it
    DECIDED = "decided"  # one has
    PASSED = "passed"  # nobody needs to: its text is not kept


@dataclass(frozen=True, slots=True)
class Receipt:
    """Hold where an item stands; `new` says that it was not known before.

    `queue`, `priority` and `deadline` are those of the task that waits, None where none does.
    """

    id: str
    new: bool
    state: State
    queue: Queue | None = None
    priority: float | None = None
    deadline: datetime | None = None
