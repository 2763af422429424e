"""Sending statements: stored once each, whatever breaks; what is wrong with one holds up no other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from tocsin.errors import SettingsError
from tocsin.service.review.compliance.answers import Verdicts, receipts_of, verdicts_of
from tocsin.service.review.compliance.file import Database, read_compliance
from tocsin.service.review.compliance.keeping import (
    State,
    count_states,
    list_statements,
    make_statements,
    try_again,
)
from tocsin.service.review.compliance.measured import measured
from tocsin.service.review.compliance.sending import Sending, post_statements, send_statements
from tocsin.service.review.compliance.testing import TERMS, FakeDatabase, kitchen_file, reply
from tocsin.service.review.contract_testing import BY, START, FixedClock, handed_in, judged, rows
from tocsin.service.review.desk import Desk
from tocsin.service.review.records import Automation, Ground, Measure, MeasureKind, MeasureSource, record
from tocsin.service.review.store.compliance_tables import statements
from tocsin.service.review.webhooks import Failed
from tocsin.service.review.webhooks.asking import Answer, ask

SQLITE = pytest.mark.parametrize("ready_url", ["sqlite"], indirect=True)
Script = Callable[[BaseHTTPRequestHandler, Callable[[], tuple[int, Any]]], None]


@pytest.fixture
def database() -> Iterator[FakeDatabase]:
    """Yield a transparency database on this machine."""
    made = FakeDatabase()
    yield made
    made.close()


@pytest.fixture
def desk(make_desk: Callable[..., Desk], tmp_path: Path, database: FakeDatabase, clock: FixedClock) -> Desk:
    """Return a desk that sends its statements there."""
    return make_desk(compliance=read_compliance(kitchen_file(tmp_path, port=database.port)))


def acted(desk: Desk, count: int, first: int = 0) -> None:
    """Record measures, and make their statements."""
    handed_in(desk, judged("p1", level="none"))

    def record_all(tx: Any, context: Any) -> None:
        for number in range(first, first + count):
            one = Measure(
                f"m{number}",
                MeasureKind.REMOVED,
                Ground.INCOMPATIBLE,
                TERMS,
                MeasureSource.OWN_INITIATIVE,
                Automation.FULL,
                START,
            )
            record(tx, context, "p1", one, BY)

    desk.write(record_all)
    make_statements(desk)


def states(desk: Desk) -> dict[str, int]:
    return {state.value: count for state, count in desk.read(count_states).items() if count}


def saying(status: int, body: Any = None, **headers: str) -> Script:
    """Return what answers a call so, and stores nothing."""

    def script(handler: BaseHTTPRequestHandler, _: Callable[[], tuple[int, Any]]) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        if body is not None:
            handler.wfile.write(body)

    return script


def test_statements_are_sent_a_hundred_at_a_time_and_their_receipts_kept(
    desk: Desk, database: FakeDatabase
) -> None:
    acted(desk, 120)

    done = send_statements(desk)
    assert (done.counts, done.stopped) == ({State.SENT: 120}, None)
    assert database.calls == [100, 20]
    assert states(desk) == {"sent": 120}
    for kept in desk.read(list_statements):
        stored = database.stored[kept.puid]
        assert (kept.uuid, kept.permalink) == (stored["uuid"], stored["permalink"])
        assert kept.stored_at == "2026-03-02 09:00:00"


def test_nothing_is_sent_twice(desk: Desk, database: FakeDatabase, clock: FixedClock) -> None:
    acted(desk, 3)
    send_statements(desk)
    clock.advance(hours=100)
    make_statements(desk)

    assert send_statements(desk, now=True).counts == {}
    assert database.calls == [3]


def test_whoever_dies_after_the_call_doubles_nothing(
    desk: Desk, database: FakeDatabase, clock: FixedClock
) -> None:
    acted(desk, 3)

    class DeadError(Exception):
        pass

    def dying(to: Database, body: bytes) -> Any:
        post_statements(to, body)
        raise DeadError

    with pytest.raises(DeadError):
        send_statements(desk, dying)
    assert states(desk) == {"sending": 3}
    assert send_statements(desk).counts == {}  # somebody may be at it still
    clock.advance(minutes=10)
    acted(desk, 1, first=3)

    assert send_statements(desk).counts == {State.UNRECEIPTED: 3, State.SENT: 1}
    assert len(database.stored) == 4
    assert states(desk) == {"unreceipted": 3, "sent": 1}
    assert send_statements(desk, now=True).counts == {}


def test_whoever_dies_before_the_call_loses_nothing(
    desk: Desk, database: FakeDatabase, clock: FixedClock
) -> None:
    acted(desk, 2)

    def dying(*_: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send_statements(desk, dying)
    clock.advance(minutes=10)
    assert send_statements(desk).counts == {State.SENT: 2}
    assert len(database.stored) == 2


@pytest.mark.parametrize(
    "cut", [0, 40, 700], ids=["nothing of the answer comes", "a few letters come", "half of it comes"]
)
@SQLITE
def test_a_call_that_was_stored_and_half_answered_is_stored_without_receipts(
    desk: Desk, database: FakeDatabase, cut: int
) -> None:
    acted(desk, 2)

    def half(handler: BaseHTTPRequestHandler, take: Callable[[], tuple[int, Any]]) -> None:
        status, body = take()
        reply(handler, status, body, cut=cut)

    database.scripts = [half]
    assert send_statements(desk).counts == {State.UNRECEIPTED: 2}
    assert len(database.stored) == 2
    assert send_statements(desk, now=True).counts == {}


@SQLITE
def test_a_call_whose_answer_never_comes_is_sent_again_and_stored_once(
    desk: Desk, database: FakeDatabase, clock: FixedClock
) -> None:
    acted(desk, 2)
    release = threading.Event()

    def silent(_: BaseHTTPRequestHandler, take: Callable[[], tuple[int, Any]]) -> None:
        take()
        release.wait(60)

    database.scripts = [silent]

    def hasty(to: Database, body: bytes) -> Answer | Failed:
        return ask(to.url, to.allowed, {}, body, timeout_s=1.0, most_bytes=1_000)

    done = send_statements(desk, hasty)
    release.set()
    assert done.stopped is not None
    assert "must answer within 1 s" in done.stopped
    assert states(desk) == {"waiting": 2}
    assert send_statements(desk).counts == {}  # its time has not come
    clock.advance(hours=1)
    assert send_statements(desk).counts == {State.UNRECEIPTED: 2}
    assert len(database.stored) == 2


@pytest.mark.parametrize("status", [408, 429, 500, 503])
@SQLITE
def test_a_server_that_is_busy_is_left_alone_longer_each_time(
    desk: Desk, database: FakeDatabase, clock: FixedClock, status: int
) -> None:
    acted(desk, 101)
    database.scripts = [saying(status), saying(status), saying(status)]

    for _ in range(3):
        done = send_statements(desk, now=True)
        assert done.stopped is not None
        assert done.stopped.endswith(f"must answer 201, was {status}")
    first = rows(desk, statements)[0]
    assert (first.state, first.attempts) == ("waiting", 3)
    assert 15 <= (first.due_at - clock()).total_seconds() / 60 <= 45
    assert database.calls == [100, 100, 100]
    clock.advance(hours=1)
    assert send_statements(desk).counts == {State.SENT: 101}


@SQLITE
def test_a_server_that_says_when_to_come_back_is_taken_at_its_word(
    desk: Desk, database: FakeDatabase, clock: FixedClock
) -> None:
    acted(desk, 1)
    database.scripts = [saying(429, retry_after="7200")]
    send_statements(desk)

    assert (rows(desk, statements)[0].due_at - clock()).total_seconds() == 7_200


@SQLITE
def test_statements_wait_for_ever_and_are_never_given_up(desk: Desk, database: FakeDatabase) -> None:
    acted(desk, 1)
    for _ in range(15):
        database.scripts = [saying(503)]
        send_statements(desk, now=True)

    assert states(desk) == {"waiting": 1}
    assert send_statements(desk, now=True).counts == {State.SENT: 1}


@SQLITE
@pytest.mark.parametrize("status", [301, 401, 403, 404])
def test_what_only_the_operator_can_mend_is_an_error_and_loses_nothing(
    desk: Desk, database: FakeDatabase, status: int
) -> None:
    acted(desk, 2)
    database.scripts = [saying(status, location="http://127.0.0.1:1/")]

    with pytest.raises(SettingsError, match=f"answered {status}"):
        send_statements(desk)
    assert states(desk) == {"waiting": 2}
    assert send_statements(desk).counts == {State.SENT: 2}


def test_a_statement_at_fault_is_noted_with_why_and_the_rest_goes(desk: Desk, database: FakeDatabase) -> None:
    acted(desk, 150)
    bad = {one.puid for one in desk.read(list_statements) if one.number in {7, 40, 130}}
    why = "The selected category is invalid."
    database.faults = lambda one: {"category": [why]} if one["puid"] in bad else {}

    assert send_statements(desk).counts == {State.SENT: 147, State.REFUSED: 3}
    assert database.calls == [100, 98, 50, 49]
    refused = desk.read(list_statements, [State.REFUSED])
    assert {one.puid for one in refused} == bad
    assert {one.fault for one in refused} == {f"category: {why}"}
    assert send_statements(desk, now=True).counts == {}  # not tried again blindly
    database.faults = lambda _: {}
    assert desk.write(try_again, [7]) == 1
    assert send_statements(desk).counts == {State.SENT: 1}
    assert desk.write(try_again, None) == 2
    assert send_statements(desk).counts == {State.SENT: 2}


@SQLITE
def test_a_refusal_that_does_not_say_whose_fault_it_is_is_halved_until_it_is_clear(
    desk: Desk, database: FakeDatabase
) -> None:
    acted(desk, 8)
    (bad,) = [one.puid for one in desk.read(list_statements) if one.number == 3]

    def mute(handler: BaseHTTPRequestHandler, take: Callable[[], tuple[int, Any]]) -> None:
        status, body = take()
        reply(handler, status, body if status == 201 else "Unprocessable")

    database.faults = lambda one: {"category": ["no"]} if one["puid"] == bad else {}
    database.scripts = [mute] * 20
    assert send_statements(desk).counts == {State.SENT: 7, State.REFUSED: 1}
    assert database.calls == [8, 4, 2, 2, 1, 1, 4]
    assert [one.puid for one in desk.read(list_statements, [State.REFUSED])] == [bad]


@SQLITE
def test_a_call_that_is_too_large_goes_in_parts(desk: Desk, database: FakeDatabase) -> None:
    acted(desk, 4)
    database.scripts = [saying(413, b"<html>")]

    assert send_statements(desk).counts == {State.SENT: 4}
    assert database.calls == [4, 2, 2]


@SQLITE
def test_a_run_that_stops_amid_parts_leaves_them_waiting(desk: Desk, database: FakeDatabase) -> None:
    acted(desk, 4)
    database.scripts = [saying(422, b"{}"), saying(503)]

    assert send_statements(desk).stopped is not None
    assert states(desk) == {"waiting": 4}
    assert send_statements(desk, now=True).counts == {State.SENT: 4}


@SQLITE
def test_two_who_send_at_once_send_each_statement_once(desk: Desk, database: FakeDatabase) -> None:
    acted(desk, 5)
    inner: list[Sending] = []

    def meanwhile(to: Database, body: bytes) -> Answer | Failed:
        if not inner:
            inner.append(send_statements(desk))
        return post_statements(to, body)

    assert send_statements(desk, meanwhile).counts == {State.SENT: 5}
    assert inner[0].counts == {}
    assert database.calls == [5]


@SQLITE
@pytest.mark.parametrize("late", ["no answer", "known there"])
def test_whoever_comes_back_late_does_not_unsay_what_others_sent(
    desk: Desk, database: FakeDatabase, clock: FixedClock, late: str
) -> None:
    acted(desk, 2)

    def asleep(to: Database, body: bytes) -> Answer | Failed:
        clock.advance(minutes=10)  # its lease is over
        assert send_statements(desk).counts == {State.SENT: 2}
        return Failed("it was asleep", permanent=False) if late == "no answer" else post_statements(to, body)

    assert State.UNRECEIPTED not in send_statements(desk, asleep).counts
    assert states(desk) == {"sent": 2}
    assert all(kept.uuid for kept in desk.read(list_statements))
    assert send_statements(desk, now=True).counts == {}


@pytest.mark.parametrize("ready_url", ["postgresql"], indirect=True)
def test_a_statement_that_is_sent_while_others_are_made_anew_is_not_sent_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    acted(desk, 2)
    say_faulty = update(statements).values(state=State.FAULTY.value, body=None)
    desk.store.write(lambda tx: tx.execute(say_faulty))
    say_sent = update(statements).where(statements.c.measure == 2).values(state=State.SENT.value)
    sender = threading.Thread(target=lambda: desk.store.write(lambda tx: tx.execute(say_sent)))

    def meanwhile(*given: Any, **how: Any) -> Any:
        if sender.ident is None:
            sender.start()
            sender.join(2)  # it is done with, unless it has to wait
        return measured(*given, **how)

    monkeypatch.setattr("tocsin.service.review.compliance.keeping.measured", meanwhile)
    make_statements(desk)
    sender.join()
    assert states(desk) == {"waiting": 1, "sent": 1}


@SQLITE
def test_sending_needs_an_address(make_desk: Callable[..., Desk], tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"needs a table \[database\]"):
        send_statements(make_desk(compliance=read_compliance(kitchen_file(tmp_path))))


@SQLITE
def test_an_address_inside_is_never_posted_to(
    make_desk: Callable[..., Desk], tmp_path: Path, database: FakeDatabase
) -> None:
    file = kitchen_file(tmp_path, port=database.port)
    url = f'url = "https://localhost:{database.port}/"\ntoken_file'
    text = file.read_text("utf-8").replace('allow = ["127.0.0.0/8"]', "")
    file.write_text(text.partition('url = "http://')[0] + url + ' = "dsa.token"\n', "utf-8")
    desk = make_desk(compliance=read_compliance(file))
    acted(desk, 1)

    with pytest.raises(SettingsError, match="must be globally routable"):
        send_statements(desk)
    assert database.calls == []
    assert states(desk) == {"waiting": 1}


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b'{"statements": [{"puid": "a", "uuid": "u-1", "permalink": "l", "created_at": "c"}]}', {"a"}),
        (b'{"statements": [{"puid": "b", "uuid": "u-1"}]}', set()),
        (b'{"statements": [{"puid": "a", "uuid": "<script>"}]}', set()),
        (b'{"statements": [{"puid": "a"}, 7]}', set()),
        (b'{"statements": {"puid": "a"}}', set()),
        (b'{"statements": [{"puid": "a", "uu', set()),
        (b"[]", set()),
        (b"\xff", set()),
    ],
)
def test_receipts_are_read_where_they_are_whole_and_ours(content: bytes, found: set[str]) -> None:
    assert set(receipts_of(Answer(201, content), ["a"])) == found


@pytest.mark.parametrize(
    ("content", "verdicts"),
    [
        (b'{"errors": {"statement_1": {"puid": ["is bad"]}}}', Verdicts({1: "puid: is bad"})),
        (b'{"errors": {"statements.0.category": ["is bad"]}}', Verdicts({0: "is bad"})),
        (b'{"errors": {"statement_1": {"puid": ["is not unique"]}}}', Verdicts({}, frozenset({1}))),
        (b'{"errors": {"puid": ["not unique"], "existing_puids": ["b", "z"]}}', Verdicts({}, frozenset({1}))),
        (b'{"errors": {"statement_7": {"puid": ["is bad"]}}}', Verdicts()),
        (b'{"errors": []}', Verdicts()),
        (b"{}", Verdicts()),
        (b"no JSON", Verdicts()),
    ],
)
def test_a_refusal_is_read_as_far_as_it_speaks(content: bytes, verdicts: Verdicts) -> None:
    assert verdicts_of(Answer(422, content), ["a", "b"]) == verdicts


def test_a_refusal_of_one_statement_needs_no_place() -> None:
    bad = Answer(422, b'{"errors": {"category": ["is bad"], "puid": ["is odd"]}}')
    known = Answer(422, b'{"errors": {"puid": ["The identifier given is not unique within this platform."]}}')

    assert verdicts_of(bad, ["a"]) == Verdicts({0: "category: is bad; puid: is odd"})
    assert verdicts_of(known, ["a"]) == Verdicts({}, frozenset({0}))
