"""Signing in by the pages: cookies, forms, words, and where one comes to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tocsin.models import Scorer
from tocsin.service.api.console.cookies import SESSION, VISITOR
from tocsin.service.api.console.testing import Browser, colleague, sign_in
from tocsin.service.api.review.testing import ToyAssessor, ring
from tocsin.service.api.testing import connect, make_app
from tocsin.service.review import Desk, make_desk, review_settings
from tocsin.service.review.accounts.account import account_of
from tocsin.service.review.accounts.invitation import invite
from tocsin.service.review.accounts.sessions import session_of, sessions_of
from tocsin.service.review.accounts.testing import (
    OTHER_PASSWORD,
    PASSWORD,
    code_of,
    hashing_quickly,
    with_codes,
    with_password,
)
from tocsin.service.review.contract_testing import FixedClock, rows
from tocsin.service.review.log import OPERATOR
from tocsin.service.review.office import Office
from tocsin.service.review.ready_testing import put_tables
from tocsin.service.review.records import Reviewer
from tocsin.service.review.role import Role
from tocsin.service.review.store.console_tables import attempts

SECURITY = "/review/settings/security"
WRONG = "Name or password is wrong."


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    with hashing_quickly():
        yield


@pytest.fixture
def settings() -> dict[str, Any]:
    """Return the settings that a test's server has."""
    return {}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def desk(tmp_path: Path, settings: dict[str, Any], clock: FixedClock) -> Desk:
    put_tables(tmp_path)
    return make_desk(review_settings(**settings), tmp_path, policies=frozenset({"hate"}), clock=clock)


@pytest.fixture
def client(desk: Desk, shipped_scorer: Scorer) -> Iterator[TestClient]:
    office = Office(desk)
    app = make_app(shipped_scorer, keys=ring({}), assessor=ToyAssessor(shipped_scorer), review=office)
    with connect(app, None) as client:
        yield client


@pytest.fixture
def browser(client: TestClient) -> Browser:
    return Browser(client)


@pytest.fixture
def ada(desk: Desk) -> Reviewer:
    return with_password(desk, colleague(desk, name="Ada"))


def signing_in(browser: Browser, name: str = "Ada", password: str = PASSWORD, **more: Any) -> Any:
    """Return the answer to a sign-in, not followed."""
    browser.get("/review/sign-in")
    fields = {"name": name, "password": password, **more}
    browser.post("/review/sign-in", fields, more.pop("status", 303), follow=False)
    return browser.page


def cookie(answer: Any, name: str) -> str | None:
    """Return what an answer sets a cookie to, with its attributes."""
    found = [one for one in answer.headers.get_list("set-cookie") if one.startswith(f"{name}=")]
    return found[0] if found else None


def told(html: str) -> str:
    """Return what a page says but for the parts that differ with every visit."""
    return re.sub(r'value="[^"]*"', "", html)


def test_whoever_signs_in_comes_to_the_page_that_they_asked_for(browser: Browser, ada: Reviewer) -> None:
    browser.get(SECURITY)
    assert browser.path == f"/review/sign-in?onward={SECURITY}"
    onward = re.search(r'name="onward" value="([^"]*)"', browser.page.text)
    assert onward
    browser.post("/review/sign-in", {"name": "Ada", "password": PASSWORD, "onward": onward[1]})
    assert browser.path == SECURITY
    assert "Ada, reviewer" in browser.words


@pytest.mark.parametrize(
    "onward",
    [
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "javascript:alert(1)",
        "/review/../v1/items",
        "/v1/items",
        "/review@elsewhere.example",
    ],
)
def test_a_sign_in_leads_nowhere_else(browser: Browser, ada: Reviewer, onward: str) -> None:
    assert signing_in(browser, onward=onward).headers["location"] == "/review"
    browser.page = browser.client.get("/review/sign-in", params={"onward": onward}, follow_redirects=False)
    assert browser.page.headers["location"] == "/review"


def test_a_session_is_in_a_cookie_that_no_script_and_no_other_site_gets(
    browser: Browser, ada: Reviewer
) -> None:
    given = (cookie(signing_in(browser), SESSION) or "").lower()
    assert {"httponly", "path=/", "samesite=lax"} <= set(given.split("; "))
    assert "domain" not in given
    assert "expires" not in given
    assert "max-age" not in given


def test_but_to_the_own_machine_cookies_go_over_tls_alone_and_are_this_hosts_own(
    browser: Browser, ada: Reviewer
) -> None:
    browser.client.base_url = "https://tocsin.example"
    session = cookie(signing_in(browser), f"__Host-{SESSION}")
    assert session is not None
    assert {"secure", "httponly", "path=/"} <= set(session.lower().split("; "))
    assert "domain" not in session.lower()
    browser.get(SECURITY)
    assert browser.path == SECURITY


def test_a_session_that_was_planted_beforehand_is_not_the_one_that_opens(
    browser: Browser, desk: Desk, ada: Reviewer
) -> None:
    browser.client.cookies.set(SESSION, "planted", domain="127.0.0.1")
    signing_in(browser)
    opened = browser.client.cookies.get(SESSION, domain="127.0.0.1")
    assert opened not in {None, "planted"}
    assert desk.read(session_of, "planted") is None
    assert desk.read(session_of, opened) is not None


def test_every_step_of_signing_in_gives_a_new_session(browser: Browser, desk: Desk, ada: Reviewer) -> None:
    with_codes(desk, ada)
    half = cookie(signing_in(browser), SESSION)
    browser.get("/review/sign-in/code")
    browser.post("/review/sign-in/code", {"code": code_of(desk, ada)}, 303, follow=False)
    whole = cookie(browser.page, SESSION)
    assert half is not None
    assert whole is not None
    assert half.split(";")[0] != whole.split(";")[0]
    assert len(desk.read(sessions_of, ada.number)) == 1


def test_a_form_from_before_signing_in_is_good_for_nothing_after_it(browser: Browser, ada: Reviewer) -> None:
    browser.get("/review/sign-in")
    token = re.search(r'name="form-token" value="([^"]*)"', browser.page.text)
    signing_in(browser, onward=SECURITY)
    assert token
    browser.post("/review/sign-out", status=403, token=token[1])


@pytest.mark.parametrize("path", ["/review/sign-in", "/review/sign-in/code", "/review/sign-in/enrol"])
def test_a_sign_in_that_another_site_sends_is_refused_and_not_counted(
    browser: Browser, desk: Desk, ada: Reviewer, path: str
) -> None:
    fields = {"name": "Ada", "password": PASSWORD}
    browser.post(path, fields, 403, token="")
    browser.post(path, fields, 403, token="0" * 64)
    browser.get("/review/sign-in")
    token = re.search(r'name="form-token" value="([^"]*)"', browser.page.text)
    assert token
    foreign = browser.client.post(
        path, data={**fields, "form-token": token[1]}, headers={"origin": "https://elsewhere.example"}
    )
    assert foreign.status_code == 403
    assert rows(desk, attempts) == []
    assert desk.read(sessions_of, ada.number) == []


def test_a_form_made_for_another_browser_is_refused(client: TestClient, ada: Reviewer) -> None:
    one, other = Browser(client), Browser(client)
    one.get("/review/sign-in")
    token = re.search(r'name="form-token" value="([^"]*)"', one.page.text)
    assert token
    client.cookies.clear()
    other.get("/review/sign-in")
    other.post("/review/sign-in", {"name": "Ada", "password": PASSWORD}, 403, token=token[1])


def test_the_page_says_the_same_of_a_wrong_password_and_of_a_name_that_there_is_not(
    browser: Browser, desk: Desk, ada: Reviewer
) -> None:
    colleague(desk, name="no password")
    answers = []
    for name, password in [("Ada", OTHER_PASSWORD), ("nobody", PASSWORD), ("no password", PASSWORD)]:
        answer = signing_in(browser, name, password, status=403)
        answers.append((answer.status_code, told(answer.text)))
        assert WRONG in browser.words
        assert cookie(answer, SESSION) is None
    assert len(set(answers)) == 1


def test_a_password_is_in_no_answer_and_in_no_address(browser: Browser, ada: Reviewer) -> None:
    answer = signing_in(browser, password=OTHER_PASSWORD, status=403)
    assert OTHER_PASSWORD not in answer.text
    assert "soup" not in signing_in(browser).headers["location"]


def test_after_five_failures_the_page_says_how_long_to_wait(
    browser: Browser, ada: Reviewer, clock: FixedClock
) -> None:
    for _ in range(4):
        signing_in(browser, password=OTHER_PASSWORD, status=403)
    signing_in(browser, password=OTHER_PASSWORD, status=429)
    assert "Nobody can try for 30 s" in browser.words
    clock.advance(0.5)
    signing_in(browser, status=429)
    assert "Nobody can try for 30 s" in browser.words
    clock.advance(30)
    signing_in(browser)


@pytest.mark.parametrize("where", [SECURITY, "/review/admin", "/review/settings/security/password"])
def test_half_a_session_opens_no_page(browser: Browser, desk: Desk, where: str) -> None:
    with_codes(desk, with_password(desk, colleague(desk, Role.ADMIN, "Ada")))
    signing_in(browser)
    answer = browser.client.get(where, follow_redirects=False)
    assert answer.status_code in {303, 405}
    browser.get("/review/sign-in/code")
    posted = browser.client.post(
        f"{SECURITY}/password",
        data={"form-token": re.findall(r'name="form-token" value="([^"]*)"', browser.page.text)[0]},
        follow_redirects=False,
    )
    assert posted.headers["location"].startswith("/review/sign-in?onward=")


def test_half_a_session_cannot_begin_other_codes(browser: Browser, desk: Desk, ada: Reviewer) -> None:
    with_codes(desk, ada)
    before = desk.read(lambda tx, _: account_of(tx, ada.number))
    signing_in(browser)
    browser.get("/review/sign-in/enrol")
    assert browser.path.startswith("/review/sign-in?")
    assert "<svg" not in browser.page.text
    browser.post("/review/sign-in/enrol", {"code": code_of(desk, ada)})
    assert browser.path.startswith("/review/sign-in?")
    assert desk.read(lambda tx, _: account_of(tx, ada.number)) == before


def test_a_code_leads_on_to_the_page_that_was_asked_for(browser: Browser, desk: Desk, ada: Reviewer) -> None:
    with_codes(desk, ada)
    at = signing_in(browser, onward=f"{SECURITY}?said=kept").headers["location"]
    assert at == f"/review/sign-in/code?onward={SECURITY}%3Fsaid%3Dkept"
    browser.get(at)
    browser.post("/review/sign-in/code", {"code": "000000", "onward": f"{SECURITY}?said=kept"}, 403)
    assert "The code is wrong" in browser.words
    browser.post("/review/sign-in/code", {"code": code_of(desk, ada), "onward": f"{SECURITY}?said=kept"})
    assert browser.path == f"{SECURITY}?said=kept"


@pytest.mark.parametrize("path", ["/review/sign-in/code", "/review/sign-in/enrol"])
def test_a_code_without_a_password_begins_at_the_beginning(browser: Browser, path: str) -> None:
    browser.get(path)
    assert browser.path.startswith("/review/sign-in?")
    browser.post(path, {"code": "000000"})
    assert browser.path.startswith("/review/sign-in?")


def test_signing_out_ends_the_session_and_takes_its_cookie_back(
    browser: Browser, desk: Desk, ada: Reviewer
) -> None:
    token = sign_in(browser, desk, ada).client.cookies.get(SESSION)
    browser.get(SECURITY)
    browser.post("/review/sign-out", status=303, follow=False)
    assert "max-age=0" in (cookie(browser.page, SESSION) or "").lower()
    assert token is not None
    assert desk.read(session_of, token) is None
    browser.get("/review/sign-in?said=signed-out")
    assert "You are signed out." in browser.words


def test_a_browser_is_known_before_it_signs_in_by_a_token_of_its_own(browser: Browser) -> None:
    browser.get("/review/sign-in")
    assert "httponly" in (cookie(browser.page, VISITOR) or "").lower()


def test_by_an_invitation_one_chooses_a_password_and_signs_in_with_it(browser: Browser, desk: Desk) -> None:
    ada = colleague(desk, name="Ada")
    token = desk.write(invite, ada.number, by=OPERATOR)
    page = f"/review/welcome/{token}"
    browser.get(page)
    browser.get(page)
    assert "Welcome, Ada" in browser.words
    browser.post(page, {"password": PASSWORD, "again": OTHER_PASSWORD}, 422)
    assert "typed the same twice" in browser.words
    browser.post(page, {"password": "short", "again": "short"}, 422)
    assert "15 to 1,024 characters" in browser.words
    browser.post(page, {"password": PASSWORD, "again": PASSWORD})
    assert browser.path == "/review/sign-in?said=password-kept"
    assert "Your password is kept" in browser.words
    signing_in(browser)
    browser.get(page, 404)
    assert "was used, has run out, or never was" in browser.words


@pytest.mark.parametrize("token", ["7", "never", "a" * 300, "%00", "..%2f"])
def test_a_link_that_opens_nothing_says_so(browser: Browser, token: str) -> None:
    browser.get(f"/review/welcome/{token}", 404)


class TestWhereEverybodyOwesCodes:
    @pytest.fixture
    def settings(self) -> dict[str, Any]:
        return {"require_totp": True}

    def test_whoever_has_none_is_led_to_set_them_up_before_anything_else(
        self, browser: Browser, desk: Desk, ada: Reviewer
    ) -> None:
        at = signing_in(browser, onward=SECURITY).headers["location"]
        assert at == f"/review/sign-in/enrol?onward={SECURITY}"
        browser.get(SECURITY)
        assert browser.path.startswith("/review/sign-in?")
        browser.get(at)
        secret = desk.read(lambda tx, context: account_of(tx, ada.number).secret(context))
        assert secret in browser.words.replace(" ", "")
        assert "<svg" in browser.page.text
        browser.post("/review/sign-in/enrol", {"code": "000000", "onward": SECURITY}, 403)
        assert secret in browser.words.replace(" ", "")
        browser.post("/review/sign-in/enrol", {"code": code_of(desk, ada), "onward": SECURITY})
        assert browser.path == SECURITY
        assert secret not in browser.words.replace(" ", "")

    def test_codes_turned_off_are_set_up_anew_at_the_next_sign_in(
        self, browser: Browser, desk: Desk, ada: Reviewer
    ) -> None:
        with_codes(desk, ada)
        sign_in(browser, desk, ada).get(SECURITY)
        browser.post(f"{SECURITY}/codes/stop", {"password": PASSWORD, "code": code_of(desk, ada)})
        assert browser.path == "/review/sign-in?said=codes-off"
        assert signing_in(browser).headers["location"].startswith("/review/sign-in/enrol")
