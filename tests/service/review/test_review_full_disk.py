"""The database's disk is full: an error says so, what was stored stays, work goes on once there is room."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import pytest
from sqlalchemy import event

from tocsin.service.review.contract_testing import (
    CONFIRM,
    KEY,
    actions,
    claimed,
    judged,
    open_desk_at,
    reviewer,
    rows,
)
from tocsin.service.review.decisions import Decision, Said, decide
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import StoreFullError
from tocsin.service.review.filling_testing import fill
from tocsin.service.review.intake import take_in
from tocsin.service.review.log import Action, read_head, verify
from tocsin.service.review.records import Reviewer
from tocsin.service.review.store.tables import decisions, items, tasks
from tocsin.service.review.tasks import held_by
from tocsin.service.review.testing import Cluster
from tocsin.service.review.verdict import Verdict

MIB: Final = 2**20
Made = TypeVar("Made")
Room = Callable[[], None]
"""What makes room on a disk."""


@contextmanager
def ballast(disk: Path, mib: int) -> Iterator[Room]:
    """Take up room on a disk; yield what gives it back."""
    file = disk / "ballast"
    file.write_bytes(bytes(mib * MIB))
    yield lambda: file.unlink(missing_ok=True)
    file.unlink(missing_ok=True)


@contextmanager
def postgres_on_a_small_disk(server: Cluster, folder: Path) -> Iterator[tuple[Desk, Room]]:
    del folder
    with server.small_disk(24) as url, ballast(server.folder / url.rpartition("/")[2], 12) as room:
        yield opened(url), room


@contextmanager
def sqlite_on_a_small_disk(server: Cluster, folder: Path) -> Iterator[tuple[Desk, Room]]:
    del folder
    with server.small_disk(24) as url:
        disk = server.folder / url.rpartition("/")[2]
        with ballast(disk, 12) as room:
            yield opened(f"sqlite:///{disk}/review.sqlite"), room


@contextmanager
def sqlite_of_few_pages(server: Cluster, folder: Path) -> Iterator[tuple[Desk, Room]]:
    del server
    pages = [1_000]
    desk = opened(f"sqlite:///{folder}/review.sqlite")

    def limit(connection: Any, *told: Any) -> None:
        del told
        connection.execute(f"PRAGMA max_page_count = {pages[0]}").close()

    event.listen(desk.store.engine, "connect", limit)
    desk.store.close()  # the next connection is limited

    def room() -> None:
        pages[0] = 100_000
        desk.store.close()

    yield desk, room


DISKS: Final = {
    "PostgreSQL on a small disk": postgres_on_a_small_disk,
    "SQLite on a small disk": sqlite_on_a_small_disk,
    "SQLite that may have few pages": sqlite_of_few_pages,
}


@pytest.fixture(params=list(DISKS.values()), ids=list(DISKS))
def small(request: pytest.FixtureRequest, postgres: Cluster, tmp_path: Path) -> Iterator[tuple[Desk, Room]]:
    """Yield a desk whose database has little room left, and what makes more."""
    with request.param(postgres, tmp_path) as (desk, room):
        yield desk, room
        desk.close()


def opened(url: str) -> Desk:
    return open_desk_at(url, claims_each=1_000)


def menu(name: str) -> str:
    """Return a text of 40,000 characters that cannot be packed."""
    return random.Random(name).randbytes(20_000).hex()  # noqa: S311 - no secret


def until_full(work: Callable[[int], Made]) -> list[Made]:
    """Do one thing after the other until the disk is full; return what came of them."""
    done: list[Made] = []
    try:
        while len(done) < 10_000:
            done.append(work(len(done)))
    except StoreFullError:
        return done
    raise AssertionError("a disk must be full at last, this one was not")


def handed_in(desk: Desk, number: int) -> str:
    """Hand in a text; return its name."""
    name = f"menu {number}"
    desk.write(take_in, [judged(name, menu(name))], "key")
    return name


def decided(desk: Desk, me: Reviewer) -> Decision:
    """Decide the next task, with a note that takes up room."""
    return desk.write(decide, me, claimed(desk, me)[1], Said(Verdict.DISMISS, note=menu("note")[:9_000]))


def is_whole(desk: Desk) -> bool:
    return desk.store.read(lambda tx: verify(tx, KEY, read_head(tx))).whole


def test_a_full_disk_refuses_what_comes_keeps_what_was_and_lets_work_go_on_once_there_is_room(
    small: tuple[Desk, Room],
) -> None:
    desk, make_room = small
    me = reviewer(desk)
    taken = until_full(partial(handed_in, desk))

    assert len(taken) > 10
    assert [(one.platform_id, one.text) for one in rows(desk, items)] == [
        (name, menu(name)) for name in taken
    ]
    assert is_whole(desk)

    make_room()
    handed_in(desk, len(taken))
    made = decided(desk, me)

    assert len(rows(desk, items)) == len(taken) + 1
    assert [one.id for one in rows(desk, decisions)] == [made.number]
    assert is_whole(desk)


def test_a_full_disk_loses_no_decision_that_was_answered_and_keeps_none_that_was_not(
    small: tuple[Desk, Room],
) -> None:
    desk, make_room = small
    me = reviewer(desk)
    fill(desk, 1_500)
    made = until_full(lambda _: decided(desk, me))

    assert {one.id for one in rows(desk, decisions)} == {one.number for one in made}
    assert len(rows(desk, tasks, tasks.c.state == "done")) == len(made)
    assert actions(desk) == [Action.DECIDED] * len(made)
    assert is_whole(desk)

    make_room()
    held = desk.read(held_by, me)
    again = held[0].claim if held else claimed(desk, me)[1]
    made.append(desk.write(decide, me, again or "", CONFIRM))

    assert {one.id for one in rows(desk, decisions)} == {one.number for one in made}
    assert actions(desk) == [Action.DECIDED] * len(made)
    assert is_whole(desk)
