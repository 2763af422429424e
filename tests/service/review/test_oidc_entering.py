"""Whoever the provider names comes into the account that is theirs, and into no other."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection

from tocsin.service.review.accounts.account import Account, account_of, keep
from tocsin.service.review.accounts.administration import reset
from tocsin.service.review.accounts.invitation import LASTS, accept, invite
from tocsin.service.review.accounts.oidc.entering import Entered, begin, enter
from tocsin.service.review.accounts.oidc.faults import Fault, ProviderError
from tocsin.service.review.accounts.oidc.handshakes import Handshake, take_handshake
from tocsin.service.review.accounts.sessions import (
    SessionKind,
    SessionState,
    begin_session,
    session_of,
    sessions_of,
)
from tocsin.service.review.context import Context
from tocsin.service.review.contract_testing import FixedClock, reviewer, rows
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ConflictError, ForbiddenError, UnknownError
from tocsin.service.review.log import OPERATOR, Actor
from tocsin.service.review.records import Reviewer
from tocsin.service.review.records.reviewers import change_reviewer
from tocsin.service.review.store.tables import log

ISSUER = "https://id.example"
COOK = f"{ISSUER}|cook-7"
CHEF = f"{ISSUER}|chef-1"
PASSWORD = "soup of the day, twice"  # noqa: S105 - opens nothing outside a test
PLAIN = Handshake("nonce", "verifier", "/review")


def account(desk: Desk, who: Reviewer) -> Account:
    def read(tx: Connection, context: Context) -> Account:
        return account_of(tx, who.number)

    return desk.read(read)


def has(desk: Desk, who: Reviewer, **values: Any) -> None:
    desk.write(lambda tx, context: keep(tx, context, who.number, **values))


def invited(desk: Desk, who: Reviewer) -> Handshake:
    """Return a handshake that came back, begun with an invitation of theirs."""
    token = desk.write(invite, who.number, by=OPERATOR)
    begun = desk.write(begin, "/review", token)
    return desk.write(take_handshake, begun.state, begun.binding)


def come(desk: Desk, subject: str, handshake: Handshake = PLAIN) -> Entered:
    return desk.write(enter, subject, handshake, None)


def refused(desk: Desk, subject: str, handshake: Handshake = PLAIN) -> Fault:
    with pytest.raises(ProviderError) as error:
        come(desk, subject, handshake)
    assert subject not in str(error.value)
    return error.value.fault


def logged(desk: Desk) -> list[tuple[str, str, Any]]:
    return [(row.actor, row.action, json.loads(row.body)) for row in rows(desk, log)][-2:]


def test_an_invitation_links_whoever_signs_in_and_they_come_in_from_then_on(
    desk: Desk, alice: Reviewer
) -> None:
    first = come(desk, COOK, invited(desk, alice))
    second = come(desk, COOK)

    assert (first.linked, second.linked) == (True, False)
    for entered in (first, second):
        session = desk.read(session_of, entered.token)
        assert session is not None
        assert session.reviewer == alice
        assert (session.how, session.state) == (SessionKind.OIDC, SessionState.WHOLE)
    assert first.token != second.token


def test_the_log_says_that_an_account_was_linked_and_by_whom_it_was_entered_but_not_who_that_is(
    desk: Desk, alice: Reviewer
) -> None:
    come(desk, COOK, invited(desk, alice))

    by = str(Actor.reviewer(alice.number))
    assert logged(desk) == [
        (by, "account.changed", {"reviewer": alice.number, "what": "linked"}),
        (by, "session.begun", {"how": "oidc", "code": False}),
    ]
    assert "cook-7" not in json.dumps([row.body for row in rows(desk, log)])


def test_whom_nobody_invited_does_not_come_in_whatever_the_provider_says(desk: Desk, alice: Reviewer) -> None:
    come(desk, COOK, invited(desk, alice))

    assert refused(desk, CHEF) is Fault.UNKNOWN
    assert refused(desk, COOK.upper()) is Fault.UNKNOWN
    assert refused(desk, "https://other.example|cook-7") is Fault.UNKNOWN
    assert refused(desk, alice.name) is Fault.UNKNOWN


def test_whoever_is_no_longer_active_does_not_come_in(desk: Desk, alice: Reviewer) -> None:
    come(desk, COOK, invited(desk, alice))
    desk.write(change_reviewer, alice.number, active=False, by=OPERATOR)

    assert refused(desk, COOK) is Fault.UNKNOWN

    desk.write(change_reviewer, alice.number, active=True, by=OPERATOR)
    assert not come(desk, COOK).linked


def test_an_invitation_links_once(desk: Desk, alice: Reviewer) -> None:
    handshake = invited(desk, alice)
    come(desk, COOK, handshake)

    with pytest.raises(UnknownError):
        come(desk, CHEF, handshake)
    assert account(desk, alice).subject == COOK


def test_an_invitation_that_has_run_out_meanwhile_links_nobody(
    desk: Desk, alice: Reviewer, clock: FixedClock
) -> None:
    handshake = invited(desk, alice)
    clock.advance(LASTS.total_seconds())

    with pytest.raises(UnknownError):
        come(desk, COOK, handshake)
    assert account(desk, alice).subject is None


@pytest.mark.parametrize("token", ["", "soup", "\ud800"])
def test_no_sign_in_begins_by_an_invitation_that_never_was(desk: Desk, token: str) -> None:
    with pytest.raises(UnknownError):
        desk.write(begin, "/review", token)


def test_nobody_links_an_account_of_somebody_who_is_no_longer_active(desk: Desk, alice: Reviewer) -> None:
    handshake = invited(desk, alice)
    desk.write(change_reviewer, alice.number, active=False, by=OPERATOR)

    with pytest.raises(UnknownError):
        come(desk, COOK, handshake)


def test_one_person_at_the_provider_is_one_reviewer_here(desk: Desk, alice: Reviewer, bob: Reviewer) -> None:
    come(desk, COOK, invited(desk, alice))
    handshake = invited(desk, bob)

    assert refused(desk, COOK, handshake) is Fault.TAKEN

    assert account(desk, bob).subject is None
    assert come(desk, CHEF, handshake).linked  # the invitation was not used up by that


def test_linking_again_is_no_other_and_its_invitation_is_used_up(desk: Desk, alice: Reviewer) -> None:
    come(desk, COOK, invited(desk, alice))

    assert come(desk, COOK, invited(desk, alice)).linked


def test_who_is_linked_takes_the_place_of_the_password_and_of_who_was_before(
    desk: Desk, alice: Reviewer
) -> None:
    has(desk, alice, password="a hash", subject=CHEF)  # noqa: S106 - no password's
    before = desk.write(begin_session, alice.number, SessionKind.PASSWORD)

    come(desk, COOK, invited(desk, alice))

    assert (account(desk, alice).password, account(desk, alice).subject) == (None, COOK)
    assert desk.read(session_of, before) is None
    assert refused(desk, CHEF) is Fault.UNKNOWN


def test_a_link_does_not_get_around_the_codes_of_an_account(
    desk: Desk, alice: Reviewer, clock: FixedClock
) -> None:
    handshake = invited(desk, alice)
    has(desk, alice, totp="a seed", totp_since=clock())

    with pytest.raises(ConflictError, match="codes"):
        come(desk, COOK, handshake)
    with pytest.raises(ConflictError, match="codes"):
        invited(desk, alice)

    assert account(desk, alice).subject is None
    desk.write(reset, alice.number, codes=True, by=OPERATOR)
    assert come(desk, COOK, invited(desk, alice)).linked


def test_whoever_is_reset_is_linked_no_more(desk: Desk, alice: Reviewer) -> None:
    come(desk, COOK, invited(desk, alice))

    desk.write(reset, alice.number, codes=False, by=OPERATOR)

    assert refused(desk, COOK) is Fault.UNKNOWN
    assert desk.read(sessions_of, alice.number) == []


def test_whoever_chooses_a_password_after_all_is_linked_no_more(desk: Desk, alice: Reviewer) -> None:
    come(desk, COOK, invited(desk, alice))

    accept(desk, desk.write(invite, alice.number, by=OPERATOR), PASSWORD)

    assert refused(desk, COOK) is Fault.UNKNOWN


def test_where_the_provider_is_the_one_way_in_nobody_chooses_a_password(
    make_desk: Callable[..., Desk],
) -> None:
    desk = make_desk(oidc_only=True)
    token = desk.write(invite, reviewer(desk).number, by=OPERATOR)

    with pytest.raises(ForbiddenError, match="identity provider"):
        accept(desk, token, PASSWORD)
    assert desk.write(begin, "/review", token)


def test_the_session_that_the_browser_had_ends(desk: Desk, alice: Reviewer, bob: Reviewer) -> None:
    come(desk, COOK, invited(desk, alice))
    token = desk.write(begin_session, bob.number, SessionKind.PASSWORD)
    before = desk.read(session_of, token)

    desk.write(enter, COOK, PLAIN, before)

    assert desk.read(session_of, token) is None
