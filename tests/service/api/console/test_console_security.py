"""What one changes about how one signs in, by the page Security."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tocsin.models import Scorer
from tocsin.service.api.console.cookies import SESSION
from tocsin.service.api.console.testing import Browser, colleague, sign_in
from tocsin.service.api.review.testing import ToyAssessor, office_at, ring
from tocsin.service.api.testing import connect, make_app
from tocsin.service.review import Desk
from tocsin.service.review.accounts.account import account_of, keep
from tocsin.service.review.accounts.sessions import SessionKind, begin_session, sessions_of
from tocsin.service.review.accounts.testing import (
    OTHER_PASSWORD,
    PASSWORD,
    code_of,
    hashing_quickly,
    with_codes,
    with_password,
)
from tocsin.service.review.office import Office
from tocsin.service.review.records import Reviewer

HERE = "/review/settings/security"
CHANGE = {"old": PASSWORD, "new": OTHER_PASSWORD, "again": OTHER_PASSWORD}


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    with hashing_quickly():
        yield


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return office_at(tmp_path)


@pytest.fixture
def desk(office: Office) -> Desk:
    return office.desk


@pytest.fixture
def ada(desk: Desk) -> Reviewer:
    return with_password(desk, colleague(desk, name="Ada"))


@pytest.fixture
def browser(office: Office, ada: Reviewer, shipped_scorer: Scorer) -> Iterator[Browser]:
    """Yield a browser in which Ada is signed in."""
    app = make_app(shipped_scorer, keys=ring({}), assessor=ToyAssessor(shipped_scorer), review=office)
    with connect(app, None) as client:
        browser = sign_in(Browser(client), office.desk, ada)
        browser.get(HERE)
        yield browser


def alive(desk: Desk, whose: Reviewer) -> int:
    return len(desk.read(sessions_of, whose.number))


def test_a_new_password_keeps_this_browser_signed_in_with_a_new_session_and_ends_the_others(
    browser: Browser, desk: Desk, ada: Reviewer
) -> None:
    desk.write(begin_session, ada.number, SessionKind.PASSWORD)
    before = browser.client.cookies.get(SESSION, domain="127.0.0.1")
    browser.post(f"{HERE}/password", CHANGE)
    assert browser.path == f"{HERE}?said=password-changed"
    assert "Your password is changed" in browser.words
    assert browser.client.cookies.get(SESSION) != before
    assert alive(desk, ada) == 1


@pytest.mark.parametrize(
    ("change", "says", "status"),
    [
        ({"old": OTHER_PASSWORD}, "The password is wrong.", 403),
        ({"again": PASSWORD}, "typed the same twice", 422),
        ({"new": "short", "again": "short"}, "15 to 1,024 characters", 422),
        ({"new": "Ada Ada Ada Ada tocsin", "again": "Ada Ada Ada Ada tocsin"}, "your own name", 422),
        ({"old": ""}, "The password is wrong.", 403),
    ],
    ids=["wrong", "typed differently", "short", "a name", "none"],
)
def test_a_password_is_not_changed_for_a_form_that_is_wrong(
    browser: Browser, desk: Desk, ada: Reviewer, change: dict[str, str], says: str, status: int
) -> None:
    before = desk.read(lambda tx, _: account_of(tx, ada.number))
    html = browser.post(f"{HERE}/password", CHANGE | change, status)
    assert says in browser.words
    assert OTHER_PASSWORD not in html
    assert desk.read(lambda tx, _: account_of(tx, ada.number)) == before


def test_guesses_at_the_old_password_come_to_a_wait(browser: Browser, ada: Reviewer) -> None:
    for _ in range(4):
        browser.post(f"{HERE}/password", CHANGE | {"old": OTHER_PASSWORD}, 403)
    browser.post(f"{HERE}/password", CHANGE | {"old": OTHER_PASSWORD}, 429)
    browser.post(f"{HERE}/password", CHANGE, 429)
    assert "Too many tries have failed" in browser.words


def test_codes_are_set_up_by_password_picture_and_first_code(
    browser: Browser, desk: Desk, ada: Reviewer
) -> None:
    browser.post(f"{HERE}/codes", {"password": OTHER_PASSWORD}, 403)
    assert "<svg" not in browser.page.text
    browser.post(f"{HERE}/codes", {"password": PASSWORD})
    secret = desk.read(lambda tx, context: account_of(tx, ada.number).secret(context))
    assert "<svg" in browser.page.text
    assert secret in browser.words.replace(" ", "")
    assert f"secret={secret}" in browser.page.text
    assert not re.search(r"\sstyle=|<style|<script(?![^>]* src=)", browser.page.text)
    browser.post(f"{HERE}/codes/confirm", {"code": "000000"}, 403)
    assert "The code is wrong" in browser.words
    browser.post(f"{HERE}/codes/confirm", {"code": code_of(desk, ada)})
    assert browser.path == f"{HERE}?said=codes-on"
    assert secret not in browser.words.replace(" ", "")
    assert desk.read(lambda tx, _: account_of(tx, ada.number)).asks_code


def test_codes_are_turned_off_by_password_and_code(browser: Browser, desk: Desk, ada: Reviewer) -> None:
    with_codes(desk, ada)
    code = code_of(desk, ada)
    browser.get(HERE)
    browser.post(f"{HERE}/codes/stop", {"password": OTHER_PASSWORD, "code": code}, 403)
    browser.post(f"{HERE}/codes/stop", {"password": PASSWORD, "code": "000000"}, 403)
    assert "Password or code is wrong." in browser.words
    browser.post(f"{HERE}/codes/stop", {"password": PASSWORD, "code": code})
    assert browser.path == f"{HERE}?said=codes-off"
    assert not desk.read(lambda tx, _: account_of(tx, ada.number)).asks_code


def test_a_first_code_that_nothing_was_begun_for_is_refused(browser: Browser) -> None:
    browser.post(f"{HERE}/codes/confirm", {"code": "000000"}, 409)
    assert "begin again" in browser.words


def test_one_sees_ones_sessions_and_ends_them(browser: Browser, desk: Desk, ada: Reviewer) -> None:
    bob = colleague(desk, name="bob")
    for whose in (ada, ada, bob):
        desk.write(begin_session, whose.number, SessionKind.PASSWORD)
    browser.get(HERE)
    listed = re.findall(r'name="session" value="(\w+)"', browser.page.text)
    assert len(listed) == 2
    assert "This one" in browser.words
    (foreign,) = desk.read(sessions_of, bob.number)
    browser.post(f"{HERE}/sessions", {"session": foreign.id})
    assert (alive(desk, ada), alive(desk, bob)) == (3, 1)
    browser.post(f"{HERE}/sessions", {"session": listed[0]})
    assert alive(desk, ada) == 2
    browser.post(f"{HERE}/sessions")
    assert (alive(desk, ada), alive(desk, bob)) == (1, 1)
    assert browser.path == f"{HERE}?said=sessions-ended"


def test_whoever_has_no_password_is_offered_none_of_its_forms(
    browser: Browser, desk: Desk, ada: Reviewer
) -> None:
    desk.write(lambda tx, context: keep(tx, context, ada.number, password=None, subject="https://id|7"))
    browser.get(HERE)
    assert "without a password" in browser.words
    assert 'type="password"' not in browser.page.text
    browser.post(f"{HERE}/codes", {"password": PASSWORD}, 403)
    browser.post(f"{HERE}/password", CHANGE, 403)
