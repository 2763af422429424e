"""Double review for tests: a desk that draws everything, and an item decided by two people apart."""

from __future__ import annotations

from typing import Final

from tocsin.service.review.contract_testing import (
    CONFIRM,
    DISMISS,
    FixedClock,
    decided,
    handed_in,
    judged,
    rows,
)
from tocsin.service.review.decisions import Decision, Said
from tocsin.service.review.desk import Desk
from tocsin.service.review.double.comparing import compare_due, is_due
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Reviewer
from tocsin.service.review.store.tables import tasks

__all__ = ["ALL", "decided_first", "decided_twice", "second_tasks", "wait"]

ALL: Final = 1.0
"""A share with which everything that may be decided twice is."""


def wait(clock: FixedClock, desk: Desk) -> None:
    """Let the time pass in which a decision can be undone, and do what is due then."""
    clock.advance(desk.context.settings.undo_seconds + 1)
    while desk.read(is_due):
        desk.write(compare_due)


def decided_first(desk: Desk, by: Reviewer, said: Said = CONFIRM, item: str = "p1") -> Decision:
    """Return the first decision on a new item."""
    handed_in(desk, judged(item, level="urgent"))
    return decided(desk, by, said, Queue.URGENT)


def decided_twice(
    desk: Desk, clock: FixedClock, first: Reviewer, second: Reviewer, said: Said = DISMISS, item: str = "p1"
) -> tuple[Decision, Decision]:
    """Return the decision of `first`, who confirms, and that of `second`, once it may be made."""
    made = decided_first(desk, first, item=item)
    wait(clock, desk)
    return made, decided(desk, second, said, Queue.SECOND)


def second_tasks(desk: Desk) -> list[int]:
    """Return the tasks in which somebody is to decide once more, that are open."""
    return [row.id for row in rows(desk, tasks, tasks.c.queue == "second", tasks.c.state == "open")]
