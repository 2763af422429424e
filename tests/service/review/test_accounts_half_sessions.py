"""Half a session: a password was shown, a code is owed, or codes are to be set up."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection

from tocsin.service.review.accounts.account import account_of, keep
from tocsin.service.review.accounts.proving import Refused
from tocsin.service.review.accounts.sessions import (
    Session,
    SessionKind,
    SessionState,
    begin_session,
    end_sessions_of,
    session_of,
    sessions_of,
)
from tocsin.service.review.accounts.signing_in import (
    Next,
    SignedIn,
    enrol,
    show_code,
    sign_in,
)
from tocsin.service.review.accounts.testing import (
    ADDRESS,
    PASSWORD,
    code_of,
    hashing_quickly,
    with_codes,
    with_password,
)
from tocsin.service.review.contract_testing import FixedClock, reviewer, rows
from tocsin.service.review.desk import Desk
from tocsin.service.review.records import Reviewer
from tocsin.service.review.store.tables import log

WRONG = "leek soup on a sunny day"


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    with hashing_quickly():
        yield


@pytest.fixture
def ada(desk: Desk) -> Reviewer:
    return with_password(desk, reviewer(desk, "Ada"))


def signed_in(desk: Desk, name: str = "Ada", password: str = PASSWORD) -> SignedIn:
    done = sign_in(desk, name, password, ADDRESS)
    assert isinstance(done, SignedIn)
    return done


def refused(desk: Desk, name: str = "Ada", password: str = WRONG, address: str = ADDRESS) -> float | None:
    done = sign_in(desk, name, password, address)
    assert isinstance(done, Refused)
    return None if done.wait is None else done.wait.total_seconds()


def session(desk: Desk, token: str) -> Session:
    found = desk.read(session_of, token)
    assert found is not None
    return found


def coded(desk: Desk, half: SignedIn, code: str) -> SignedIn | Refused:
    return desk.write(show_code, session(desk, half.token), code, ADDRESS)


def logged(desk: Desk, action: str) -> list[tuple[str, Any]]:
    return [(row.actor, json.loads(row.body)) for row in rows(desk, log, log.c.action == action)]


def test_with_codes_a_password_opens_half_a_session_and_a_code_a_new_whole_one(
    desk: Desk, ada: Reviewer
) -> None:
    with_codes(desk, ada)
    half = signed_in(desk)
    assert half.next is Next.CODE
    assert not session(desk, half.token).whole
    assert logged(desk, "session.begun") == []

    whole = coded(desk, half, code_of(desk, ada))

    assert isinstance(whole, SignedIn)
    assert whole.token != half.token
    assert session(desk, whole.token).whole
    assert desk.read(session_of, half.token) is None
    assert logged(desk, "session.begun")[0][1] == {"how": "password", "code": True}


def test_a_half_session_ends_after_ten_minutes(desk: Desk, ada: Reviewer, clock: FixedClock) -> None:
    half = signed_in(desk, "Ada") if with_codes(desk, ada) else None
    assert half is not None
    clock.advance(minutes=9, seconds=59)
    session(desk, half.token)
    clock.advance(1)
    assert desk.read(session_of, half.token) is None


def test_a_code_opens_once(desk: Desk, ada: Reviewer, clock: FixedClock) -> None:
    with_codes(desk, ada)
    one, other = signed_in(desk), signed_in(desk)
    code = code_of(desk, ada)
    assert isinstance(coded(desk, one, code), SignedIn)
    assert coded(desk, other, code) == Refused()
    clock.advance(30)
    assert isinstance(coded(desk, other, code_of(desk, ada)), SignedIn)


def test_one_code_shown_several_times_at_once_opens_once(desk: Desk, ada: Reviewer) -> None:
    with_codes(desk, ada)
    halves = [session(desk, signed_in(desk).token) for _ in range(4)]
    code = code_of(desk, ada)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda half: desk.write(show_code, half, code, ADDRESS), halves))
    assert sum(isinstance(one, SignedIn) for one in done) == 1


def test_wrong_codes_count_with_wrong_passwords_and_the_right_password_forgives_none(
    desk: Desk, ada: Reviewer
) -> None:
    with_codes(desk, ada)
    for _ in range(2):
        refused(desk)
    for _ in range(2):
        assert coded(desk, signed_in(desk), "000000") == Refused()
    half = session(desk, signed_in(desk).token)
    done = desk.write(show_code, half, "000000", ADDRESS)
    assert isinstance(done, Refused)
    assert done.wait is not None
    closed = desk.write(show_code, half, code_of(desk, ada), ADDRESS)
    assert isinstance(closed, Refused)
    assert closed.wait is not None
    assert refused(desk, "Ada", PASSWORD) == 30


def test_a_whole_session_needs_no_code_and_gets_none(desk: Desk, ada: Reviewer) -> None:
    with_codes(desk, ada)
    token = desk.write(begin_session, ada.number, SessionKind.PASSWORD)
    assert isinstance(desk.write(show_code, session(desk, token), code_of(desk, ada), ADDRESS), Refused)


class TestWhereEverybodyOwesCodes:
    @pytest.fixture
    def desk(self, make_desk: Callable[..., Desk]) -> Desk:
        return make_desk(require_totp=True)

    def test_a_first_sign_in_begins_codes_and_a_first_code_the_session(
        self, desk: Desk, ada: Reviewer
    ) -> None:
        half = signed_in(desk)
        assert half.next is Next.ENROL
        assert not session(desk, half.token).whole

        whole = desk.write(enrol, session(desk, half.token), code_of(desk, ada), ADDRESS)

        assert isinstance(whole, SignedIn)
        assert session(desk, whole.token).whole
        assert whole.token != half.token
        assert desk.read(session_of, half.token) is None
        assert logged(desk, "account.changed")[-1][1] == {"reviewer": ada.number, "what": "codes.on"}
        assert signed_in(desk).next is Next.CODE

    def test_the_first_code_opens_once_too(self, desk: Desk, ada: Reviewer) -> None:
        code = code_of(desk, ada) if signed_in(desk) else ""
        half = signed_in(desk)
        code = code_of(desk, ada)
        desk.write(enrol, session(desk, half.token), code, ADDRESS)
        assert coded(desk, signed_in(desk), code) == Refused()

    def test_a_wrong_first_code_begins_nothing(self, desk: Desk, ada: Reviewer) -> None:
        half = session(desk, signed_in(desk).token)
        assert desk.write(enrol, half, "000000", ADDRESS) == Refused()
        assert not desk.read(lambda tx, _: account_of(tx, ada.number)).asks_code

    def test_whoever_has_codes_cannot_begin_others_with_a_password_alone(
        self, desk: Desk, ada: Reviewer
    ) -> None:
        with_codes(desk, ada)
        before = desk.read(lambda tx, _: account_of(tx, ada.number))
        half = signed_in(desk)
        assert half.next is Next.CODE
        assert desk.write(enrol, session(desk, half.token), code_of(desk, ada), ADDRESS) == Refused()
        assert desk.read(lambda tx, _: account_of(tx, ada.number)) == before

    def test_codes_that_were_begun_too_long_ago_are_begun_again(
        self, desk: Desk, ada: Reviewer, clock: FixedClock
    ) -> None:
        half = session(desk, signed_in(desk).token)
        clock.advance(minutes=10, seconds=1)
        assert desk.write(enrol, half, code_of(desk, ada), ADDRESS) == Refused()


def test_a_half_session_cannot_begin_codes_where_one_may_do_without(desk: Desk, ada: Reviewer) -> None:
    def begin(tx: Connection, context: Any) -> None:
        keep(tx, context, ada.number, totp="0" * 64)

    desk.write(begin)
    token = desk.write(begin_session, ada.number, SessionKind.PASSWORD, SessionState.HALF)
    assert desk.write(enrol, session(desk, token), code_of(desk, ada), ADDRESS) == Refused()


def test_a_half_session_that_was_ended_meanwhile_opens_nothing(desk: Desk, ada: Reviewer) -> None:
    with_codes(desk, ada)
    half = session(desk, signed_in(desk).token)
    desk.write(end_sessions_of, ada.number)

    assert desk.write(show_code, half, code_of(desk, ada), ADDRESS) == Refused()
    assert desk.read(sessions_of, ada.number) == []
