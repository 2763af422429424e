"""PostgreSQL goes away and comes back, while reviewers work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Event
from typing import Final, TypeVar

import pytest

from tocsin.service.review.contract_testing import CONFIRM, actions, open_desk_at, reviewer, rows
from tocsin.service.review.decisions import Decision, decide
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import StoreAwayError, UnknownError
from tocsin.service.review.filling_testing import fill
from tocsin.service.review.log import Action, read_head, verify
from tocsin.service.review.records import Reviewer
from tocsin.service.review.store.tables import decisions, tasks
from tocsin.service.review.tasks import claim_next, held_by
from tocsin.service.review.testing import Cluster, cluster

Made = TypeVar("Made")
REVIEWERS: Final = 6
ITEMS: Final = 900
BETWEEN: Final = 100  # decisions before each restart


@pytest.fixture
def server(postgres: Cluster) -> Iterator[Cluster]:
    """Yield a server of the test's own; `postgres` says whether there can be one."""
    del postgres
    with cluster() as made:
        yield made


class Shift:
    """Let reviewers work through one desk; every failure but StoreAwayError ends it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.away = 0
        self.lapsed = 0
        self.answered: list[Decision] = []
        self.broken = Event()

    def work(self, me: Reviewer) -> None:
        """Claim and decide until nothing is left, as a page would that asks again."""
        try:
            while claim := self._claim(me):
                self._decide(me, claim)
        except BaseException:
            self.broken.set()
            raise

    def _decide(self, me: Reviewer, claim: str) -> None:
        try:
            made = self._again(lambda: self._desk.write(decide, me, claim, CONFIRM))
        except UnknownError:  # a crash lost the claim, which is not written at once
            self.lapsed += 1
        else:
            self.answered.append(made)

    def _claim(self, me: Reviewer) -> str | None:
        """Return a claim: the next, or the one of a claiming whose answer was lost."""

        def either() -> str | None:
            held = self._desk.read(held_by, me)
            task = held[0] if held else self._desk.jot(claim_next, me)
            return None if task is None else task.claim

        return self._again(either)

    def _again(self, ask: Callable[[], Made]) -> Made:
        for _ in count():
            try:
                return ask()
            except StoreAwayError:
                self.away += 1
                time.sleep(0.02)
        raise AssertionError("unreachable")


def wait_for(shift: Shift, decided: int) -> None:
    while len(shift.answered) < decided and not shift.broken.is_set():
        time.sleep(0.005)


def test_work_goes_on_through_the_same_desk_after_restarts_and_nothing_answered_is_lost(
    server: Cluster,
) -> None:
    desk = open_desk_at(server.database())
    fill(desk, ITEMS)
    shift = Shift(desk)
    team = [reviewer(desk, f"cook {number}") for number in range(REVIEWERS)]
    with ThreadPoolExecutor(REVIEWERS) as pool:
        working = [pool.submit(shift.work, one) for one in team]
        for mode in ("immediate", "fast", "immediate"):
            known = shift.away
            wait_for(shift, len(shift.answered) + BETWEEN)
            server.restart(mode)
            wait_for(shift, len(shift.answered) + 1)
            assert shift.away > known or shift.broken.is_set()
    for one in working:
        one.result()

    made = {one.id: one for one in rows(desk, decisions)}
    assert {one.number for one in shift.answered} == set(made)
    assert sorted(one.task for one in made.values()) == [one.id for one in rows(desk, tasks)]
    assert {one.state for one in rows(desk, tasks)} == {"done"}
    assert actions(desk) == [Action.DECIDED] * ITEMS
    assert desk.store.read(lambda tx: verify(tx, desk.context.key, read_head(tx))).whole
    desk.close()


def test_while_the_server_is_down_all_that_is_asked_is_answered_that_it_is_away(server: Cluster) -> None:
    desk = open_desk_at(server.database(), patience_s=1.0)
    fill(desk, 2)
    me = reviewer(desk)
    claim = desk.jot(claim_next, me)
    server.stop("immediate")

    for ask in (
        lambda: desk.read(held_by, me),
        lambda: desk.jot(claim_next, me),
        lambda: desk.write(decide, me, "a claim", CONFIRM),
    ):
        with pytest.raises(StoreAwayError, match="come back"):
            ask()
    server.start()

    assert claim is not None
    assert desk.jot(claim_next, me) is not None
    desk.close()


def test_a_lock_that_is_held_too_long_is_answered_that_the_database_is_away(postgres: Cluster) -> None:
    url = postgres.database()
    desk = open_desk_at(url, patience_s=1.0)
    fill(desk, 1)
    me = reviewer(desk)
    task = desk.jot(claim_next, me)
    assert task is not None
    other = open_desk_at(url)
    with other.store.engine.begin() as holding:
        holding.exec_driver_sql("SELECT * FROM tasks FOR UPDATE")
        with pytest.raises(StoreAwayError, match="come back"):
            desk.write(decide, me, task.claim or "", CONFIRM)

    assert desk.write(decide, me, task.claim or "", CONFIRM).task == task.number
    desk.close()
    other.close()
    postgres.drop(url)
