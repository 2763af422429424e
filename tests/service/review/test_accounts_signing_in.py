"""Signing in by name and password: what opens, what is refused, and who waits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from tocsin.service.review.accounts import password as hashing
from tocsin.service.review.accounts.account import account_of
from tocsin.service.review.accounts.administration import reset
from tocsin.service.review.accounts.attempts import count_failure, marks_of
from tocsin.service.review.accounts.proving import Refused
from tocsin.service.review.accounts.sessions import (
    Session,
    SessionKind,
    SessionState,
    session_of,
    sessions_of,
)
from tocsin.service.review.accounts.signing_in import (
    Next,
    SignedIn,
    show_code,
    sign_in,
    sign_out,
)
from tocsin.service.review.accounts.testing import (
    ADDRESS,
    PASSWORD,
    hashing_quickly,
    with_password,
)
from tocsin.service.review.contract_testing import FixedClock, reviewer, rows
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ForbiddenError
from tocsin.service.review.log import OPERATOR
from tocsin.service.review.records import Reviewer, change_reviewer
from tocsin.service.review.store.console_tables import accounts, attempts, sessions
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


def test_name_and_password_begin_a_session(desk: Desk, ada: Reviewer) -> None:
    done = signed_in(desk)

    begun = session(desk, done.token)
    assert (done.next, begun.state, begun.reviewer, begun.how) == (
        Next.NOTHING,
        SessionState.WHOLE,
        ada,
        SessionKind.PASSWORD,
    )
    assert logged(desk, "session.begun") == [(f"reviewer:{ada.number}", {"how": "password", "code": False})]


@pytest.mark.parametrize("written", ["ada", " ADA ", "Ａda"])
def test_a_name_may_be_typed_in_any_letters(desk: Desk, ada: Reviewer, written: str) -> None:
    assert session(desk, signed_in(desk, written).token).reviewer == ada


def test_of_two_names_alike_the_one_as_typed_is_meant_and_else_neither(desk: Desk, ada: Reviewer) -> None:
    other = with_password(desk, reviewer(desk, "ADA"))
    assert session(desk, signed_in(desk, "ADA").token).reviewer == other
    assert session(desk, signed_in(desk, "Ada").token).reviewer == ada
    assert refused(desk, "ada", PASSWORD) is None


def test_neither_token_nor_password_is_in_the_database(desk: Desk, ada: Reviewer) -> None:
    done = signed_in(desk)
    for table in (sessions, accounts, attempts, log):
        kept = str(rows(desk, table))
        assert done.token not in kept
        assert PASSWORD not in kept
    assert rows(desk, sessions)[0].id != done.token


def test_whoever_may_not_is_refused_in_the_same_words_whatever_the_reason(desk: Desk, ada: Reviewer) -> None:
    reviewer(desk, "no password")
    gone = with_password(desk, reviewer(desk, "gone"))
    desk.write(change_reviewer, gone.number, active=False, by=OPERATOR)

    answers = [
        sign_in(desk, name, given, ADDRESS)
        for name, given in [
            ("Ada", WRONG),
            ("nobody", PASSWORD),
            ("no password", PASSWORD),
            ("gone", PASSWORD),
            ("", ""),
            ("Ada", "x" * 5_000),
        ]
    ]

    assert answers == [Refused()] * len(answers)
    assert rows(desk, sessions) == []


@pytest.mark.parametrize("name", ["Ada", "nobody", "no password", "gone"])
def test_whatever_the_name_one_hash_is_worked_out(
    desk: Desk, ada: Reviewer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    reviewer(desk, "no password")
    gone = with_password(desk, reviewer(desk, "gone"))
    desk.write(change_reviewer, gone.number, active=False, by=OPERATOR)
    worked_out = []

    class Counted(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Any:  # noqa: A002
            worked_out.append(hash)
            return super().verify(hash, password)

    monkeypatch.setattr(hashing, "PasswordHasher", Counted)
    refused(desk, name)
    assert len(worked_out) == 1


@pytest.mark.parametrize("name", ["Ada", "nobody"])
def test_known_or_not_a_name_that_fails_five_times_waits_even_with_the_right_password(
    desk: Desk, ada: Reviewer, clock: FixedClock, name: str
) -> None:
    assert [refused(desk, name) for _ in range(5)] == [None, None, None, None, 30]
    assert refused(desk, name, PASSWORD) == 30
    clock.advance(29)
    assert refused(desk, name, PASSWORD) == 1
    clock.advance(1)
    assert refused(desk, name) == 60


def test_a_wait_over_the_right_password_opens_and_all_is_forgotten(
    desk: Desk, ada: Reviewer, clock: FixedClock
) -> None:
    for _ in range(5):
        refused(desk)
    clock.advance(30)
    signed_in(desk)
    assert [refused(desk) for _ in range(4)] == [None] * 4


def test_tries_while_one_waits_are_neither_counted_nor_worked_out(
    desk: Desk, ada: Reviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        refused(desk)
    monkeypatch.setattr(hashing, "PasswordHasher", None)
    assert [refused(desk) for _ in range(3)] == [30, 30, 30]


def test_one_who_waits_does_not_keep_others_waiting_but_for_their_address(desk: Desk, ada: Reviewer) -> None:
    with_password(desk, reviewer(desk, "bob"))
    for _ in range(5):
        refused(desk)
    signed_in(desk, "bob")
    for number in range(20):
        refused(desk, f"cook {number}")
    assert refused(desk, "bob", PASSWORD) is not None
    assert isinstance(sign_in(desk, "bob", PASSWORD, "198.51.100.1"), SignedIn)


def test_a_reviewers_wait_is_in_the_log_by_number_and_a_strangers_is_not(desk: Desk, ada: Reviewer) -> None:
    for _ in range(5):
        refused(desk)
        refused(desk, "nobody", address="198.51.100.1")
    assert logged(desk, "account.closed") == [
        ("system", {"reviewer": ada.number, "failures": 5, "seconds": 30})
    ]


def test_guesses_at_once_get_no_further_than_guesses_in_turn(desk: Desk, ada: Reviewer) -> None:
    tried = [WRONG] * 11 + [PASSWORD]

    def guess(password: str) -> SignedIn | Refused | None:
        try:
            return sign_in(desk, "Ada", password, ADDRESS)
        except Exception:  # noqa: BLE001 - too many at once: refused unheard
            return None

    for _ in range(4):
        refused(desk)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(guess, tried))
    (row,) = rows(desk, attempts, attempts.c.failures >= 5)[:1]
    assert row.failures == 5


def test_a_password_that_changed_while_it_was_checked_opens_nothing(
    desk: Desk, ada: Reviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = PasswordHasher.verify

    def slow(self: Any, kept: Any, given: Any) -> Any:
        right = checked(self, kept, given)
        desk.write(reset, ada.number, codes=False, by=OPERATOR)
        return right

    monkeypatch.setattr(PasswordHasher, "verify", slow)
    assert refused(desk, "Ada", PASSWORD) is None
    assert rows(desk, sessions) == []


def test_the_right_password_opens_nothing_once_others_failed_too_often_while_it_was_checked(
    desk: Desk, ada: Reviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = PasswordHasher.verify

    def slow(self: Any, kept: Any, given: Any) -> Any:
        right = checked(self, kept, given)
        for _ in range(5):
            desk.write(count_failure, marks_of(desk.context.key, "Ada", ""))
        return right

    monkeypatch.setattr(PasswordHasher, "verify", slow)
    assert refused(desk, "Ada", PASSWORD) == 30
    assert rows(desk, sessions) == []


def test_somebody_made_inactive_while_their_password_was_checked_has_no_session(
    desk: Desk, ada: Reviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = PasswordHasher.verify

    def slow(self: Any, kept: Any, given: Any) -> Any:
        right = checked(self, kept, given)
        desk.write(change_reviewer, ada.number, active=False, by=OPERATOR)
        return right

    monkeypatch.setattr(PasswordHasher, "verify", slow)
    assert refused(desk, "Ada", PASSWORD) is None
    assert rows(desk, sessions) == []


def test_a_hash_of_old_parameters_is_made_anew_at_the_next_sign_in(desk: Desk, ada: Reviewer) -> None:
    stronger = replace(CHEAPEST, memory_cost=64)
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(hashing, "_PARAMETERS", stronger)
        signed_in(desk)
        kept = desk.read(lambda tx, _: account_of(tx, ada.number).password)
        assert kept is not None
        assert not hashing.is_outdated(kept)
        signed_in(desk)
    assert "m=64" in kept


def test_signing_in_ends_the_session_that_the_browser_had(desk: Desk, ada: Reviewer) -> None:
    first = session(desk, signed_in(desk).token)
    sign_in(desk, "Ada", PASSWORD, ADDRESS, instead=first)
    assert first.id not in {one.id for one in desk.read(sessions_of, ada.number)}
    assert len(rows(desk, sessions)) == 1


def test_signing_out_ends_that_session_alone_and_is_in_the_log(desk: Desk, ada: Reviewer) -> None:
    one, other = signed_in(desk), signed_in(desk)
    desk.write(sign_out, session(desk, one.token))
    assert desk.read(session_of, one.token) is None
    session(desk, other.token)
    assert logged(desk, "session.ended") == [(f"reviewer:{ada.number}", {"sessions": 1})]


def test_where_everybody_signs_in_elsewhere_a_password_opens_nothing(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(
        oidc_only=True,
        oidc_issuer="https://id.example",
        oidc_client_id="tocsin",
        console_url="https://tocsin.example",
    )
    with_password(desk, reviewer(desk, "Ada"))
    with pytest.raises(ForbiddenError, match="identity provider"):
        sign_in(desk, "Ada", PASSWORD, ADDRESS)
