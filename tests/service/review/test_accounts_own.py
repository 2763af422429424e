"""What reviewers change about their own accounts, and what ends with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tocsin.errors import InputError
from tocsin.service.review.accounts.account import Account, account_of, start_codes
from tocsin.service.review.accounts.own import (
    ask_codes,
    change_password,
    confirm_codes,
    end_others,
    stop_codes,
)
from tocsin.service.review.accounts.password import LEAST, LEAST_ALONE
from tocsin.service.review.accounts.proving import Refused
from tocsin.service.review.accounts.sessions import (
    Session,
    SessionKind,
    begin_session,
    session_of,
    sessions_of,
)
from tocsin.service.review.accounts.signing_in import SignedIn, sign_in
from tocsin.service.review.accounts.testing import (
    ADDRESS,
    OTHER_PASSWORD,
    PASSWORD,
    code_of,
    hashing_quickly,
    with_codes,
    with_password,
)
from tocsin.service.review.contract_testing import FixedClock, reviewer, rows
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ConflictError
from tocsin.service.review.records import Reviewer
from tocsin.service.review.store.console_tables import attempts
from tocsin.service.review.store.tables import log

WRONG = "leek soup on a sunny day"


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    with hashing_quickly():
        yield


@pytest.fixture
def ada(desk: Desk) -> Reviewer:
    return with_password(desk, reviewer(desk, "Ada"))


@pytest.fixture
def mine(desk: Desk, ada: Reviewer) -> Session:
    return session_for(desk, ada)


@pytest.fixture
def elsewhere(desk: Desk, ada: Reviewer) -> Session:
    """Return another session of the same reviewer."""
    return session_for(desk, ada)


def session_for(desk: Desk, whose: Reviewer) -> Session:
    found = desk.read(session_of, desk.write(begin_session, whose.number, SessionKind.PASSWORD))
    assert found is not None
    return found


def account(desk: Desk, whose: Reviewer) -> Account:
    return desk.read(lambda tx, _: account_of(tx, whose.number))


def alive(desk: Desk, whose: Reviewer) -> set[str]:
    return {one.id for one in desk.read(sessions_of, whose.number)}


def changes(desk: Desk) -> list[Any]:
    return [
        (row.actor, json.loads(row.body)["what"])
        for row in rows(desk, log, log.c.action == "account.changed")
    ]


def test_a_new_password_opens_and_the_old_one_does_not(desk: Desk, ada: Reviewer, mine: Session) -> None:
    change_password(desk, mine, PASSWORD, OTHER_PASSWORD)
    assert sign_in(desk, "Ada", PASSWORD, ADDRESS) == Refused()
    assert isinstance(sign_in(desk, "Ada", OTHER_PASSWORD, ADDRESS), SignedIn)
    assert changes(desk) == [(f"reviewer:{ada.number}", "password")]


def test_with_a_new_password_every_session_ends_and_a_new_one_begins(
    desk: Desk, ada: Reviewer, mine: Session, elsewhere: Session
) -> None:
    bob = session_for(desk, reviewer(desk, "bob"))
    token = change_password(desk, mine, PASSWORD, OTHER_PASSWORD)
    assert isinstance(token, str)
    found = desk.read(session_of, token)
    assert found is not None
    assert alive(desk, ada) == {found.id}
    assert found.id not in {mine.id, elsewhere.id}
    assert alive(desk, bob.reviewer) == {bob.id}


def test_without_the_old_password_nothing_changes_and_it_counts(
    desk: Desk, ada: Reviewer, mine: Session
) -> None:
    before = account(desk, ada)
    tries = [change_password(desk, mine, WRONG, OTHER_PASSWORD) for _ in range(5)]
    assert all(isinstance(one, Refused) for one in tries)
    assert account(desk, ada) == before
    closed = change_password(desk, mine, PASSWORD, OTHER_PASSWORD)
    assert isinstance(closed, Refused)
    assert closed.wait is not None
    assert account(desk, ada) == before


def test_a_password_that_may_not_be_chosen_is_refused_before_the_old_one_is_tried(
    desk: Desk, mine: Session
) -> None:
    with pytest.raises(InputError, match=f"{LEAST_ALONE} to"):
        change_password(desk, mine, WRONG, "short soup")
    assert rows(desk, attempts) == []


def test_beside_codes_that_everybody_owes_a_password_may_be_shorter(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(require_totp=True)
    ada = with_password(desk, reviewer(desk, "Ada"))
    new = "barley soups!"
    assert LEAST <= len(new) < LEAST_ALONE
    assert isinstance(change_password(desk, session_for(desk, ada), PASSWORD, new), str)


def test_codes_are_asked_for_once_a_first_one_was_shown_and_other_sessions_end(
    desk: Desk, ada: Reviewer, mine: Session, elsewhere: Session
) -> None:
    assert ask_codes(desk, mine, PASSWORD) is None
    assert not account(desk, ada).asks_code
    assert alive(desk, ada) == {mine.id, elsewhere.id}

    assert desk.write(confirm_codes, mine, code_of(desk, ada)) is None

    assert account(desk, ada).asks_code
    assert alive(desk, ada) == {mine.id}
    assert changes(desk) == [(f"reviewer:{ada.number}", "codes.on")]


def test_codes_are_not_begun_without_the_password(desk: Desk, ada: Reviewer, mine: Session) -> None:
    assert ask_codes(desk, mine, WRONG) == Refused()
    assert account(desk, ada).totp is None


def test_a_wrong_first_code_turns_nothing_on_and_counts(desk: Desk, ada: Reviewer, mine: Session) -> None:
    ask_codes(desk, mine, PASSWORD)
    refused = [desk.write(confirm_codes, mine, "000000") for _ in range(5)]
    assert refused[:4] == [Refused()] * 4
    assert refused[4] != Refused()
    assert not account(desk, ada).asks_code


def test_a_first_code_must_come_within_ten_minutes(
    desk: Desk, ada: Reviewer, mine: Session, clock: FixedClock
) -> None:
    ask_codes(desk, mine, PASSWORD)
    clock.advance(minutes=10, seconds=1)
    with pytest.raises(ConflictError, match="begin again"):
        desk.write(confirm_codes, mine, code_of(desk, ada))
    assert not account(desk, ada).asks_code


def test_the_code_that_turned_codes_on_opens_nothing_more(desk: Desk, ada: Reviewer, mine: Session) -> None:
    ask_codes(desk, mine, PASSWORD)
    code = code_of(desk, ada)
    desk.write(confirm_codes, mine, code)
    assert stop_codes(desk, mine, PASSWORD, code) == Refused()
    assert account(desk, ada).asks_code


def test_codes_that_are_on_cannot_be_begun_anew(desk: Desk, ada: Reviewer, mine: Session) -> None:
    with_codes(desk, ada)
    before = account(desk, ada)
    with pytest.raises(ConflictError):
        ask_codes(desk, mine, PASSWORD)
    assert account(desk, ada) == before


@pytest.mark.parametrize(
    ("password", "code_is_right"), [(WRONG, True), (PASSWORD, False)], ids=["password", "code"]
)
def test_codes_are_turned_off_with_password_and_code_alone(
    desk: Desk, ada: Reviewer, mine: Session, password: str, code_is_right: bool
) -> None:
    with_codes(desk, ada)
    code = code_of(desk, ada) if code_is_right else "000000"
    assert stop_codes(desk, mine, password, code) == Refused()
    assert account(desk, ada).asks_code


def test_codes_turned_off_leave_nothing_behind_and_other_sessions_end(
    desk: Desk, ada: Reviewer, mine: Session, elsewhere: Session
) -> None:
    with_codes(desk, ada)
    assert stop_codes(desk, mine, PASSWORD, code_of(desk, ada)) is None
    left = account(desk, ada)
    assert (left.totp, left.totp_since, left.totp_step) == (None, None, None)
    assert alive(desk, ada) == {mine.id}
    assert changes(desk) == [(f"reviewer:{ada.number}", "codes.off")]
    with pytest.raises(ConflictError, match="no codes"):
        stop_codes(desk, mine, PASSWORD, "000000")


def test_where_everybody_owes_codes_turning_them_off_signs_out(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(require_totp=True)
    ada = with_codes(desk, with_password(desk, reviewer(desk, "Ada")))
    mine = session_for(desk, ada)
    assert stop_codes(desk, mine, PASSWORD, code_of(desk, ada)) is None
    assert alive(desk, ada) == set()


def test_the_database_keeps_no_secret_that_codes_could_be_made_from(desk: Desk, ada: Reviewer) -> None:
    desk.write(start_codes, ada.number)
    kept = account(desk, ada)
    secret = kept.secret(desk.context)
    assert kept.totp is not None
    assert secret not in kept.totp
    assert kept.totp not in repr(kept)
    assert str(kept.password) not in repr(kept)


def test_one_ends_ones_other_sessions_one_by_one_or_all(
    desk: Desk, ada: Reviewer, mine: Session, elsewhere: Session
) -> None:
    third = session_for(desk, ada)
    bob = session_for(desk, reviewer(desk, "bob"))
    assert desk.write(end_others, mine, third.id) == 1
    assert desk.write(end_others, mine, bob.id) == 0
    assert desk.write(end_others, mine, mine.id) == 0
    assert alive(desk, ada) == {mine.id, elsewhere.id}
    assert desk.write(end_others, mine) == 1
    assert alive(desk, ada) == {mine.id}
    assert alive(desk, bob.reviewer) == {bob.id}
    ended = rows(desk, log, log.c.action == "session.ended")
    assert [(row.actor, json.loads(row.body)) for row in ended] == [
        (f"reviewer:{ada.number}", {"sessions": 1})
    ] * 2


def test_codes_that_somebody_began_and_never_used_are_gone_with_the_password(
    desk: Desk, ada: Reviewer
) -> None:
    mine = session_for(desk, ada)
    ask_codes(desk, mine, PASSWORD)
    begun = desk.read(lambda tx, _: account_of(tx, ada.number))

    assert isinstance(change_password(desk, mine, PASSWORD, OTHER_PASSWORD), str)

    left = desk.read(lambda tx, _: account_of(tx, ada.number))
    assert begun.totp is not None
    assert (left.totp, left.is_starting(desk.context)) == (None, False)


def test_what_strangers_try_at_an_address_keeps_nobody_inside_from_changing_their_account(
    desk: Desk, ada: Reviewer
) -> None:
    mine = session_for(desk, ada)
    for number in range(21):
        sign_in(desk, f"stranger {number}", WRONG, ADDRESS)
    outside = sign_in(desk, ada.name, PASSWORD, ADDRESS)

    assert isinstance(outside, Refused)
    assert outside.wait is not None
    assert isinstance(change_password(desk, mine, PASSWORD, OTHER_PASSWORD), str)
