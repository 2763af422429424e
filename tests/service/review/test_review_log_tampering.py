"""Whoever changes the log without its key is found out, whatever they change and however much they know."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import fields, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from tocsin.service.review.contract_testing import KEY, START, open_desk_at, rows
from tocsin.service.review.desk import Desk
from tocsin.service.review.log import (
    Action,
    Actor,
    Entry,
    Head,
    LogKey,
    Row,
    append,
    genesis,
    read_head,
    verify,
)
from tocsin.service.review.log.verify import verify_rows
from tocsin.service.review.store.tables import log, log_head
from tocsin.service.review.tampering_testing import change, tamper

FORGER: Final = LogKey(b"f" * 32)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
ENTRIES = st.builds(
    Entry,
    st.integers(0, 10**15).map(lambda us: START + timedelta(microseconds=us)),
    st.builds(Actor, st.sampled_from(["reviewer", "key", "system"]), st.text(max_size=5)),
    st.sampled_from(Action),
    st.none() | st.integers(1, 9),
    st.dictionaries(st.text(max_size=5), JSON, max_size=2),
)
ANYTHING = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(max_size=40))


def chained(entries: Sequence[Entry], key: LogKey = KEY) -> list[Row]:
    """Return the rows that a log of `entries` has."""
    before, made = key.begun, []
    for number, entry in enumerate(entries, 1):
        row = Row.of(number, entry)
        before = key.seal_row(before, row.sealed())
        made.append(replace(row, mac=before))
    return made


def head_of(found: Sequence[Row]) -> Head:
    """Return the head that fits the last row: what a tamperer would write beside it."""
    return Head(found[-1].seq, found[-1].mac) if found else Head(0, KEY.begun)


@st.composite
def tampered(draw: st.DrawFn, genuine: list[Row]) -> list[Row]:
    """Return rows after one to three changes, by somebody who has seen every seal and has no key."""
    found = list(genuine)
    for _ in range(draw(st.integers(1, 3))):
        found = draw(st.sampled_from(CHANGES))(draw, found, genuine)
    return found


def place(draw: st.DrawFn, found: Sequence[Row]) -> int:
    return draw(st.integers(0, max(len(found) - 1, 0)))


def edit(draw: st.DrawFn, found: list[Row], genuine: list[Row]) -> list[Row]:
    if not found:
        return found
    at = place(draw, found)
    name = draw(st.sampled_from([field.name for field in fields(Row)]))
    known = [getattr(row, name) for row in genuine]
    value = draw(ANYTHING | st.sampled_from(known))
    return [*found[:at], replace(found[at], **{name: value}), *found[at + 1 :]]


def delete(draw: st.DrawFn, found: list[Row], genuine: list[Row]) -> list[Row]:
    at = place(draw, found)
    return found[:at] + found[at + draw(st.integers(1, 3)) :]


def truncate(draw: st.DrawFn, found: list[Row], genuine: list[Row]) -> list[Row]:
    return found[: place(draw, found)]


def swap(draw: st.DrawFn, found: list[Row], genuine: list[Row]) -> list[Row]:
    one, other, changed = place(draw, found), place(draw, found), list(found)
    if changed:
        changed[one], changed[other] = changed[other], changed[one]
    return changed


def copy(draw: st.DrawFn, found: list[Row], genuine: list[Row]) -> list[Row]:
    at = draw(st.integers(0, len(found)))
    return [*found[:at], draw(st.sampled_from(genuine)), *found[at:]]


def insert(draw: st.DrawFn, found: list[Row], genuine: list[Row]) -> list[Row]:
    at = draw(st.integers(0, len(found)))
    row = Row.of(at + 1, draw(ENTRIES))
    before = found[at - 1].mac if at and isinstance(found[at - 1].mac, bytes) else KEY.begun
    forged = FORGER.seal_row(before, b"")
    mac = draw(st.sampled_from([forged, b"", bytes(32), *(one.mac for one in genuine)]))
    return [*found[:at], replace(row, mac=mac), *found[at:]]


def renumber(draw: st.DrawFn, found: list[Row], genuine: list[Row]) -> list[Row]:
    return [replace(row, seq=number) for number, row in enumerate(found, 1)]


def seal_anew(draw: st.DrawFn, found: list[Row], genuine: list[Row]) -> list[Row]:
    """Make the whole chain again, under another key."""
    before, made = FORGER.begun, []
    for row in found:
        before = FORGER.seal_row(before, repr(row).encode())
        made.append(replace(row, mac=before))
    return made


CHANGES: Final = (edit, delete, truncate, swap, copy, insert, renumber, seal_anew)


@given(st.lists(ENTRIES, max_size=8))
def test_a_log_that_nobody_touched_is_whole_against_its_head_of_any_time(entries: list[Entry]) -> None:
    genuine = chained(entries)
    heads = [head_of(genuine[:length]) for length in range(len(genuine) + 1)]
    found = verify_rows(genuine, KEY, heads[-1], heads)

    assert found.whole
    assert found.rows == len(entries)


@given(st.data())
def test_whatever_is_changed_is_found_and_a_shortened_log_by_the_head_that_was_kept(
    data: st.DataObject,
) -> None:
    genuine = chained(data.draw(st.lists(ENTRIES, min_size=1, max_size=8)))
    found = data.draw(tampered(genuine))
    same = repr(found) == repr(genuine)
    shortened = repr(found) == repr(genuine[: len(found)])

    assert verify_rows(found, KEY, head_of(found)).whole == shortened
    assert verify_rows(found, KEY, head_of(found), [head_of(genuine)]).whole == same
    assert verify_rows(found, KEY, head_of(genuine)).whole == same


@given(st.data())
def test_a_head_pins_all_before_it_and_nothing_after(data: st.DataObject) -> None:
    genuine = chained(data.draw(st.lists(ENTRIES, min_size=1, max_size=8)))
    kept, left = (data.draw(st.integers(0, len(genuine))) for _ in range(2))
    found = verify_rows(genuine[:left], KEY, head_of(genuine[:left]), [head_of(genuine[:kept])])

    assert found.whole == (left >= kept)


@given(st.lists(ENTRIES, min_size=1, max_size=5), st.lists(ENTRIES, min_size=1, max_size=5), st.data())
def test_two_logs_of_one_key_cannot_be_mixed_nor_stand_for_each_other(
    one: list[Entry], other: list[Entry], data: st.DataObject
) -> None:
    left, right = chained(one), chained(other)
    cut = data.draw(st.integers(0, len(left)))
    mixed = left[:cut] + right[cut:]
    is_of_one = mixed in (left[: len(mixed)], right[: len(mixed)])

    assert verify_rows(mixed, KEY, head_of(mixed)).whole == is_of_one
    assert verify_rows(right, KEY, head_of(right), [head_of(left)]).whole == (left == right[: len(left)])


@given(st.lists(ENTRIES, min_size=1, max_size=4))
def test_under_another_key_no_row_is_whole(entries: list[Entry]) -> None:
    found = verify_rows(chained(entries), FORGER, head_of(chained(entries)))

    assert [one.seq for one in found.findings] == list(range(1, len(entries) + 1))


@given(st.lists(ENTRIES, min_size=1, max_size=4), st.integers(-1, 9), ANYTHING)
def test_a_head_that_fits_no_row_is_found(entries: list[Entry], seq: int, mac: Any) -> None:
    genuine = chained(entries)
    head = Head(seq, mac)

    assert verify_rows(genuine, KEY, head).whole == (head == head_of(genuine))


def test_findings_name_the_rows() -> None:
    genuine = chained([Entry(START, Actor("system"), Action.VIEWED, number) for number in range(1, 10)])
    found = verify_rows([*genuine[:2], genuine[2], *genuine[6:8]], KEY, head_of(genuine))

    assert [(one.seq, one.what) for one in found.findings] == [
        (4, "rows 4 to 6 are gone"),
        (7, "this row, or the one before it, is not what was sealed"),
    ]


def test_a_log_that_is_broken_all_over_is_told_in_a_hundred_findings() -> None:
    entries = [Entry(START, Actor("system"), Action.VIEWED)] * 300
    found = verify_rows(chained(entries), FORGER, Head(0, b""))

    assert len(found.findings) == 100


# In a database, by somebody who owns it.

ROWS: Final = 6


@pytest.fixture
def kept(desk: Desk) -> Head:
    """Return the head of a log of six rows, as somebody else keeps it."""
    fill(desk)
    return desk.store.read(read_head)


def fill(desk: Desk, first: int = 1) -> None:
    for number in range(first, first + ROWS):
        entry = Entry(START, Actor.reviewer(number), Action.DECIDED, number, {"task": number})
        desk.store.write(partial(logged, entry))


def logged(entry: Entry, tx: Connection) -> Head:
    return append(tx, KEY, entry)


def findings(desk: Desk, *since: Head) -> list[str]:
    return [one.what for one in desk.store.read(lambda tx: verify(tx, KEY, read_head(tx), since)).findings]


COPIED: Final = "INSERT INTO log SELECT {0}, at, actor, action, item, body, mac FROM log WHERE seq = {1}"
MOVED: Final = "UPDATE log SET seq = {1} WHERE seq = {0}"
CUT: Final = (
    "DELETE FROM log WHERE seq > 4",
    "UPDATE log_head SET seq = 4, mac = (SELECT mac FROM log WHERE seq = 4)",
)


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param(["UPDATE log SET at = at + 1 WHERE seq = 3"], id="a time"),
        pytest.param(["UPDATE log SET actor = 'reviewer:9' WHERE seq = 3"], id="an actor"),
        pytest.param(["UPDATE log SET action = 'text.viewed' WHERE seq = 3"], id="an action"),
        pytest.param(["UPDATE log SET item = 9 WHERE seq = 3"], id="an item"),
        pytest.param(["UPDATE log SET item = NULL WHERE seq = 3"], id="no item"),
        pytest.param(["UPDATE log SET body = '{\"task\":9}' WHERE seq = 3"], id="a body"),
        pytest.param(["UPDATE log SET body = '{\"task\": 3}' WHERE seq = 3"], id="a blank in a body"),
        pytest.param(["UPDATE log SET body = '' WHERE seq = 6"], id="the last body"),
        pytest.param(["UPDATE log SET mac = (SELECT mac FROM log WHERE seq = 2) WHERE seq = 3"], id="a seal"),
        pytest.param(["DELETE FROM log WHERE seq = 1"], id="the first row taken out"),
        pytest.param(["DELETE FROM log WHERE seq = 3"], id="a row taken out"),
        pytest.param(
            [
                "DELETE FROM log WHERE seq = 3",
                *(MOVED.format(number, number - 1) for number in (4, 5, 6)),
                "UPDATE log_head SET seq = 5",
            ],
            id="a row taken out and the rest renumbered",
        ),
        pytest.param(["DELETE FROM log WHERE seq = 6"], id="the last row taken out"),
        pytest.param(["DELETE FROM log"], id="every row taken out"),
        pytest.param([MOVED.format(3, 99), MOVED.format(4, 3), MOVED.format(99, 4)], id="two swapped"),
        pytest.param([COPIED.format(7, 6)], id="a row copied to the end"),
        pytest.param(
            [COPIED.format(7, 6), "UPDATE log_head SET seq = 7"], id="a row copied to the end, and the head"
        ),
        pytest.param([COPIED.format(0, 1)], id="a row before the first"),
        pytest.param([COPIED.format(-5, 1)], id="a row long before the first"),
        pytest.param(["UPDATE log_head SET seq = 5"], id="the head back by one"),
        pytest.param(["UPDATE log_head SET seq = 99"], id="the head ahead"),
        pytest.param(["UPDATE log_head SET mac = (SELECT mac FROM log WHERE seq = 5)"], id="the head's seal"),
        pytest.param(
            ["UPDATE log_head SET seq = 5, mac = (SELECT mac FROM log WHERE seq = 5)"],
            id="the head, as it was a row ago",
        ),
        pytest.param(
            [
                *CUT,
                *(COPIED.format(number, number - 4) for number in (5, 6)),
                "UPDATE log_head SET seq = 6, mac = (SELECT mac FROM log WHERE seq = 6)",
            ],
            id="an end of earlier rows",
        ),
    ],
)
def test_a_change_is_found_without_any_head(desk: Desk, kept: Head, statements: list[str]) -> None:
    assert findings(desk, kept) == []
    tamper(desk, *statements)

    assert findings(desk)


def test_an_end_that_was_cut_off_shows_against_a_head_of_later(desk: Desk, kept: Head) -> None:
    tamper(desk, *CUT)

    assert findings(desk) == []
    assert findings(desk, kept) == ["the head that was kept is at row 6, which is gone"]


def test_an_end_that_was_cut_off_and_grew_anew_shows_against_a_head_of_before(desk: Desk, kept: Head) -> None:
    tamper(desk, *CUT)
    fill(desk, first=7)

    assert findings(desk) == []
    assert findings(desk, kept) == ["the head that was kept does not fit row 6: what it pinned was replaced"]


def test_a_log_begun_anew_shows_against_any_head(desk: Desk, kept: Head) -> None:
    tamper(desk, "DELETE FROM log", "DELETE FROM log_head")
    desk.store.write(lambda tx: genesis(tx, KEY))

    assert findings(desk) == []
    assert findings(desk, kept) == ["the head that was kept is at row 6, which is gone"]


def test_another_log_of_the_same_key_shows_against_the_head_that_was_kept(
    desk: Desk, kept: Head, tmp_path: Path
) -> None:
    other = open_desk_at(f"sqlite:///{tmp_path}/other.sqlite")
    fill(other, first=11)
    moved, head = rows(other, log), other.store.read(read_head)
    other.close()
    tamper(desk, "DELETE FROM log")
    desk.store.write(lambda tx: tx.execute(log.insert(), [dict(row._mapping) for row in moved]))
    desk.store.write(lambda tx: tx.execute(log_head.update().values(seq=head.seq, mac=head.mac)))

    assert findings(desk) == []
    assert findings(desk, kept) == ["the head that was kept does not fit row 6: what it pinned was replaced"]


def test_an_older_copy_of_the_whole_database_shows_against_a_head_of_later(tmp_path: Path) -> None:
    url, copied = f"sqlite:///{tmp_path}/review.sqlite", tmp_path / "copy.sqlite"
    desk = open_desk_at(url)
    fill(desk)
    with closing(sqlite3.connect(tmp_path / "review.sqlite")) as file:
        file.execute(f"VACUUM INTO '{copied}'")
    old = desk.store.read(read_head)
    fill(desk, first=7)
    late = desk.store.read(read_head)
    desk.close()
    replayed = open_desk_at(f"sqlite:///{copied}")
    try:
        assert findings(replayed, old) == []
        assert findings(replayed, old, late) == ["the head that was kept is at row 12, which is gone"]
    finally:
        replayed.close()


def test_rows_added_on_a_head_that_was_moved_are_found(desk: Desk, kept: Head) -> None:
    tamper(desk, "UPDATE log_head SET mac = (SELECT mac FROM log WHERE seq = 5)")
    fill(desk, first=7)

    assert findings(desk)


def test_nothing_can_be_added_over_rows_that_are_there(desk: Desk, kept: Head) -> None:
    tamper(desk, "UPDATE log_head SET seq = 4, mac = (SELECT mac FROM log WHERE seq = 4)")

    with pytest.raises(IntegrityError):
        fill(desk, first=7)


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("UPDATE log SET item = 9 WHERE seq = 3", id="an edit"),
        pytest.param("DELETE FROM log WHERE seq = 6", id="a deletion"),
    ],
)
def test_triggers_refuse_what_happens_by_accident(desk: Desk, kept: Head, statement: str) -> None:
    with pytest.raises((sqlite3.Error, DBAPIError), match="only grows"):
        change(desk, statement)

    assert findings(desk, kept) == []


# SQLite takes anything anywhere.


@pytest.fixture
def sqlite_desk(tmp_path: Path) -> Any:
    """Yield a desk of six rows in a file."""
    made = open_desk_at(f"sqlite:///{tmp_path}/review.sqlite")
    fill(made)
    yield made
    made.close()


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("UPDATE log SET item = 'soup' WHERE seq = 3", id="a word for a number"),
        pytest.param("UPDATE log SET item = CAST(x'ff' AS TEXT) WHERE seq = 3", id="no UTF-8 for a number"),
        pytest.param("UPDATE log SET item = x'00' WHERE seq = 3", id="bytes for a number"),
        pytest.param("UPDATE log SET item = 9e999 WHERE seq = 3", id="infinity for a number"),
        pytest.param("UPDATE log SET item = 3.5 WHERE seq = 3", id="a half for a number"),
        pytest.param("UPDATE log SET at = 'soup' WHERE seq = 3", id="a word for a time"),
        pytest.param("UPDATE log SET body = CAST(x'c328' AS TEXT) WHERE seq = 3", id="a body without UTF-8"),
        pytest.param("UPDATE log SET body = body || char(0) WHERE seq = 3", id="a NUL behind a body"),
        pytest.param("UPDATE log SET body = 5 WHERE seq = 3", id="a number for a body"),
        pytest.param("UPDATE log SET mac = 'soup' WHERE seq = 3", id="a word for a seal"),
        pytest.param("UPDATE log SET mac = 5 WHERE seq = 3", id="a number for a seal"),
        pytest.param("UPDATE log SET mac = substr(mac, 1, 31) WHERE seq = 3", id="a short seal"),
        pytest.param("UPDATE log SET mac = mac || x'00' WHERE seq = 3", id="a long seal"),
        pytest.param("UPDATE log_head SET mac = 'soup'", id="a word for the head's seal"),
        pytest.param("UPDATE log_head SET mac = 10000000000", id="a number for the head's seal"),
        pytest.param("UPDATE log_head SET seq = 'soup'", id="a word for the head's number"),
        pytest.param(
            "CREATE TABLE fresh AS SELECT * FROM log; INSERT INTO fresh(actor) VALUES ('x');"
            " DROP TABLE log; ALTER TABLE fresh RENAME TO log",
            id="a table without rules",
        ),
        pytest.param(
            "INSERT OR REPLACE INTO log SELECT 3, at, actor, action, item, body, mac FROM log WHERE seq = 4",
            id="a row replaced",
        ),
    ],
)
def test_what_no_row_of_ours_could_hold_is_found_and_breaks_nothing(
    sqlite_desk: Desk, statement: str
) -> None:
    tamper(sqlite_desk, statement)

    assert findings(sqlite_desk)


def test_a_row_is_not_replaced_by_accident(sqlite_desk: Desk) -> None:
    copied = "INSERT OR REPLACE INTO log SELECT 3, at, actor, action, item, body, mac FROM log WHERE seq = 4"
    with pytest.raises(sqlite3.Error, match="only grows"):
        change(sqlite_desk, copied)
