"""Invitations: a link that works once, for a day; and what admins do with others' accounts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tocsin.errors import InputError
from tocsin.service.review.accounts.account import Account, account_of, keep
from tocsin.service.review.accounts.administration import (
    add_by_invitation,
    add_with_password,
    list_accounts,
    reset,
)
from tocsin.service.review.accounts.invitation import accept, invite, invited_by, path_of
from tocsin.service.review.accounts.proving import Refused
from tocsin.service.review.accounts.sessions import SessionKind, begin_session, sessions_of
from tocsin.service.review.accounts.signing_in import Next, SignedIn, sign_in
from tocsin.service.review.accounts.testing import (
    ADDRESS,
    OTHER_PASSWORD,
    PASSWORD,
    hashing_quickly,
    with_codes,
    with_password,
)
from tocsin.service.review.contract_testing import FixedClock, reviewer, rows
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ConflictError, ReviewError, UnknownError
from tocsin.service.review.log import OPERATOR, Actor
from tocsin.service.review.records import Reviewer, change_reviewer
from tocsin.service.review.role import Role
from tocsin.service.review.store.console_tables import accounts, invitations
from tocsin.service.review.store.tables import log, reviewers


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    with hashing_quickly():
        yield


@pytest.fixture
def ada(desk: Desk) -> Reviewer:
    return reviewer(desk, "Ada")


def link(desk: Desk, whom: Reviewer) -> str:
    return desk.write(invite, whom.number, by=OPERATOR)


def account(desk: Desk, whose: Reviewer) -> Account:
    return desk.read(lambda tx, _: account_of(tx, whose.number))


def logged(desk: Desk) -> list[tuple[str, str, Any]]:
    return [(row.actor, row.action, json.loads(row.body)) for row in rows(desk, log)]


def admin(desk: Desk, name: str) -> Reviewer:
    return with_password(desk, reviewer(desk, name, Role.ADMIN))


def test_by_an_invitation_somebody_chooses_a_password(desk: Desk, ada: Reviewer) -> None:
    token = link(desk, ada)
    assert desk.read(invited_by, token) == ada
    assert accept(desk, token, PASSWORD) == ada
    assert isinstance(sign_in(desk, "Ada", PASSWORD, ADDRESS), SignedIn)
    assert [one for one in logged(desk) if one[1].startswith("account.")] == [
        ("operator", "account.invited", {"reviewer": ada.number}),
        (f"reviewer:{ada.number}", "account.changed", {"reviewer": ada.number, "what": "password"}),
    ]


def test_an_invitation_works_once(desk: Desk, ada: Reviewer) -> None:
    token = link(desk, ada)
    accept(desk, token, PASSWORD)
    with pytest.raises(UnknownError):
        accept(desk, token, OTHER_PASSWORD)
    assert isinstance(sign_in(desk, "Ada", PASSWORD, ADDRESS), SignedIn)


def test_an_invitation_that_several_take_up_at_once_works_once(desk: Desk, ada: Reviewer) -> None:
    token = link(desk, ada)

    def take(number: int) -> bool:
        try:
            accept(desk, token, f"{PASSWORD} {number}")
        except UnknownError:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(take, range(3))) == 1


def test_an_invitation_works_for_a_day(desk: Desk, ada: Reviewer, clock: FixedClock) -> None:
    token = link(desk, ada)
    clock.advance(hours=23, minutes=59)
    assert desk.read(invited_by, token) == ada
    clock.advance(minutes=1)
    with pytest.raises(UnknownError):
        accept(desk, token, PASSWORD)
    assert account(desk, ada).password is None


def test_a_new_invitation_takes_the_place_of_the_one_before(desk: Desk, ada: Reviewer) -> None:
    first, second = link(desk, ada), link(desk, ada)
    with pytest.raises(UnknownError):
        accept(desk, first, PASSWORD)
    accept(desk, second, PASSWORD)


def test_every_link_that_opens_nothing_is_refused_in_the_same_words(
    desk: Desk, ada: Reviewer, clock: FixedClock
) -> None:
    bob, carl = reviewer(desk, "bob"), reviewer(desk, "carl")
    used, over, gone = link(desk, ada), link(desk, bob), link(desk, carl)
    accept(desk, used, PASSWORD)
    desk.write(change_reviewer, carl.number, active=False, by=OPERATOR)
    clock.advance(hours=24)
    words = set()
    for token in (used, over, gone, "never", "", "\ud800"):
        with pytest.raises(UnknownError) as refused:
            desk.read(invited_by, token)
        words.add(str(refused.value))
    assert len(words) == 1


def test_the_database_and_the_log_keep_no_token(desk: Desk, ada: Reviewer) -> None:
    token = link(desk, ada)
    assert token not in f"{rows(desk, invitations)}{rows(desk, log)}"
    assert path_of(token) == f"/review/welcome/{token}"


def test_a_password_that_may_not_be_chosen_does_not_use_the_link_up(desk: Desk, ada: Reviewer) -> None:
    token = link(desk, ada)
    with pytest.raises(InputError):
        accept(desk, token, "short")
    accept(desk, token, PASSWORD)


def test_a_password_chosen_by_a_link_ends_every_session_and_leaves_codes_on(
    desk: Desk, ada: Reviewer
) -> None:
    with_codes(desk, with_password(desk, ada))
    desk.write(begin_session, ada.number, SessionKind.PASSWORD)
    token = link(desk, ada)
    assert len(desk.read(sessions_of, ada.number)) == 1
    accept(desk, token, OTHER_PASSWORD)
    assert desk.read(sessions_of, ada.number) == []
    done = sign_in(desk, "Ada", OTHER_PASSWORD, ADDRESS)
    assert isinstance(done, SignedIn)
    assert done.next is Next.CODE


def test_a_password_chosen_by_a_link_ends_the_wait_of_its_name(desk: Desk, ada: Reviewer) -> None:
    for _ in range(5):
        sign_in(desk, "Ada", PASSWORD, "198.51.100.1")
    accept(desk, link(desk, ada), PASSWORD)
    assert isinstance(sign_in(desk, "Ada", PASSWORD, ADDRESS), SignedIn)


def test_whoever_is_not_active_is_not_invited(desk: Desk, ada: Reviewer) -> None:
    desk.write(change_reviewer, ada.number, active=False, by=OPERATOR)
    with pytest.raises(ConflictError, match="active"):
        link(desk, ada)


def test_an_invitation_ends_with_being_active_and_does_not_come_back(desk: Desk, ada: Reviewer) -> None:
    token = link(desk, ada)
    for active in (False, True):
        desk.write(change_reviewer, ada.number, active=active, by=OPERATOR)
    with pytest.raises(UnknownError):
        desk.read(invited_by, token)


def test_another_role_leaves_an_invitation_open(desk: Desk, ada: Reviewer) -> None:
    token = link(desk, ada)
    desk.write(change_reviewer, ada.number, role=Role.LEAD, by=OPERATOR)
    assert desk.read(invited_by, token).role is Role.LEAD


@pytest.mark.parametrize("codes", [True, False], ids=["codes too", "the password alone"])
def test_a_reset_takes_the_password_back_at_once_and_ends_every_session(
    desk: Desk, ada: Reviewer, codes: bool
) -> None:
    with_codes(desk, with_password(desk, ada))
    desk.write(begin_session, ada.number, SessionKind.PASSWORD)
    invited = desk.write(reset, ada.number, codes=codes, by=OPERATOR)
    assert sign_in(desk, "Ada", PASSWORD, ADDRESS) == Refused()
    assert desk.read(sessions_of, ada.number) == []
    assert account(desk, ada).asks_code is not codes
    assert logged(desk)[-1][2]["what"] == ("reset.with.codes" if codes else "reset")
    accept(desk, invited.token, OTHER_PASSWORD)
    done = sign_in(desk, "Ada", OTHER_PASSWORD, ADDRESS)
    assert isinstance(done, SignedIn)
    assert done.next is (Next.NOTHING if codes else Next.CODE)


def test_nobody_resets_their_own_account(desk: Desk) -> None:
    boss = admin(desk, "boss")
    with pytest.raises(ConflictError, match="Security"):
        desk.write(reset, boss.number, codes=True, by=Actor.reviewer(boss.number))
    assert account(desk, boss).password is not None


def test_a_new_reviewer_is_made_with_their_invitation_or_not_at_all(desk: Desk, ada: Reviewer) -> None:
    made = desk.write(add_by_invitation, "bob", Role.SENIOR, by=OPERATOR)
    assert (made.reviewer.role, made.reviewer.key) == (Role.SENIOR, None)
    accept(desk, made.token, PASSWORD)
    with pytest.raises(ConflictError):
        desk.write(add_by_invitation, "Ada", Role.SENIOR, by=OPERATOR)
    assert len(rows(desk, invitations)) == 1
    assert made.token not in repr(made)


def test_a_new_reviewer_with_a_password_signs_in_at_once(desk: Desk) -> None:
    add_with_password(desk, "Ada", Role.ADMIN, PASSWORD, by=OPERATOR)
    assert isinstance(sign_in(desk, "Ada", PASSWORD, ADDRESS), SignedIn)
    with pytest.raises(InputError):
        add_with_password(desk, "bob", Role.ADMIN, "short", by=OPERATOR)
    assert len(rows(desk, reviewers)) == len(rows(desk, accounts)) == 1


def test_every_reviewer_is_listed_with_how_they_sign_in(desk: Desk, ada: Reviewer) -> None:
    with_codes(desk, with_password(desk, reviewer(desk, "bob")))
    listed = desk.read(list_accounts)
    assert [
        (one.reviewer.name, one.account.password is not None, one.account.asks_code) for one in listed
    ] == [
        ("Ada", False, False),
        ("bob", True, True),
    ]


@pytest.mark.parametrize("change", [{"active": False}, {"role": Role.LEAD}], ids=["off", "less"])
def test_the_last_admin_who_can_sign_in_stays_one(desk: Desk, change: Any) -> None:
    boss = admin(desk, "boss")
    reviewer(desk, "no password", Role.ADMIN)
    gone = admin(desk, "gone")
    with_password(desk, reviewer(desk, "lead", Role.LEAD))
    desk.write(change_reviewer, gone.number, active=False, by=OPERATOR)
    with pytest.raises(ConflictError, match="must stay"):
        desk.write(change_reviewer, boss.number, by=Actor.reviewer(boss.number), **change)
    other = admin(desk, "other")
    changed = desk.write(change_reviewer, boss.number, by=Actor.reviewer(boss.number), **change)
    assert changed.role is not Role.ADMIN or not changed.active
    with pytest.raises(ConflictError):
        desk.write(change_reviewer, other.number, by=Actor.reviewer(other.number), **change)


@pytest.mark.parametrize(
    ("settings", "way", "counts"),
    [
        ({}, {"subject": "https://id.example|7"}, False),
        ({"oidc_issuer": "https://id.example"}, {"subject": "https://id.example|7"}, True),
        ({"oidc_issuer": "https://id.example", "oidc_only": True}, {"password": "a hash"}, False),
        ({"oidc_issuer": "https://id.example"}, {"password": "a hash"}, True),
    ],
    ids=["no provider", "by the provider", "by the provider alone", "by a password"],
)
def test_another_admin_counts_who_can_sign_in_as_this_server_lets_people_in(
    make_desk: Callable[..., Desk], settings: Any, way: Any, counts: bool
) -> None:
    more = {"oidc_client_id": "tocsin", "console_url": "https://tocsin.example"} if settings else {}
    desk = make_desk(**settings, **more)
    boss, other = admin(desk, "boss"), reviewer(desk, "other", Role.ADMIN)
    desk.write(lambda tx, context: keep(tx, context, other.number, **way))

    def go() -> Reviewer:
        return desk.write(change_reviewer, boss.number, active=False, by=Actor.reviewer(boss.number))

    if counts:
        assert not go().active
    else:
        with pytest.raises(ConflictError, match="must stay"):
            go()


def test_of_two_admins_who_put_each_other_off_at_once_one_stays(desk: Desk) -> None:
    pair = [admin(desk, "one"), admin(desk, "two")]

    def put_off(me: int) -> bool:
        try:
            desk.write(change_reviewer, pair[1 - me].number, active=False, by=Actor.reviewer(pair[me].number))
        except ReviewError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(put_off, range(2))) == 1


def test_whoever_is_at_the_command_line_may_put_off_the_last_admin(desk: Desk) -> None:
    boss = admin(desk, "boss")
    assert not desk.write(change_reviewer, boss.number, active=False, by=OPERATOR).active


@pytest.mark.parametrize(
    ("change", "ends"),
    [({"active": False}, True), ({"role": Role.LEAD}, True), ({"key": "k1"}, False)],
    ids=["off", "another role", "another key"],
)
def test_whoever_may_something_else_from_now_on_signs_in_anew(
    desk: Desk, ada: Reviewer, change: Any, ends: bool
) -> None:
    desk.write(begin_session, ada.number, SessionKind.PASSWORD)
    desk.write(change_reviewer, ada.number, by=OPERATOR, **change)
    assert bool(desk.read(sessions_of, ada.number)) is not ends


def test_nobody_invites_themselves_to_another_password(desk: Desk) -> None:
    admin = reviewer(desk, "Ines", Role.ADMIN)

    with pytest.raises(ConflictError, match="under Security"):
        desk.write(invite, admin.number, by=Actor.reviewer(admin.number))

    assert rows(desk, invitations) == []
