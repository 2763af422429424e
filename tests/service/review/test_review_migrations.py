"""The tables' versions: up from nothing, back again, and what the code and the tables say of each other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, exc, inspect, text

from tocsin.service.review.contract_testing import (
    POLICY,
    decided,
    desk_over,
    handed_in,
    judged,
    reviewer,
    rows,
)
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import StoreVersionError
from tocsin.service.review.making import bring_up_to_date
from tocsin.service.review.sampling_testing import sampled_posts
from tocsin.service.review.store import downgrade, is_current, upgrade
from tocsin.service.review.store.tables import decisions, flags, items, log, metadata, tasks

Make = Callable[[], Desk]


@pytest.fixture
def make(database_url: str) -> Iterator[Make]:
    """Yield what makes a desk over an empty database of each kind."""
    with ExitStack() as closing:

        def make() -> Desk:
            desk = desk_over(database_url)
            closing.callback(desk.close)
            return desk

        yield make


def test_tables_come_up_from_nothing_go_and_come_again(make: Make) -> None:
    desk = make()
    for _ in range(2):
        bring_up_to_date(desk)
        assert _names(desk) == {*metadata.tables, "alembic_version"}
        handed_in(desk, judged("p1"))
        downgrade(desk.store, "base")
        assert _names(desk) == {"alembic_version"}
        assert _functions(desk) == []


def test_the_tables_are_those_that_the_code_describes(make: Make) -> None:
    desk = make()
    bring_up_to_date(desk)

    def differences(tx: Connection) -> list[object]:
        opts = {"compare_type": True, "compare_server_default": True, "include_object": _is_of_both}
        context = MigrationContext.configure(tx, opts=opts)
        return list(compare_metadata(context, metadata))

    assert desk.store.read(differences) == []


def test_tables_are_current_after_their_upgrade_alone(make: Make) -> None:
    desk = make()
    assert not is_current(desk.store)
    upgrade(desk.store)
    assert is_current(desk.store)
    downgrade(desk.store, "base")
    assert not is_current(desk.store)


def test_an_upgrade_of_what_is_current_changes_nothing(make: Make) -> None:
    desk = make()
    bring_up_to_date(desk)
    handed_in(desk, judged("p1"))
    decided(desk, reviewer(desk))
    before = rows(desk, items), rows(desk, log)
    bring_up_to_date(desk)
    assert (rows(desk, items), rows(desk, log)) == before


def test_upgrades_at_once_are_one(make: Make) -> None:
    desks = [make() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(bring_up_to_date, desks))
    assert is_current(desks[0].store)
    assert len(rows(desks[0], log)) == 0
    reviewer(desks[0])


def test_what_needs_tables_that_are_not_there_says_which_command_makes_them(make: Make) -> None:
    desk = make()
    for work in (lambda: rows(desk, items), lambda: handed_in(desk, judged("p1"))):
        with pytest.raises(StoreVersionError, match="tocsin review upgrade"):
            work()


def test_a_log_that_has_not_begun_says_which_command_begins_it(make: Make) -> None:
    desk = make()
    upgrade(desk.store)
    with pytest.raises(StoreVersionError, match="tocsin review upgrade"):
        reviewer(desk)


def test_an_upgrade_tells_tasks_what_their_items_said(make: Make) -> None:
    desk = make()
    upgrade(desk.store, "0001")
    told = json.dumps(judged("p1", level="urgent").assessment.to_dict())
    before = {
        "INSERT INTO items (id, platform_id, received_at, digest, level, language, community, assessment)"
        " VALUES (7, 'p1', 1, :digest, 'urgent', 'en', 'kitchen', :told)": {"digest": b"d", "told": told},
        "INSERT INTO tasks (id, item, queue, shown, state, least_role, priority, created_at, serve_by,"
        " available_at) VALUES (3, 7, 'urgent', 'urgent', 'open', 1, 0.5, 1, 1, 1)": {},
    }
    for statement, values in before.items():
        desk.store.write(lambda tx: tx.execute(text(statement), values))  # noqa: B023 - at once
    bring_up_to_date(desk)
    (task,) = rows(desk, tasks)
    assert (task.level, task.language, task.community, task.severity) == ("urgent", "en", "kitchen", 2)
    assert [(row.item, row.policy, row.level) for row in rows(desk, flags)] == [(7, POLICY, "urgent")]


def test_decisions_made_before_samples_come_through_the_upgrade(make: Make) -> None:
    desk = make()
    bring_up_to_date(desk)
    handed_in(desk, judged("p1"))
    decided(desk, reviewer(desk))
    before = rows(desk, items), rows(desk, tasks), rows(desk, decisions), rows(desk, log)
    downgrade(desk.store, "0002")
    assert not is_current(desk.store)

    bring_up_to_date(desk)

    assert (rows(desk, items), rows(desk, tasks), rows(desk, decisions), rows(desk, log)) == before
    (made,) = rows(desk, decisions)
    assert (made.policies, made.unsure, made.aside, made.chance) == (None, None, False, None)
    assert sampled_posts(desk, 1, 2) == 2


CHANGES = [
    "UPDATE log SET actor = 'nobody'",
    "UPDATE log SET body = body",
    "DELETE FROM log",
    "DELETE FROM log WHERE seq = 1",
]
REPLACING = "INSERT OR REPLACE INTO log SELECT seq, at, 'nobody', action, item, body, mac FROM log"


@pytest.mark.parametrize(
    ("database_url", "statement"),
    [
        *(("sqlite", statement) for statement in (*CHANGES, REPLACING)),
        *(("postgresql", statement) for statement in (*CHANGES, "TRUNCATE log")),
    ],
    indirect=["database_url"],
)
def test_the_log_cannot_be_changed(make: Make, statement: str) -> None:
    desk = make()
    bring_up_to_date(desk)
    reviewer(desk)
    before = rows(desk, log)
    with pytest.raises(exc.DBAPIError, match="only grows"):
        desk.store.write(lambda tx: tx.execute(text(statement)))
    assert rows(desk, log) == before


def _is_of_both(found: object, name: str | None, *_: object) -> bool:
    del found
    return name != "ix_items_prefix"  # PostgreSQL's alone


def _names(desk: Desk) -> set[str]:
    return desk.store.read(lambda tx: set(inspect(tx).get_table_names()))


def _functions(desk: Desk) -> list[object]:
    """Return what PostgreSQL would keep of ours beside the tables."""
    if desk.store.is_sqlite:
        return []
    query = text("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
    return desk.store.read(lambda tx: list(tx.execute(query).scalars()))
