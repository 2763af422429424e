from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from tocsin.service.review import testing
from tocsin.service.review.testing import Cluster, cluster, missing


def count(url: str) -> int:
    """Return how many rows the table `soup` has."""
    with create_engine(url, poolclass=NullPool).connect() as connection:
        found = connection.execute(text("SELECT count(*) FROM soup")).scalar_one()
    assert isinstance(found, int)
    return found


def fill(url: str, rows: int) -> None:
    """Make the table `soup` and add rows of 1,000 characters, which are too few to be compressed."""
    with create_engine(url, poolclass=NullPool).begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS soup (recipe text)"))
        add = text("INSERT INTO soup VALUES (:recipe)")
        connection.execute(add, [{"recipe": "leek " * 200} for _ in range(rows)])


def test_a_fresh_database_of_each_kind_answers_and_is_empty(database_url: str) -> None:
    fill(database_url, 3)

    assert count(database_url) == 3


def test_two_databases_of_one_server_have_nothing_in_common(postgres: Cluster) -> None:
    one, other = postgres.database(), postgres.database()
    try:
        fill(one, 1)
        assert postgres.psql("SELECT tablename FROM pg_tables WHERE tablename = 'soup'", other) == []
    finally:
        postgres.drop(one)
        postgres.drop(other)


def test_a_name_may_be_chosen_and_is_free_again_once_dropped(postgres: Cluster) -> None:
    for _ in range(2):
        url = postgres.database("kitchen")
        assert url.endswith("/kitchen")
        postgres.drop(url)


@pytest.mark.parametrize("mode", ["fast", "immediate", "kill"])
def test_what_was_committed_is_there_after_a_restart_at_the_same_address(
    postgres: Cluster, mode: testing.StopMode
) -> None:
    url = postgres.database()
    try:
        fill(url, 5)
        postgres.restart(mode)
        assert count(url) == 5
    finally:
        postgres.drop(url)


def test_a_server_that_is_stopped_does_not_answer_and_can_be_started_again(postgres: Cluster) -> None:
    url = postgres.database()
    try:
        fill(url, 1)
        postgres.stop("fast")
        postgres.stop("fast")  # nothing to do
        assert not postgres.running
        with pytest.raises(OperationalError):
            count(url)
    finally:
        postgres.start()
    assert count(url) == 1
    postgres.drop(url)


def test_a_full_disk_is_an_error_and_what_was_committed_before_stays(postgres: Cluster) -> None:
    with postgres.small_disk(24) as url:
        fill(url, 10)
        with pytest.raises(OperationalError) as raised:
            fill(url, 40_000)
        assert getattr(raised.value.orig, "sqlstate", None) == "53100"
        assert count(url) == 10


def test_a_small_disk_leaves_nothing_behind(postgres: Cluster) -> None:
    with pytest.raises(ZeroDivisionError), postgres.small_disk(16):
        _ = 1 / 0

    assert postgres.psql("SELECT spcname FROM pg_tablespace WHERE spcname LIKE 'small%'") == []
    assert postgres.psql("SELECT datname FROM pg_database WHERE datname LIKE 'small%'") == []


def break_off(made: Cluster) -> None:
    """Leave a server that answers, and withstands power cuts, as a test does that fails."""
    assert made.psql("SHOW fsync") == [("on",)]
    raise ZeroDivisionError


def test_a_server_removes_itself_though_the_block_fails(postgres: Cluster) -> None:
    with pytest.raises(ZeroDivisionError), cluster(fsync=True) as made:
        break_off(made)

    assert not made.running
    assert not made.folder.exists()
    assert postgres.psql("SHOW fsync") == [("off",)]


def test_a_machine_without_a_server_is_told_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, postgres: Cluster
) -> None:
    monkeypatch.setenv("PATH", "")

    assert missing() == "needs PostgreSQL: pg_config is not on this machine"
