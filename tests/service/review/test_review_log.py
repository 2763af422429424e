"""The log: what is added, its head outside, and its key."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from tocsin.errors import InputError, SettingsError
from tocsin.service.review.contract_testing import (
    BY,
    KEY,
    START,
    desk_over,
    hand_in,
    judged,
    open_desk_at,
    rows,
)
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import StoreError, StoreVersionError
from tocsin.service.review.log import (
    Action,
    Actor,
    Entry,
    Head,
    LogKey,
    append,
    check_key,
    ensure_log_key,
    genesis,
    read_head,
    read_log_key,
    verify,
)
from tocsin.service.review.log.entry import Row
from tocsin.service.review.making import make_desk as made_desk
from tocsin.service.review.records import erase
from tocsin.service.review.settings import review_settings
from tocsin.service.review.store import upgrade
from tocsin.service.review.store.tables import log, log_head

OTHER = LogKey(bytes(32))
ENTRY = Entry(START, Actor.reviewer(7), Action.VIEWED, 3, {"task": 5, "extent": "whole"})


def entered(desk: Desk, *entries: Entry) -> Head:
    """Return the head after `entries` were logged, each in a transaction."""
    for entry in entries:
        desk.store.write(partial(logged, entry))
    return desk.store.read(read_head)


def logged(entry: Entry, tx: Connection) -> Head:
    return append(tx, KEY, entry)


def verified(desk: Desk, *since: Head, key: LogKey = KEY) -> list[str]:
    return [one.what for one in desk.store.read(lambda tx: verify(tx, key, read_head(tx), since)).findings]


def test_an_empty_log_is_whole_and_its_head_is_the_seal_of_nothing(desk: Desk) -> None:
    assert desk.store.read(read_head) == Head(0, KEY.begun)
    assert verified(desk) == []


def test_a_row_holds_what_was_entered_and_the_head_is_its_seal(desk: Desk) -> None:
    head = entered(desk, ENTRY)
    (row,) = rows(desk, log)

    assert (row.seq, row.at, row.actor, row.action, row.item) == (1, START, "reviewer:7", "text.viewed", 3)
    assert row.body == '{"extent":"whole","task":5}'
    assert head == Head(1, row.mac)
    assert verified(desk) == []


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(replace(ENTRY, at=START + timedelta(microseconds=1)), id="a microsecond"),
        pytest.param(replace(ENTRY, at=START.astimezone(timezone(timedelta(hours=14)))), id="another zone"),
        pytest.param(replace(ENTRY, at=datetime(1969, 12, 31, 23, 59, 59, 999999, UTC)), id="before 1970"),
        pytest.param(replace(ENTRY, at=datetime.max.replace(tzinfo=UTC)), id="the last moment there is"),
        pytest.param(replace(ENTRY, item=None), id="no item"),
        pytest.param(replace(ENTRY, item=2**63 - 1), id="the greatest number there is"),
        pytest.param(replace(ENTRY, body={}), id="nothing to say"),
        pytest.param(replace(ENTRY, body={"said": "a\0b"}), id="a NUL"),
        pytest.param(replace(ENTRY, body={"said": "crème brûlée 🥣 \u2028 \ud800"}), id="beyond ASCII"),
        pytest.param(replace(ENTRY, body={"share": [0.1, 1e300, 1.0, 5e-324, -0.0]}), id="floats"),
        pytest.param(replace(ENTRY, body={"number": 10**40}), id="a long number"),
        pytest.param(replace(ENTRY, body={"said": "x" * 100_000}), id="a long body"),
        pytest.param(replace(ENTRY, actor=Actor("key", "ключ'\"; --")), id="an odd actor"),
    ],
)
def test_whatever_is_entered_comes_back_as_it_was_sealed(desk: Desk, entry: Entry) -> None:
    head = entered(desk, ENTRY, entry, ENTRY)

    assert head.seq == 3
    assert verified(desk, head) == []


@pytest.mark.parametrize(
    ("entry", "error"),
    [
        pytest.param(replace(ENTRY, at=START.replace(tzinfo=None)), TypeError, id="a time without a zone"),
        pytest.param(replace(ENTRY, body={"share": float("nan")}), ValueError, id="no number"),
        pytest.param(replace(ENTRY, body={"at": START}), TypeError, id="what JSON has not"),
    ],
)
def test_what_could_not_be_verified_is_not_entered(desk: Desk, entry: Entry, error: type[Exception]) -> None:
    with pytest.raises(error):
        entered(desk, entry)

    assert rows(desk, log) == []
    assert verified(desk) == []


def test_both_databases_seal_the_same_entries_alike() -> None:
    row = Row.of(1, ENTRY)

    assert row.sealed() == (
        b'[1,1772442000000000,"reviewer:7","text.viewed",3,"{\\"extent\\":\\"whole\\",\\"task\\":5}"]'
    )
    assert KEY.begun.hex() == "a342b2a6c2ae5c4b19b2f264474ca0618fea4cd9714568fca0b3b59055c05d50"
    assert (
        KEY.seal_row(KEY.begun, row.sealed()).hex()
        == "ae01c5ffa0ced0d05ceeffe7fd5776f2d05f8977b17cfe884960d22616e99121"
    )


def test_a_transaction_that_fails_leaves_neither_row_nor_head(desk: Desk) -> None:
    before = entered(desk, ENTRY)

    def work(tx: Connection) -> None:
        append(tx, KEY, ENTRY)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        desk.store.write(work)
    assert desk.store.read(read_head) == before
    assert verified(desk, before) == []


def test_entries_from_many_threads_make_one_chain(desk: Desk) -> None:
    with ThreadPoolExecutor(8) as pool:
        heads = list(pool.map(lambda _: entered(desk, ENTRY), range(40)))

    assert [row.seq for row in rows(desk, log)] == list(range(1, 41))
    assert verified(desk, *heads) == []


def test_a_log_that_grows_while_it_is_verified_is_whole_up_to_where_it_was(desk: Desk) -> None:
    entered(desk, ENTRY, ENTRY)

    def work(tx: Connection) -> list[str]:
        head = read_head(tx)
        entered(desk, ENTRY)
        found = verify(tx, KEY, head)
        assert found.rows == head.seq == read_head(tx).seq == 2
        return [one.what for one in found.findings]

    assert desk.store.read(work) == []
    assert desk.store.read(read_head).seq == 3


def test_the_rules_of_a_read_end_with_it(desk: Desk) -> None:
    for _ in range(20):  # on whichever connection comes
        desk.store.read(read_head)
        entered(desk, ENTRY)


def test_progress_is_told_on_a_long_log(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.service.review.log.rows._AT_A_TIME", 2)
    entered(desk, *[ENTRY] * 5)
    told: list[int] = []
    desk.store.read(lambda tx: verify(tx, KEY, read_head(tx), (), told.append))

    assert told == [2, 4]


def test_erasing_leaves_the_log_whole(desk: Desk) -> None:
    hand_in(desk, judged("p1"))
    desk.write(erase, "p1", Actor.key(BY))

    assert [row.action for row in rows(desk, log)] == [Action.ERASED]
    assert verified(desk) == []


# The head, outside.


def test_an_exported_head_comes_back_as_it_was(desk: Desk) -> None:
    head = entered(desk, ENTRY)
    written = head.export(KEY, START)

    assert "\n" not in written
    assert json.loads(written)["at"] == "2026-03-02T09:00:00+00:00"
    assert Head.parse(written, KEY) == head
    assert Head.parse(f" {written}\n", KEY) == head


@pytest.mark.parametrize(
    ("change", "what"),
    [
        pytest.param({"seq": 2}, "signed", id="another number"),
        pytest.param({"mac": "ab" * 32}, "signed", id="another seal"),
        pytest.param({"at": "2026-03-02T09:00:01+00:00"}, "signed", id="another time"),
        pytest.param({"at": "2026-03-02T10:00:00+01:00"}, "signed", id="the same time in other words"),
        pytest.param({"signature": "00" * 32}, "signed", id="another signature"),
        pytest.param({"seq": True}, "seq", id="a yes for a number"),
        pytest.param({"seq": 1.0}, "seq", id="a float for a number"),
        pytest.param({"seq": "1"}, "seq", id="a word for a number"),
        pytest.param({"seq": -1}, "seq", id="below nothing"),
        pytest.param({"mac": "AB" * 32}, "mac", id="upper case"),
        pytest.param({"mac": "ab" * 31}, "mac", id="a short seal"),
        pytest.param({"at": "2026-03-02T09:00:00"}, "at", id="no zone"),
        pytest.param({"at": 5}, "at", id="a number for a time"),
        pytest.param({"note": "x"}, "note", id="one more field"),
    ],
)
def test_a_changed_head_is_refused(change: dict[str, Any], what: str) -> None:
    told = json.loads(Head(1, bytes(32)).export(KEY, START))

    with pytest.raises(InputError, match=what):
        Head.parse(json.dumps({**told, **change}), KEY)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("soup", id="no JSON"),
        pytest.param("[]", id="a list"),
        pytest.param("null", id="null"),
        pytest.param("[" * 100_000, id="nested deeply"),
        pytest.param('{"seq": NaN}', id="no number"),
        pytest.param("9" * 10_000, id="a very long number"),
        pytest.param('{"seq": 1}', id="fields missing"),
    ],
)
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="a head must be what 'tocsin review log-head' wrote"):
        Head.parse(text, KEY)


def test_a_head_of_another_key_is_refused() -> None:
    with pytest.raises(InputError, match="signed with this log's key"):
        Head.parse(Head(1, bytes(32)).export(OTHER, START), KEY)


def test_seals_of_rows_heads_and_draws_are_no_use_for_each_other() -> None:
    content = b'{"seq":1}'

    assert len({KEY.seal_row(b"", content), KEY.seal_head(content), OTHER.seal_row(b"", content)}) == 3
    assert "secret" not in repr(KEY)


# The key.


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    key = ensure_log_key(path)

    assert path.stat().st_mode & 0o777 == 0o600
    assert ensure_log_key(path) == read_log_key(path) == key
    assert [one.name for one in tmp_path.iterdir()] == ["log.key"]
    assert ensure_log_key(tmp_path / "other.key") != key


def test_all_who_make_a_key_at_once_get_the_same(tmp_path: Path) -> None:
    for round_ in range(20):
        with ThreadPoolExecutor(16) as pool:
            keys = list(pool.map(ensure_log_key, [tmp_path / f"{round_}.key"] * 16))
        assert len({key.secret for key in keys}) == 1
    assert len(list(tmp_path.iterdir())) == 20


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o610])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "log.key"
    ensure_log_key(path)
    path.chmod(mode)

    with pytest.raises(SettingsError, match="by its owner alone"):
        ensure_log_key(path)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"ab" * 31, id="short"),
        pytest.param(b"ab" * 33, id="long"),
        pytest.param(b"xy" * 32, id="not hex"),
        pytest.param(b"\xff" * 32, id="bytes"),
        pytest.param(b"ab" * 5_000, id="very long"),
    ],
)
def test_a_damaged_key_is_refused_and_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "log.key"
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(SettingsError, match="must hold 32 bytes in hex"):
        ensure_log_key(path)
    assert path.read_bytes() == content


def test_a_key_where_none_can_be_made_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="must be writable"):
        ensure_log_key(tmp_path / "nowhere" / "log.key")
    with pytest.raises(SettingsError, match="must be the key of the log"):
        read_log_key(tmp_path / "log.key")


# The key of a log that has begun.


@pytest.mark.parametrize("entries", [0, 1, 2, 5])
def test_another_key_is_told_at_the_start_however_long_the_log_is(desk: Desk, entries: int) -> None:
    entered(desk, *[ENTRY] * entries)

    desk.store.read(lambda tx: check_key(tx, KEY))
    with pytest.raises(SettingsError, match="log_key must be the key"):
        desk.store.read(lambda tx: check_key(tx, OTHER))
    with pytest.raises(SettingsError, match="log_key must be the key"):
        desk.store.write(lambda tx: genesis(tx, OTHER))


def test_a_desk_does_not_open_under_another_key(database_url: str, tmp_path: Path) -> None:
    open_desk_at(database_url).close()
    settings = review_settings(database=database_url, log_key=tmp_path / "other.key")

    with pytest.raises(SettingsError, match="log_key must be the key"):
        made_desk(settings, tmp_path)


def test_beginning_a_log_that_has_begun_changes_nothing(desk: Desk) -> None:
    head = entered(desk, ENTRY)
    desk.store.write(lambda tx: genesis(tx, KEY))

    assert desk.store.read(read_head) == head


def test_a_log_is_begun_once_however_many_begin_it(database_url: str, make_desk: Callable[..., Desk]) -> None:
    desk = desk_over(database_url)
    upgrade(desk.store)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: desk.store.write(lambda tx: genesis(tx, KEY)), range(8)))
    desk.close()

    assert len(rows(make_desk(), log_head)) == 1


def test_a_log_that_has_not_begun_takes_no_entry(database_url: str) -> None:
    desk = desk_over(database_url)
    upgrade(desk.store)
    try:
        for work in (read_head, lambda tx: append(tx, KEY, ENTRY), lambda tx: check_key(tx, KEY)):
            with pytest.raises(StoreVersionError, match="must have begun"):
                desk.store.write(work)
    finally:
        desk.close()


def test_a_log_with_rows_but_no_head_is_not_begun_anew(desk: Desk) -> None:
    entered(desk, ENTRY)
    desk.store.write(lambda tx: tx.execute(log_head.delete()))

    with pytest.raises(StoreError, match="must have a head"):
        desk.store.write(lambda tx: genesis(tx, KEY))
