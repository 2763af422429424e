"""The latest rows of the log alone: quick to verify, and what they hold is held as surely."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from tocsin.service.review.contract_testing import KEY, START
from tocsin.service.review.desk import Desk
from tocsin.service.review.log import Action, Actor, Entry, append, read_head, verify_latest

ROWS = 12


@pytest.fixture
def logged(desk: Desk) -> Desk:
    """Return a desk whose log has twelve rows, and no trigger that keeps them."""

    def work(tx: Connection) -> None:
        for number in range(ROWS):
            append(tx, KEY, Entry(START, Actor("system"), Action.VIEWED, number))
        if tx.dialect.name == "sqlite":
            for name in ("update", "delete", "replace"):
                tx.exec_driver_sql(f"DROP TRIGGER log_no_{name}")
        else:
            tx.exec_driver_sql("ALTER TABLE log DISABLE TRIGGER ALL")

    desk.store.write(work)
    return desk


def found(desk: Desk, most: int) -> tuple[int, list[int]]:
    told = desk.store.read(lambda tx: verify_latest(tx, KEY, read_head(tx), most))
    return told.rows, [one.seq for one in told.findings]


def change(desk: Desk, statement: str) -> None:
    desk.store.write(lambda tx: tx.exec_driver_sql(statement))


@pytest.mark.parametrize(("most", "rows"), [(1, 1), (5, 5), (11, 11), (12, 12), (13, 12), (10_000, 12)])
def test_as_many_rows_are_verified_as_are_asked_for(logged: Desk, most: int, rows: int) -> None:
    assert found(logged, most) == (rows, [])


def test_an_empty_log_is_whole(desk: Desk) -> None:
    assert found(desk, 5) == (0, [])


@pytest.mark.parametrize(
    ("statement", "seqs"),
    [
        ("UPDATE log SET actor = 'nobody' WHERE seq = 10", [10]),
        ("DELETE FROM log WHERE seq = 10", [10, 11]),
        ("DELETE FROM log WHERE seq = 12", [12]),
        ("DELETE FROM log WHERE seq = 7", [7]),
        ("DELETE FROM log", [7]),
        ("UPDATE log SET mac = (SELECT mac FROM log WHERE seq = 3) WHERE seq = 7", [8]),
    ],
)
def test_what_was_changed_among_them_is_found(logged: Desk, statement: str, seqs: list[int]) -> None:
    change(logged, statement)
    assert found(logged, 5)[1] == seqs


def test_what_lies_before_them_is_not_looked_at(logged: Desk) -> None:
    change(logged, "UPDATE log SET actor = 'nobody' WHERE seq = 3")
    assert found(logged, 5) == (5, [])
    assert found(logged, 12)[1] == [3]
