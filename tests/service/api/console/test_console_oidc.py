"""Signing in through an identity provider, as a browser sees it, and as somebody who attacks it does."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tocsin.models import Scorer
from tocsin.service.api.app import build_app
from tocsin.service.api.console.cookies import SESSION
from tocsin.service.api.console.messages import MESSAGES
from tocsin.service.api.console.pages.oidc import HANDSHAKE
from tocsin.service.api.console.testing import Browser, colleague, sign_in
from tocsin.service.api.making import make_faces, make_service
from tocsin.service.api.review.testing import ToyAssessor, ring
from tocsin.service.api.settings import ServeSettings
from tocsin.service.api.testing import NoLimit, connect
from tocsin.service.review import Desk, make_desk, review_settings
from tocsin.service.review.accounts.invitation import invite, path_of
from tocsin.service.review.accounts.oidc.faults import Fault
from tocsin.service.review.accounts.oidc.handshakes import LASTS
from tocsin.service.review.accounts.oidc.testing import CLIENT, SECRET, FakeProvider, fake_provider
from tocsin.service.review.contract_testing import FixedClock, rows
from tocsin.service.review.log import OPERATOR
from tocsin.service.review.office import Office
from tocsin.service.review.ready_testing import put_tables
from tocsin.service.review.records import Reviewer
from tocsin.service.review.records.reviewers import change_reviewer
from tocsin.service.review.store.console_tables import handshakes, sessions
from tocsin.service.review.store.store import Store

SECURITY = "/review/settings/security"
FORM = "/review/sign-in"


class Kitchen:
    """Hold a server with a provider, the people in it, and browsers to reach it by."""

    def __init__(self, office: Office, fake: FakeProvider, clock: FixedClock, open_browser: Any) -> None:
        self.desk: Desk = office.desk
        self.fake = fake
        self.clock = clock
        self.alice = colleague(office.desk, name="alice")
        self.another_browser: Callable[[], Browser] = open_browser

    def invitation(self, who: Reviewer) -> str:
        return self.desk.write(invite, who.number, by=OPERATOR)


@pytest.fixture
def open_kitchen(tmp_path: Path, shipped_scorer: Scorer) -> Iterator[Callable[..., Kitchen]]:
    with ExitStack() as stack:

        def opened(*, keyed: bool = True, **more: Any) -> Kitchen:
            clock = FixedClock()
            fake = stack.enter_context(fake_provider(clock))
            secret = tmp_path / "oidc.secret"
            secret.write_text(SECRET)
            secret.chmod(0o600)
            given = {
                "oidc_issuer": fake.issuer,
                "oidc_client_id": CLIENT,
                "oidc_client_secret_file": secret,
                "oidc_name": "the <kitchen>",
                "console_url": "http://127.0.0.1:8080",
            }
            put_tables(tmp_path)
            office = Office(make_desk(review_settings(**{**given, **more}), tmp_path, clock=clock))
            assessor = ToyAssessor(shipped_scorer)
            keys = ring({}) if keyed else None
            service = make_service(
                ServeSettings(),
                shipped_scorer,
                keys=keys,
                limiter=NoLimit(),
                assessor=assessor,
                review=office,
            )
            app = build_app(service, make_faces(service))
            first = stack.enter_context(connect(app, None))

            def another() -> Browser:
                return Browser(type(first)(app, raise_server_exceptions=False))

            return Kitchen(office, fake, clock, another)

        yield opened


@pytest.fixture
def kitchen(open_kitchen: Callable[..., Kitchen]) -> Kitchen:
    return open_kitchen()


@pytest.fixture
def browser(kitchen: Kitchen) -> Browser:
    return kitchen.another_browser()


def start(browser: Browser, onward: str = SECURITY, **fields: str) -> str:
    """Return where the button of the sign-in page leads."""
    browser.get(FORM)
    return led(browser.post("/review/oidc/start", {"onward": onward, **fields}))


def led(page: str) -> str:
    by_itself = re.search(r'<meta http-equiv="refresh" content="0; url=([^"]*)">', page)
    by_hand = re.search(r'<a href="(http[^"]*)"', page)
    assert by_itself
    assert by_hand
    assert by_itself[1] == by_hand[1]
    return unescape(by_hand[1])


def come_back(browser: Browser, path: str) -> tuple[str, str | None]:
    """Return where a browser is sent that comes back, and the words that it is shown there."""
    answer = browser.client.get(path, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["cache-control"] == "no-store"
    said = parse_qs(urlsplit(answer.headers["location"]).query).get("said", [None])[0]
    return answer.headers["location"], said


def refused(browser: Browser, path: str) -> Fault:
    """Return why nobody is signed in; the page must say so, in words of ours."""
    to, said = come_back(browser, path)
    assert said is not None
    assert MESSAGES[said] in unescape(browser.get(to))
    assert who(browser) is None
    return Fault(said.removeprefix("oidc-"))


def who(browser: Browser) -> str | None:
    """Return who is signed in."""
    answer = browser.client.get(SECURITY, follow_redirects=False)
    found = re.search(r'<div class="who"><span>(\w+), ', answer.text)
    return found[1] if found else None


def link(kitchen: Kitchen, subject: str = "cook-7", reviewer: Reviewer | None = None) -> None:
    """Let somebody at the provider be somebody here."""
    browser = kitchen.another_browser()
    address = start(browser, invitation=kitchen.invitation(reviewer or kitchen.alice))
    come_back(browser, kitchen.fake.sign_in(address, subject))


def changed(path: str, **parts: str | None) -> str:
    """Return an address with other parts in its query; None takes one out."""
    plain, _, query = path.partition("?")
    told = {name: values[0] for name, values in parse_qs(query).items()}
    told = {name: value for name, value in {**told, **parts}.items() if value is not None}
    return f"{plain}?{urlencode(told)}"


def test_an_invitation_is_taken_up_by_signing_in_at_the_provider(kitchen: Kitchen, browser: Browser) -> None:
    token = kitchen.invitation(kitchen.alice)
    assert "Sign in with the &lt;kitchen&gt;" in browser.get(path_of(token))
    address = led(browser.post("/review/oidc/start", {"invitation": token}))

    to, said = come_back(browser, kitchen.fake.sign_in(address))

    assert (to, said) == ("/review?said=oidc-linked", "oidc-linked")
    assert who(browser) == "alice"
    browser.get(path_of(token), 404)  # used


def test_whoever_was_linked_signs_in_by_the_button_and_comes_to_the_page_that_they_wanted(
    kitchen: Kitchen, browser: Browser
) -> None:
    link(kitchen)
    assert "Sign in with the &lt;kitchen&gt;" in browser.get(FORM)

    to, said = come_back(browser, kitchen.fake.sign_in(start(browser)))

    assert (to, said) == (SECURITY, None)
    assert who(browser) == "alice"
    assert "identity provider" in browser.get(SECURITY)


@pytest.mark.parametrize("onward", ["https://elsewhere.example", "//elsewhere.example", "/reviewer"])
def test_whoever_signs_in_is_sent_nowhere_else(kitchen: Kitchen, browser: Browser, onward: str) -> None:
    link(kitchen)

    assert come_back(browser, kitchen.fake.sign_in(start(browser, onward)))[0] == "/review"


def test_the_provider_is_told_to_send_browsers_to_the_address_that_is_set(
    kitchen: Kitchen, browser: Browser
) -> None:
    browser.client.headers["host"] = "127.0.0.1:9999"  # whatever a request says

    asked = parse_qs(urlsplit(start(browser)).query)

    assert asked["redirect_uri"] == ["http://127.0.0.1:8080/review/oidc/callback"]


def test_a_sign_in_is_tied_to_its_browser_by_a_cookie_that_no_script_reads(
    kitchen: Kitchen, browser: Browser
) -> None:
    address = start(browser)

    (cookie,) = [one for one in browser.page.headers.get_list("set-cookie") if HANDSHAKE in one]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert browser.client.cookies[HANDSHAKE] not in address

    link(kitchen)
    come_back(browser, kitchen.fake.sign_in(address))
    assert HANDSHAKE not in browser.client.cookies


def test_elsewhere_than_on_this_machine_the_cookie_is_the_hosts_alone(
    kitchen: Kitchen, browser: Browser
) -> None:
    link(kitchen)
    browser.client.base_url = "https://review.soup.example"

    address = start(browser)

    (cookie,) = [one for one in browser.page.headers.get_list("set-cookie") if HANDSHAKE in one]
    assert cookie.startswith(f"__Host-{HANDSHAKE}=")
    assert "Secure" in cookie
    assert "Domain" not in cookie
    assert come_back(browser, kitchen.fake.sign_in(address))[0] == SECURITY


def test_a_cookie_that_a_neighbour_may_have_set_ties_nothing(kitchen: Kitchen) -> None:
    link(kitchen)
    browser = kitchen.another_browser()
    browser.client.base_url = "https://review.soup.example"
    back = kitchen.fake.sign_in(start(browser))
    binding = browser.client.cookies[f"__Host-{HANDSHAKE}"]
    victim = kitchen.another_browser()
    victim.client.base_url = "https://review.soup.example"
    victim.client.cookies.set(HANDSHAKE, binding, domain="review.soup.example")

    assert come_back(victim, back)[1] == "oidc-lapsed"


# Who does not come in --------------------------------------------------------------------------------


def test_nobody_is_let_in_because_the_provider_knows_them(kitchen: Kitchen, browser: Browser) -> None:
    link(kitchen)

    assert refused(browser, kitchen.fake.sign_in(start(browser), "chef-1")) is Fault.UNKNOWN


@pytest.mark.parametrize("claim", ["name", "preferred_username", "email"])
def test_what_the_provider_calls_somebody_makes_them_nobody_here(
    kitchen: Kitchen, browser: Browser, claim: str
) -> None:
    kitchen.fake.claims = {claim: "alice", "email_verified": True}

    assert refused(browser, kitchen.fake.sign_in(start(browser), "alice")) is Fault.UNKNOWN


def test_whoever_is_no_longer_active_does_not_come_in(kitchen: Kitchen, browser: Browser) -> None:
    link(kitchen)
    kitchen.desk.write(change_reviewer, kitchen.alice.number, active=False, by=OPERATOR)

    assert refused(browser, kitchen.fake.sign_in(start(browser))) is Fault.UNKNOWN


def test_two_reviewers_are_not_one_person_at_the_provider(kitchen: Kitchen, browser: Browser) -> None:
    link(kitchen)
    bob = colleague(kitchen.desk, name="bob")
    address = start(browser, invitation=kitchen.invitation(bob))

    assert refused(browser, kitchen.fake.sign_in(address)) is Fault.TAKEN


def test_a_callback_counts_once(kitchen: Kitchen, browser: Browser) -> None:
    link(kitchen)
    back = kitchen.fake.sign_in(start(browser))
    binding = browser.client.cookies[HANDSHAKE]
    come_back(browser, back)
    browser.client.cookies.delete(SESSION)
    browser.client.cookies.set(HANDSHAKE, binding, domain="127.0.0.1")

    assert refused(browser, back) is Fault.LAPSED


def test_a_callback_of_another_browser_signs_nobody_in(kitchen: Kitchen, browser: Browser) -> None:
    link(kitchen)
    back = kitchen.fake.sign_in(start(browser), "cook-7")
    victim = kitchen.another_browser()

    assert refused(victim, back) is Fault.LAPSED
    start(victim)  # one that is under way itself
    assert refused(victim, back) is Fault.LAPSED
    assert come_back(browser, back)[0] == SECURITY  # and nothing is taken from whose it is


def test_a_code_of_another_sign_in_signs_nobody_in(kitchen: Kitchen, browser: Browser) -> None:
    link(kitchen)
    mallet = kitchen.another_browser()
    theirs = parse_qs(urlsplit(kitchen.fake.sign_in(start(mallet))).query)["code"][0]
    back = kitchen.fake.sign_in(start(browser))

    assert refused(browser, changed(back, code=theirs)) is Fault.AWAY  # the provider finds the wrong verifier


def test_a_token_of_another_sign_in_signs_nobody_in(kitchen: Kitchen, browser: Browser) -> None:
    link(kitchen)
    kitchen.fake.claims = {"nonce": "that of another"}

    assert refused(browser, kitchen.fake.sign_in(start(browser))) is Fault.UNTRUSTED


@pytest.mark.parametrize(
    "parts",
    [{"state": None}, {"state": ""}, {"state": "soup"}, {"state": "s" * 5_000}, {"code": "c" * 5_000}],
    ids=["none", "empty", "another", "long", "a long code"],
)
def test_without_its_state_or_with_a_long_code_an_answer_counts_nothing(
    kitchen: Kitchen, browser: Browser, parts: dict[str, str | None]
) -> None:
    back = kitchen.fake.sign_in(start(browser))

    assert refused(browser, changed(back, **parts)) is Fault.LAPSED
    assert "/token" not in kitchen.fake.asked


@pytest.mark.parametrize("name", ["state", "code", "iss"])
def test_what_comes_twice_counts_nothing(kitchen: Kitchen, browser: Browser, name: str) -> None:
    back = kitchen.fake.sign_in(start(browser), iss=kitchen.fake.issuer)
    value = parse_qs(urlsplit(back).query)[name][0]

    assert refused(browser, f"{back}&{urlencode({name: value})}") is Fault.LAPSED
    assert "/token" not in kitchen.fake.asked


def test_a_sign_in_that_took_too_long_is_begun_again(kitchen: Kitchen, browser: Browser) -> None:
    back = kitchen.fake.sign_in(start(browser))
    kitchen.clock.advance(LASTS.total_seconds())

    assert refused(browser, back) is Fault.LAPSED


def test_an_answer_of_another_provider_counts_nothing(kitchen: Kitchen, browser: Browser) -> None:
    link(kitchen)
    kitchen.fake.asked.clear()
    back = kitchen.fake.sign_in(start(browser), iss="https://other.example")

    assert refused(browser, back) is Fault.UNTRUSTED
    assert "/token" not in kitchen.fake.asked


def test_whom_the_provider_did_not_let_in_is_told_so_and_can_begin_again(
    kitchen: Kitchen, browser: Browser
) -> None:
    link(kitchen)
    back = changed(kitchen.fake.sign_in(start(browser)), code=None, error="access_denied")

    assert refused(browser, back) is Fault.REFUSED
    assert come_back(browser, kitchen.fake.sign_in(start(browser)))[0] == SECURITY


def test_a_provider_that_is_away_is_said_to_be_before_anything_is_begun(
    kitchen: Kitchen, browser: Browser
) -> None:
    kitchen.fake.told = {"issuer": "https://other.example"}
    browser.get(FORM)

    page = browser.post("/review/oidc/start", {"onward": SECURITY})

    assert MESSAGES["oidc-untrusted"] in page
    assert rows(kitchen.desk, handshakes) == []


# What is said, and what is not -----------------------------------------------------------------------


def test_nothing_that_came_from_outside_is_shown_or_logged(
    kitchen: Kitchen, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hostile = "<script>soup</script>\nforged line"
    for parts in (
        {"error": hostile, "error_description": hostile, "error_uri": hostile},
        {"error": "access_denied", "error_description": hostile},
        {"iss": hostile},
        {"state": hostile},
        {"code": hostile},
    ):
        back = changed(kitchen.fake.sign_in(start(browser)), **parts)
        refused(browser, back)
        assert "soup</" not in browser.page.text
    kitchen.fake.claims = {"nonce": hostile}
    refused(browser, kitchen.fake.sign_in(start(browser)))

    logged = [one.getMessage() for one in caplog.records if one.name.startswith("tocsin")]
    assert len(logged) == 6
    assert not [line for line in logged if "soup" in line or "forged" in line or SECRET in line]


def test_the_log_names_neither_code_nor_state_nor_who_it_was(
    kitchen: Kitchen, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    back = kitchen.fake.sign_in(start(browser), "chef-1")

    refused(browser, back)

    (line,) = [one for one in caplog.records if one.name.startswith("tocsin")]
    assert line.levelno == logging.INFO
    for secret in (
        "chef-1",
        *(value for values in parse_qs(urlsplit(back).query).values() for value in values),
    ):
        assert secret not in line.getMessage()


# Forms, sessions, other ways in ----------------------------------------------------------------------


def test_no_other_site_begins_a_sign_in(kitchen: Kitchen, browser: Browser) -> None:
    browser.get(FORM)
    browser.post("/review/oidc/start", token="", status=403)
    browser.get(FORM)
    browser.client.headers["sec-fetch-site"] = "cross-site"
    browser.post("/review/oidc/start", status=403)
    assert browser.client.get("/review/oidc/start").status_code == 405
    assert rows(kitchen.desk, handshakes) == []


def test_the_session_is_a_new_one_and_the_one_before_ends(kitchen: Kitchen, browser: Browser) -> None:
    link(kitchen)
    bob = colleague(kitchen.desk, name="bob")
    address = start(browser)
    sign_in_beside(browser, kitchen, bob)
    before = browser.client.cookies[SESSION]
    assert who(browser) == "bob"

    come_back(browser, kitchen.fake.sign_in(address))

    assert who(browser) == "alice"
    assert browser.client.cookies[SESSION] != before
    assert bob.number not in [row.reviewer for row in rows(kitchen.desk, sessions)]


def sign_in_beside(browser: Browser, kitchen: Kitchen, reviewer: Reviewer) -> None:
    """Sign somebody in, while a sign-in at the provider is under way in the same browser."""
    binding = browser.client.cookies[HANDSHAKE]
    sign_in(browser, kitchen.desk, reviewer)
    browser.client.cookies.set(HANDSHAKE, binding, domain="127.0.0.1")


def test_no_database_transaction_is_open_while_the_provider_is_asked(
    kitchen: Kitchen, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    link(kitchen)
    open_now: list[str] = []
    seen: list[list[str]] = []
    for name in ("read", "write"):
        monkeypatch.setattr(Store, name, noted(getattr(Store, name), open_now))
    honest = kitchen.fake.id_token

    def id_token(asked: Mapping[str, str]) -> str:
        seen.append(list(open_now))
        return honest(asked)

    monkeypatch.setattr(kitchen.fake, "id_token", id_token)

    come_back(browser, kitchen.fake.sign_in(start(browser)))

    assert who(browser) == "alice"
    assert seen == [[]]


def noted(work: Callable[..., Any], open_now: list[str]) -> Callable[..., Any]:
    """Return `work` that is noted while it runs, but for that of couriers, who work beside."""

    def note(*given: Any, **more: Any) -> Any:
        name = threading.current_thread().name
        if name == "tocsin-courier":
            return work(*given, **more)
        open_now.append(name)
        try:
            return work(*given, **more)
        finally:
            open_now.remove(name)

    return note


def test_where_the_provider_is_the_one_way_in_no_page_asks_for_a_password(
    open_kitchen: Callable[..., Kitchen],
) -> None:
    kitchen = open_kitchen(oidc_only=True)
    browser, token = kitchen.another_browser(), kitchen.invitation(kitchen.alice)

    for path in (FORM, path_of(token)):
        assert 'type="password"' not in browser.get(path)
        assert "Sign in with the &lt;kitchen&gt;" in browser.page.text
    browser.post(FORM, {"name": "alice", "password": "soup of the day, twice"}, 403)
    browser.get(path_of(token))
    browser.post(path_of(token), dict.fromkeys(("password", "again"), "soup of the day, twice"), 403)
    link(kitchen)
    assert come_back(browser, kitchen.fake.sign_in(start(browser)))[0] == SECURITY


def test_an_invitation_that_opens_nothing_begins_no_sign_in(kitchen: Kitchen, browser: Browser) -> None:
    browser.get(FORM)

    page = browser.post("/review/oidc/start", {"invitation": "soup"}, 404)

    assert "ask for a new one" in page
    assert rows(kitchen.desk, handshakes) == []


@pytest.mark.parametrize(
    "named", [{}, {"console_url": "https://review.example"}], ids=["nothing", "an address"]
)
def test_where_no_provider_is_named_there_is_no_button_and_nothing_behind_it(
    open_kitchen: Callable[..., Kitchen], named: dict[str, str]
) -> None:
    nothing = dict.fromkeys(("oidc_issuer", "oidc_client_id", "oidc_client_secret_file", "console_url"))
    browser = open_kitchen(**{**nothing, **named}).another_browser()

    assert "/review/oidc/" not in browser.get(FORM)
    browser.post("/review/oidc/start", status=404)
    browser.get("/review/oidc/callback?state=a&code=b", 404)


def test_where_nobody_signs_in_nobody_does_through_a_provider(open_kitchen: Callable[..., Kitchen]) -> None:
    browser = open_kitchen(keyed=False).another_browser()
    browser.get("/review/settings")

    browser.post("/review/oidc/start", status=404)
