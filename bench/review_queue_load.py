"""Reviewers at work, each a process: they claim and decide in turn, and tell how long each took."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any, Final

from tocsin.service.review.clock import now
from tocsin.service.review.contract_testing import CONFIRM, desk_over
from tocsin.service.review.decisions import decide
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ReviewError, StoreAwayError
from tocsin.service.review.records import Reviewer
from tocsin.service.review.tasks import choosing, claim_next

__all__ = ["WAYS", "Load", "Times", "run_load"]

WAIT_S: Final = 120.0
FIRST: Final = 12  # claims of each reviewer that are not counted: plans are made anew for the first ten


@dataclass(frozen=True)
class Load:
    """Say how reviewers work: for how many seconds, and how many of these they think about each task.

    `severe_read` is how many severe texts each has read in the shift, by so many reveals each.
    """

    title: str
    reviewers: int
    seconds: float
    think_s: float = 0.0
    severe_read: int = 0


@dataclass(frozen=True)
class Times:
    """Hold the seconds of each claim and each decision, and how many found the database too busy."""

    claims: Sequence[float]
    decisions: Sequence[float]
    refused: int


def _without_skipping(desk: Desk) -> None:
    """Wait for the row that another claims, as SELECT ... FOR UPDATE does; on SQLite, as SQLite waits."""
    desk.store._turn = None
    module: Any = choosing
    module._locking = lambda search: search.with_for_update()


WAYS: Final[Mapping[str, Callable[[Desk], None]]] = {"tocsin": lambda _: None, "naive": _without_skipping}


def run_load(url: str, load: Load, team: Sequence[Reviewer], way: str) -> Times:
    """Return what as many processes as the load has reviewers measured, all at once."""
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    begin = context.Barrier(load.reviewers)
    ends = []
    for me in team[: load.reviewers]:
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=_review, args=(url, load, me, way, begin, there), daemon=True)
        process.start()
        there.close()
        ends.append((process, here))
    told: list[Times] = [here.recv() for _, here in ends]
    for process, _ in ends:
        process.join()
    return Times(
        [one for times in told for one in times.claims],
        [one for times in told for one in times.decisions],
        sum(times.refused for times in told),
    )


def _review(url: str, load: Load, me: Reviewer, way: str, begin: Barrier, told: Connection) -> None:
    desk = desk_over(url, clock=now, claims_each=1_000)
    WAYS[way](desk)
    claims: list[float] = []
    decisions: list[float] = []
    refused = 0
    for _ in range(FIRST):
        with suppress(StoreAwayError):  # the naive way, on a busy machine
            _work(desk, me, 0.0)
    begin.wait(WAIT_S)
    _think(load.think_s)
    until = time.perf_counter() + load.seconds
    while time.perf_counter() < until:
        try:
            claim_s, decide_s = _work(desk, me, load.think_s)
        except StoreAwayError:
            refused += 1
        else:
            claims.append(claim_s)
            decisions.append(decide_s)
    told.send(Times(claims, decisions, refused))
    desk.close()


def _work(desk: Desk, me: Reviewer, think_s: float) -> tuple[float, float]:
    start = time.perf_counter()
    task = desk.jot(claim_next, me)
    claimed = time.perf_counter() - start
    if task is None or task.claim is None:
        raise AssertionError("there must be a task to claim, there is none")
    _think(think_s)
    start = time.perf_counter()
    with suppress(ReviewError):  # the lease lapsed
        desk.write(decide, me, task.claim, CONFIRM)
    return claimed, time.perf_counter() - start


def _think(mean_s: float) -> None:
    if mean_s:
        time.sleep(mean_s * random.uniform(0.5, 1.5))  # noqa: S311 - of no secret
