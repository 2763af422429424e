"""What runs in processes of their own: reviewers at work, and whoever is killed at it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.synchronize import Barrier
from signal import SIGKILL
from typing import Any, Final

from sqlalchemy import event

from tocsin.service.review.contract_testing import CONFIRM, FixedClock, desk_over, endpoint
from tocsin.service.review.decisions import decide
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import UnknownError
from tocsin.service.review.records import Reviewer
from tocsin.service.review.tasks import claim_next

__all__ = ["ENDPOINTS", "PATIENCE_S", "Hasty", "Steps", "die_at", "die_holding", "processes", "work_off"]

ENDPOINTS: Final = ("platform", "archive")
PATIENCE_S: Final = 120.0
"""How long a process waits for others, and for the database, before it gives up."""
# The end of a statement is the beginning of the next, or of the commit: the database sees no difference.
_EVENTS: Final = ("begin", "before_cursor_execute", "commit")


def processes() -> ForkServerContext:
    """Return what starts processes: each a copy of one that has these modules and neither threads nor files.

    A new interpreter for each would take half a second of a core, a copy of this process its locks.
    """
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__, "pytest"])  # what runs the tests, which each would import too
    return context


class Hasty(FixedClock):
    """Tell a later time whenever asked: leases lapse while their holders are at work."""

    def __init__(self, at: datetime, seconds: float) -> None:
        super().__init__(at)
        self._seconds = seconds

    def __call__(self) -> datetime:
        """Return the time, once more has passed."""
        self.advance(self._seconds)
        return self.at


def work_off(url: str, me: Reviewer, clock: FixedClock, begin: Barrier) -> None:
    """Claim and decide until nothing is left; what lapsed into another's meanwhile is theirs."""
    desk = _desk(url, clock)
    begin.wait(PATIENCE_S)
    while _decided_next(desk, me):
        pass
    desk.close()


def die_holding(url: str, me: Reviewer, clock: FixedClock, begin: Barrier, told: Connection) -> None:
    """Decide a few, claim one more, tell its number, and wait to be killed."""
    desk = _desk(url, clock)
    begin.wait(PATIENCE_S)
    for _ in range(10):
        _decided_next(desk, me)
    task = desk.jot(claim_next, me)
    told.send(None if task is None else task.number)
    told.recv()


class Steps:
    """Count what happens in a desk's transactions, and kill this process at one of these steps."""

    def __init__(self, desk: Desk, last: int) -> None:
        self._count = count(1)
        self._last = last
        for name in _EVENTS:
            event.listen(desk.store.engine, name, self.step)

    def step(self, *told: Any) -> None:
        """Take one step."""
        del told
        if next(self._count) == self._last:
            os.kill(os.getpid(), SIGKILL)


def die_at(last: int, url: str, clock: FixedClock, work: Callable[..., Any], given: Sequence[Any]) -> None:
    """Write `work` and be killed at step `last`, the very last being after the end, before the answer."""
    desk = _desk(url, clock)
    steps = Steps(desk, last)
    desk.write(work, *given)
    steps.step()
    desk.close()


def _desk(url: str, clock: FixedClock) -> Desk:
    told = [endpoint(name) for name in ENDPOINTS]
    return desk_over(
        url, clock=clock, endpoints=told, patience_s=PATIENCE_S, lease_seconds=10, claims_each=1_000
    )


def _decided_next(desk: Desk, me: Reviewer) -> bool:
    task = desk.jot(claim_next, me)
    if task is None or task.claim is None:
        return False
    with suppress(UnknownError):
        desk.write(decide, me, task.claim, CONFIRM)
    return True
