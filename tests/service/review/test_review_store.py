"""The store: whole transactions, tried again where they collide, and honest about what failed."""

from __future__ import annotations

import sqlite3
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, exc, func, select, text, update

from tocsin.errors import SettingsError
from tocsin.service.review.contract_testing import desk_over, handed_in, judged, reviewer, rows
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import StoreAwayError
from tocsin.service.review.store import Moment, Store, parse_url, shown_url
from tocsin.service.review.store.tables import items, reviewers
from tocsin.service.review.testing import Cluster

SECRET = "kettle"  # noqa: S105 - opens nothing


def test_all_that_one_read_sees_is_of_one_moment(desk: Desk) -> None:
    handed_in(desk, judged("p1"))

    def twice(tx: Connection) -> list[int]:
        count = select(func.count()).select_from(items)
        first = tx.execute(count).scalar_one()
        with ThreadPoolExecutor(1) as pool:
            pool.submit(handed_in, desk, judged("p2")).result()
        return [first, tx.execute(count).scalar_one()]

    assert desk.store.read(twice) == [1, 1]
    assert len(rows(desk, items)) == 2


def test_what_reads_cannot_write(desk: Desk) -> None:
    handed_in(desk, judged("p1"))
    with pytest.raises((exc.DBAPIError, StoreAwayError)):
        desk.store.read(lambda tx: tx.execute(update(items).values(text="A stew.")))
    handed_in(desk, judged("p2"))
    assert "A stew." not in {row.text for row in rows(desk, items)}


def test_what_raises_stores_nothing(desk: Desk, alice: Any) -> None:
    def work(tx: Connection) -> None:
        tx.execute(update(reviewers).values(active=False))
        raise RuntimeError("the oven is broken")

    with pytest.raises(RuntimeError, match="oven"):
        desk.store.write(work)
    assert [row.active for row in rows(desk, reviewers)] == [True]


@pytest.mark.parametrize("ready_url", ["postgresql"], indirect=True)
def test_a_deadlock_is_tried_again_until_both_are_through(desk: Desk) -> None:
    first, second = (reviewer(desk, name) for name in ("alice", "bob"))
    met = threading.Barrier(2, timeout=20)
    calls: list[str] = []

    def lock(name: str, order: list[int]) -> None:
        def work(tx: Connection) -> None:
            calls.append(name)
            for place, number in enumerate(order):
                tx.execute(
                    update(reviewers).where(reviewers.c.id == number).values(role=reviewers.c.role + 1)
                )
                if place == 0 and calls.count(name) == 1:
                    met.wait()

        desk.store.write(work)

    with ThreadPoolExecutor(2) as pool:
        orders = {"a": [first.number, second.number], "b": [second.number, first.number]}
        list(pool.map(lock, orders, orders.values()))
    assert len(calls) > 2
    assert [row.role for row in rows(desk, reviewers)] == [3, 3]


@pytest.mark.parametrize("ready_url", ["postgresql"], indirect=True)
def test_a_serialisation_failure_is_tried_again(desk: Desk) -> None:
    reviewer(desk)
    tries = []

    def work(tx: Connection) -> None:
        tries.append(1)
        tx.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        tx.execute(select(reviewers)).all()
        if len(tries) == 1:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(
                    desk.store.write, lambda other: other.execute(update(reviewers).values(role=2))
                ).result()
        tx.execute(update(reviewers).values(role=reviewers.c.role + 1))

    desk.store.write(work)
    assert len(tries) == 2
    assert [row.role for row in rows(desk, reviewers)] == [3]


@pytest.mark.parametrize("ready_url", ["postgresql"], indirect=True)
def test_a_collision_that_does_not_end_says_so(desk: Desk) -> None:
    tries = []

    def collide(tx: Connection) -> None:
        tries.append(1)
        tx.execute(text("DO $$ BEGIN RAISE EXCEPTION SQLSTATE '40001'; END $$"))

    with pytest.raises(StoreAwayError):
        desk.store.write(collide)
    assert len(tries) == 5


def test_a_database_that_another_program_holds_for_too_long_is_away(
    make_desk: Callable[..., Desk], ready_url: str
) -> None:
    desk = make_desk(patience_s=0.2)
    with ExitStack() as held:
        _hold(ready_url, held)
        with pytest.raises(StoreAwayError):
            handed_in(desk, judged("p1"))
    assert handed_in(desk, judged("p1"))[0].new


def test_more_readers_than_connections_wait_and_then_are_told(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(patience_s=0.2)
    with ExitStack() as held:
        for _ in range(8):
            held.enter_context(desk.store.engine.connect())
        with pytest.raises(StoreAwayError, match="no connection free"):
            rows(desk, items)
    assert rows(desk, items) == []


def test_a_file_that_cannot_be_written_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none/review.sqlite' must be"):
        desk_over(f"sqlite:///{tmp_path}/none/review.sqlite")


def test_a_server_that_is_not_there_is_away() -> None:
    desk = desk_over(f"postgresql://cook:{SECRET}@127.0.0.1:1/queue", patience_s=1)
    with pytest.raises(StoreAwayError) as refused:
        rows(desk, items)
    assert SECRET not in str(refused.value)
    desk.close()


def test_what_a_database_refuses_is_not_shown_with_its_texts(desk: Desk) -> None:
    with pytest.raises(exc.DBAPIError) as refused:
        desk.store.write(lambda tx: tx.execute(items.insert(), {"text": f"A {SECRET} soup.", "digest": None}))
    lines = traceback.format_exception_only(refused.value)
    assert not [line for line in lines if SECRET in line.partition("DETAIL")[0]]


def test_a_time_without_a_zone_is_refused_and_not_shown_with_its_texts(desk: Desk) -> None:
    naive = {"text": f"A {SECRET} soup.", "digest": b"", "received_at": datetime(2026, 3, 2)}  # noqa: DTZ001
    with pytest.raises(exc.StatementError, match="zone") as refused:
        desk.store.write(lambda tx: tx.execute(items.insert(), naive))
    assert SECRET not in str(refused.value)


@given(st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29)), st.integers(-23, 23))  # noqa: DTZ001
def test_a_time_comes_back_as_the_moment_that_it_was(naive: datetime, hours: int) -> None:
    given_at = naive.replace(tzinfo=timezone(timedelta(hours=hours)))
    kept = Moment().process_bind_param(given_at, None)
    assert Moment().process_result_value(kept, None) == given_at


@pytest.mark.parametrize(
    ("given_url", "expected"),
    [
        ("sqlite:////srv/review.sqlite", "sqlite:////srv/review.sqlite"),
        ("sqlite:///review.sqlite", "sqlite:///review.sqlite"),
        (f"postgres://cook:{SECRET}@db/queue", "postgresql+psycopg://cook:***@db/queue"),
        (f"postgresql://db/queue?password={SECRET}", "postgresql+psycopg://db/queue"),
        (f"postgresql+asyncpg://cook:{SECRET}@db:5433/queue", "postgresql+psycopg://cook:***@db:5433/queue"),
    ],
)
def test_an_address_is_shown_without_its_password(given_url: str, expected: str) -> None:
    assert shown_url(parse_url(given_url)) == expected


@pytest.mark.parametrize(
    "given_url",
    [
        f"{SECRET}",
        "",
        f"mysql://cook:{SECRET}@db/queue",
        f"postgresql://cook:{SECRET}@db:port/queue",
        f"postgresql://cook:{SECRET}@db:{SECRET}/queue",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file::memory:?uri=true",
    ],
)
def test_an_address_that_is_none_is_refused_and_shows_no_password(given_url: str) -> None:
    with pytest.raises(SettingsError, match=r"^database: ") as refused:
        parse_url(given_url)
    assert SECRET not in "".join(traceback.format_exception_only(refused.value))


def test_a_closed_store_gives_its_connections_back(postgres: Cluster) -> None:
    url = postgres.database()
    store = Store(parse_url(url))
    store.read(lambda tx: tx.execute(text("SELECT 1")).all())
    store.close()
    assert postgres.psql(
        f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{url.rpartition('/')[2]}'"  # noqa: S608
    ) == [(0,)]


def _hold(url: str, held: ExitStack) -> None:
    """Keep the database from others' writing, as another program would."""
    if url.startswith("sqlite"):
        one = held.enter_context(
            closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None))
        )
        one.execute("BEGIN IMMEDIATE")
        return
    other = psycopg.connect(url.replace("+psycopg", ""))
    held.enter_context(closing(other))
    other.execute("LOCK TABLE items IN ACCESS EXCLUSIVE MODE")
