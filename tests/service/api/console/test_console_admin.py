"""Those who review, looked after by admins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tocsin.models import Scorer
from tocsin.service.api.console.testing import Browser, colleague, sign_in
from tocsin.service.api.review.testing import ToyAssessor, ring
from tocsin.service.api.testing import connect, make_app
from tocsin.service.review import Desk, make_desk, review_settings
from tocsin.service.review.accounts.account import account_of
from tocsin.service.review.accounts.sessions import SessionKind, begin_session, sessions_of
from tocsin.service.review.accounts.signing_in import SignedIn
from tocsin.service.review.accounts.signing_in import sign_in as show_password
from tocsin.service.review.accounts.testing import (
    ADDRESS,
    OTHER_PASSWORD,
    PASSWORD,
    hashing_quickly,
    with_codes,
    with_password,
)
from tocsin.service.review.contract_testing import rows
from tocsin.service.review.office import Office
from tocsin.service.review.ready_testing import put_tables
from tocsin.service.review.records import Reviewer
from tocsin.service.review.records.reviewers import find_reviewer
from tocsin.service.review.role import Role
from tocsin.service.review.store.tables import log, reviewers

HERE = "/review/admin"


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    with hashing_quickly():
        yield


@pytest.fixture
def settings() -> dict[str, Any]:
    """Return the settings that a test's server has."""
    return {}


@pytest.fixture
def desk(tmp_path: Path, settings: dict[str, Any]) -> Desk:
    put_tables(tmp_path)
    return make_desk(review_settings(**settings), tmp_path, policies=frozenset({"hate"}))


@pytest.fixture
def boss(desk: Desk) -> Reviewer:
    return with_password(desk, colleague(desk, Role.ADMIN, "boss"))


@pytest.fixture
def ada(desk: Desk) -> Reviewer:
    return with_password(desk, colleague(desk, name="Ada"))


@pytest.fixture
def browser(desk: Desk, boss: Reviewer, shipped_scorer: Scorer) -> Iterator[Browser]:
    """Yield a browser in which an admin is signed in."""
    office = Office(desk)
    app = make_app(shipped_scorer, keys=ring({}), assessor=ToyAssessor(shipped_scorer), review=office)
    with connect(app, None) as client:
        browser = sign_in(Browser(client), desk, boss)
        browser.get(HERE)
        yield browser


def now(desk: Desk, whom: Reviewer) -> Reviewer:
    return desk.read(lambda tx, _: find_reviewer(tx, whom.number))


def link(browser: Browser) -> str:
    found = re.search(r"(/review/welcome/[\w-]{40,})", browser.page.text)
    assert found
    return found[1]


def opens(desk: Desk, name: str, password: str) -> bool:
    return isinstance(show_password(desk, name, password, ADDRESS), SignedIn)


def test_somebody_is_added_with_a_link_that_is_shown_once_and_lets_them_in(
    browser: Browser, desk: Desk, boss: Reviewer
) -> None:
    browser.post(f"{HERE}/reviewers", {"name": "Ada", "role": "senior"})
    given = link(browser)
    assert "A link for Ada" in browser.words
    assert "for 1 d" in browser.words
    browser.get(HERE)
    assert given not in browser.page.text
    assert "Ada" in browser.words
    browser.get(given)
    browser.post(given, {"password": PASSWORD, "again": PASSWORD})
    assert browser.path == "/review/sign-in?said=password-kept"
    assert desk.read(sessions_of, boss.number) == []
    assert opens(desk, "Ada", PASSWORD)


@pytest.mark.parametrize(
    ("name", "says"),
    [("boss", "must be no other"), ("", "1 to 256"), ("x" * 257, "1 to 256"), ("a\nb", "1 to 256")],
    ids=["taken", "none", "too long", "two lines"],
)
def test_a_name_that_cannot_be_is_said_beside_the_form_and_nobody_is_added(
    browser: Browser, desk: Desk, name: str, says: str
) -> None:
    browser.post(f"{HERE}/reviewers", {"name": name, "role": "senior"}, 422)
    assert says in browser.words
    assert len(rows(desk, reviewers)) == 1


def test_a_name_is_shown_as_it_is_and_never_as_markup(browser: Browser) -> None:
    browser.post(f"{HERE}/reviewers", {"name": "<b>Ada</b> & 'co\"", "role": "reviewer"})
    assert "<b>" not in browser.page.text
    assert "A link for <b>Ada</b> & 'co\"" in browser.words
    browser.get(HERE)
    assert "<b>" not in browser.page.text
    assert "<b>Ada</b> & 'co\"" in browser.words


@pytest.mark.parametrize("role", ["", "cook", "ADMIN", "4"])
def test_a_role_that_is_none_is_refused(browser: Browser, desk: Desk, ada: Reviewer, role: str) -> None:
    browser.post(f"{HERE}/reviewers", {"name": "Zoe", "role": role}, 400)
    browser.get(HERE)
    browser.post(f"{HERE}/reviewers/{ada.number}/role", {"role": role}, 400)
    assert now(desk, ada).role is Role.REVIEWER
    assert len(rows(desk, reviewers)) == 2


def test_a_role_is_given_and_its_bearer_signs_in_anew(browser: Browser, desk: Desk, ada: Reviewer) -> None:
    desk.write(begin_session, ada.number, SessionKind.PASSWORD)
    browser.get(f"{HERE}/reviewers/{ada.number}")
    browser.post(f"{HERE}/reviewers/{ada.number}/role", {"role": "lead"})
    assert browser.path == f"{HERE}/reviewers/{ada.number}?said=reviewer-changed"
    assert now(desk, ada).role is Role.LEAD
    assert desk.read(sessions_of, ada.number) == []


def test_somebody_taken_off_is_signed_out_at_once_and_may_be_taken_on_again(
    browser: Browser, desk: Desk, ada: Reviewer
) -> None:
    desk.write(begin_session, ada.number, SessionKind.PASSWORD)
    one = f"{HERE}/reviewers/{ada.number}"
    browser.get(one)
    browser.post(f"{one}/active", {"active": "no"})
    assert not now(desk, ada).active
    assert not opens(desk, "Ada", PASSWORD)
    assert "Activate" in browser.words
    assert "Make a link" not in browser.words
    browser.post(f"{one}/active", {"active": "yes"})
    assert opens(desk, "Ada", PASSWORD)
    browser.post(f"{one}/active", {"active": "perhaps"}, 400)


@pytest.mark.parametrize(
    ("path", "fields"), [("role", {"role": "lead"}), ("active", {"active": "no"})], ids=["less", "off"]
)
def test_the_last_admin_stays_one_and_of_two_one_may_go(
    browser: Browser, desk: Desk, boss: Reviewer, path: str, fields: dict[str, str]
) -> None:
    one = f"{HERE}/reviewers/{boss.number}"
    browser.get(one)
    assert "This is you" in browser.words
    browser.post(f"{one}/{path}", fields, 409)
    assert "must stay" in browser.words
    assert now(desk, boss) == boss
    with_password(desk, colleague(desk, Role.ADMIN, "other"))
    browser.get(one)
    browser.post(f"{one}/{path}", fields)
    assert browser.path.startswith("/review/sign-in")
    assert now(desk, boss) != boss


def test_a_link_changes_nothing_until_it_is_taken_up(browser: Browser, desk: Desk, ada: Reviewer) -> None:
    browser.get(f"{HERE}/reviewers/{ada.number}")
    browser.post(f"{HERE}/reviewers/{ada.number}/invitation")
    given = link(browser)
    assert opens(desk, "Ada", PASSWORD)
    browser.get(given)
    browser.post(given, {"password": OTHER_PASSWORD, "again": OTHER_PASSWORD})
    assert not opens(desk, "Ada", PASSWORD)
    assert opens(desk, "Ada", OTHER_PASSWORD)


@pytest.mark.parametrize("codes", [True, False], ids=["codes too", "the password alone"])
def test_a_reset_counts_at_once(browser: Browser, desk: Desk, ada: Reviewer, codes: bool) -> None:
    with_codes(desk, ada)
    desk.write(begin_session, ada.number, SessionKind.PASSWORD)
    browser.get(f"{HERE}/reviewers/{ada.number}")
    browser.post(f"{HERE}/reviewers/{ada.number}/reset", {"codes": "yes"} if codes else {})
    assert link(browser)
    assert not opens(desk, "Ada", PASSWORD)
    assert desk.read(sessions_of, ada.number) == []
    assert desk.read(lambda tx, _: account_of(tx, ada.number)).asks_code is not codes


def test_an_admin_resets_nobody_who_is_themselves(browser: Browser, desk: Desk, boss: Reviewer) -> None:
    browser.get(f"{HERE}/reviewers/{boss.number}")
    assert "Reset" not in browser.words
    browser.post(f"{HERE}/reviewers/{boss.number}/reset", status=409)
    assert opens(desk, "boss", PASSWORD)


def test_what_admins_do_is_in_the_log_by_numbers(
    browser: Browser, desk: Desk, boss: Reviewer, ada: Reviewer
) -> None:
    before = len(rows(desk, log))
    browser.post(f"{HERE}/reviewers", {"name": "Marigold", "role": "senior"})
    browser.get(HERE)
    browser.post(f"{HERE}/reviewers/{ada.number}/reset")
    told = rows(desk, log)[before:]
    assert [row.action for row in told] == [
        "reviewer.made",
        "account.invited",
        "account.invited",
        "account.changed",
    ]
    assert {row.actor for row in told} == {f"reviewer:{boss.number}"}
    assert not any("Marigold" in str(row) for row in told)


@pytest.mark.parametrize("path", ["", "/reviewers/1"])
def test_others_than_admins_see_nothing_of_it(browser: Browser, desk: Desk, path: str) -> None:
    sign_in(browser, desk, colleague(desk, Role.LEAD))
    browser.get(HERE + path, 403)
    assert "boss" not in browser.words


def test_an_admin_who_is_one_no_more_changes_nothing_by_a_page_that_is_still_open(
    browser: Browser, desk: Desk, boss: Reviewer, ada: Reviewer
) -> None:
    browser.get(f"{HERE}/reviewers/{ada.number}")
    desk.store.write(
        lambda tx: tx.execute(reviewers.update().where(reviewers.c.id == boss.number).values(role=3))
    )
    browser.post(f"{HERE}/reviewers/{ada.number}/role", {"role": "admin"}, 403)
    assert now(desk, ada).role is Role.REVIEWER


@pytest.mark.parametrize("number", ["9", "x", "1e3", "9" * 30])
def test_somebody_who_is_not_there_is_not_found(browser: Browser, number: str) -> None:
    browser.get(f"{HERE}/reviewers/{number}", 404)
    browser.get(HERE)
    browser.post(f"{HERE}/reviewers/{number}/role", {"role": "lead"}, 404)


class TestWhereTheServersAddressIsKnown:
    @pytest.fixture
    def settings(self) -> dict[str, Any]:
        return {"console_url": "https://tocsin.example"}

    def test_a_link_is_whole(self, browser: Browser) -> None:
        browser.post(f"{HERE}/reviewers", {"name": "Ada", "role": "senior"})
        assert f"https://tocsin.example{link(browser)}" in browser.page.text
