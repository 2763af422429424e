"""What every page of the console stands in: headers, static files, who is let in, and whose form it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import DataError
from starlette.testclient import TestClient

from tocsin.models import Scorer
from tocsin.service.api.app import build_app
from tocsin.service.api.console.answer import HOME, safe_onward
from tocsin.service.api.console.cookies import SESSION
from tocsin.service.api.console.guard import FORM_FIELD
from tocsin.service.api.console.page import Page
from tocsin.service.api.console.pages import PAGES
from tocsin.service.api.console.static_files import STATIC
from tocsin.service.api.console.testing import Browser, colleague, sign_in
from tocsin.service.api.making import make_faces, make_service
from tocsin.service.api.refusal import Refusal, Why
from tocsin.service.api.review.refusing import refusing
from tocsin.service.api.review.testing import ToyAssessor, office_at, ring
from tocsin.service.api.settings import ServeSettings
from tocsin.service.api.testing import NoLimit, connect, make_app
from tocsin.service.review.accounts.sessions import SessionKind, begin_session, sessions_of
from tocsin.service.review.log import Actor
from tocsin.service.review.office import Office
from tocsin.service.review.records import Reviewer, change_reviewer
from tocsin.service.review.role import Role

GETS = [page for page in PAGES if page.method == "GET"]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return office_at(tmp_path)


@pytest.fixture
def browser(office: Office, shipped_scorer: Scorer) -> Iterator[Browser]:
    app = make_app(shipped_scorer, keys=ring({}), assessor=ToyAssessor(shipped_scorer), review=office)
    with connect(app, None) as client:
        yield Browser(client)


@pytest.fixture(scope="module")
def open_house(
    tmp_path_factory: pytest.TempPathFactory, shipped_scorer: Scorer
) -> Iterator[tuple[TestClient, Office, dict[Role, Reviewer]]]:
    """Yield a server with somebody of every role: for the hundreds of requests that leave nothing behind."""
    office = office_at(tmp_path_factory.mktemp("open-house"))
    people = {role: colleague(office.desk, role) for role in Role}
    app = make_app(shipped_scorer, keys=ring({}), assessor=ToyAssessor(shipped_scorer), review=office)
    with connect(app, None) as client:
        yield client, office, people


@pytest.fixture
def visitor(
    open_house: tuple[TestClient, Office, dict[Role, Reviewer]],
) -> Iterator[Callable[[Role | None], TestClient]]:
    """Yield what enters as somebody of a role, None: nobody, in a browser that knows nothing yet."""
    client, office, people = open_house
    browser = Browser(client)
    client.cookies.clear()

    def enter(role: Role | None) -> TestClient:
        if role is not None:
            sign_in(browser, office.desk, people[role])
        return client

    yield enter
    client.cookies.clear()


def at(path: str) -> str:
    return re.sub(r"\{\w+\}", "7", path)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
@pytest.mark.parametrize("role", [None, *Role], ids=lambda role: role.word if role else "nobody")
def test_a_page_is_open_to_those_whom_it_names_and_to_nobody_else(
    visitor: Callable[[Role | None], TestClient], page: Page, role: Role | None
) -> None:
    client = visitor(role)
    if role is None:
        client.get("/review/sign-in")

    form = {"nothing": "of ours"} if page.method == "POST" else None
    answer = client.request(page.method, at(page.path), data=form, follow_redirects=False)

    if page.method == "POST":  # without the form's token nobody changes anything, whoever they are
        signs_in = page.who is not None and role is None
        assert answer.status_code == (303 if signs_in else 403)
    elif page.who is None:
        assert answer.status_code < 500
    elif role is None:
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/review/sign-in?onward=")
    elif role < page.who:
        assert answer.status_code == 403
    else:
        assert answer.status_code in {200, 404}


@pytest.mark.parametrize("page", GETS, ids=lambda page: page.name)
def test_no_page_lets_a_browser_run_load_or_frame_what_is_not_ours(
    visitor: Callable[[Role | None], TestClient], page: Page
) -> None:
    answer = visitor(Role.ADMIN).get(at(page.path))

    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|javascript:", answer.text)


def test_what_is_wrong_is_a_page_that_says_so_under_the_same_policy(browser: Browser) -> None:
    answer = browser.client.get("/review/there/is/no/such/page")

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("name", STATIC.names)
def test_a_static_file_is_kept_only_under_its_version(browser: Browser, name: str) -> None:
    kept = browser.client.get(STATIC.address(name))
    asked = browser.client.get(f"/review/static/{name}?v=other")

    assert "immutable" in kept.headers["cache-control"]
    assert asked.headers["cache-control"] == "no-cache"
    assert kept.headers["x-content-type-options"] == "nosniff"
    assert kept.content == asked.content


@pytest.mark.parametrize(
    "name", ["..%2Fface.py", "htmx.LICENSE", "nothing.css", "%2e%2e%2fface.py", "console.css%00"]
)
def test_no_other_file_is_served(browser: Browser, name: str) -> None:
    assert browser.client.get(f"/review/static/{name}").status_code == 404


@pytest.mark.parametrize(
    "given",
    [
        "https://elsewhere.example/review",
        "//elsewhere.example/review",
        "/review//elsewhere.example",
        "/reviewer",
        "/review\\@elsewhere.example",
        "/\\elsewhere.example",
        "/review/../v1/items",
        "/review/%2e%2e/x",
        "javascript:alert(1)",
        "/review\r\nSet-Cookie: a=b",
        "review",
        "",
        None,
        "/review/" + "a" * 600,
        "/review/töpfe",
    ],
)
def test_whoever_signs_in_is_sent_nowhere_else(given: str | None) -> None:
    assert safe_onward(given) == HOME


@pytest.mark.parametrize("given", ["/review", "/review/tasks/7", "/review/search?queue=urgent&said=kept"])
def test_whoever_signs_in_comes_to_the_page_that_they_asked_for(given: str) -> None:
    assert safe_onward(given) == given


@pytest.fixture
def unkeyed(office: Office, shipped_scorer: Scorer) -> Iterator[TestClient]:
    """Yield a client of a server that asks for no key, over the office's database."""
    service = make_service(ServeSettings(), shipped_scorer, keys=None, limiter=NoLimit(), review=office)
    with connect(build_app(service, make_faces(service)), None) as client:
        yield client


def test_on_a_server_that_asks_for_no_key_whoever_uses_the_machine_has_a_session(
    office: Office, unkeyed: TestClient
) -> None:
    browser = Browser(unkeyed)
    browser.get("/review/settings")
    browser.get("/review/settings")
    assert len(office.desk.read(sessions_of, 1)) == 1

    elsewhere = unkeyed.get("/review", headers={"host": "kitchen.example"})
    foreign = unkeyed.get("/review", headers={"origin": "https://elsewhere.example"})
    assert (elsewhere.status_code, foreign.status_code) == (403, 403)


def test_what_a_page_of_another_site_loads_begins_no_session(office: Office, unkeyed: TestClient) -> None:
    Browser(unkeyed)
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}

    for _ in range(3):
        unkeyed.cookies.clear()
        unkeyed.get("/review/settings", headers=headers, follow_redirects=False)

    assert office.desk.read(sessions_of, 1) == []


def test_where_this_machines_own_reviewer_is_inactive_it_says_so(office: Office, unkeyed: TestClient) -> None:
    browser = Browser(unkeyed)
    browser.get("/review/settings")
    unkeyed.cookies.clear()
    office.desk.write(change_reviewer, 1, active=False, by=Actor("system"))

    browser.get("/review/settings", status=403)


def test_a_session_of_a_server_that_asked_for_no_key_opens_none_that_does(
    browser: Browser, office: Office
) -> None:
    admin = colleague(office.desk, Role.ADMIN)
    token = office.desk.write(begin_session, admin.number, SessionKind.LOCAL)
    browser.client.cookies.set(SESSION, token, domain="127.0.0.1")

    assert browser.client.get("/review/admin", follow_redirects=False).status_code == 303


@pytest.mark.parametrize(
    ("rule", "how"),
    [({"require_totp": True}, SessionKind.PASSWORD), ({"oidc_only": True}, SessionKind.PASSWORD)],
    ids=["codes are owed now", "passwords are off now"],
)
def test_a_session_that_was_begun_by_laxer_rules_opens_nothing(
    shipped_scorer: Scorer, tmp_path: Path, rule: dict[str, bool], how: SessionKind
) -> None:
    office = office_at(tmp_path)
    reviewer = colleague(office.desk)
    token = office.desk.write(begin_session, reviewer.number, how)
    with connect(make_app(shipped_scorer, keys=ring({}), review=office), None) as client:
        Browser(client)
        client.cookies.set(SESSION, token, domain="127.0.0.1")
        before = client.get("/review/settings", follow_redirects=False)
        settings = office.desk.context.settings.model_copy(update=rule)
        office.desk.context = replace(office.desk.context, settings=settings)
        after = client.get("/review/settings", follow_redirects=False)

    assert (before.status_code, after.status_code) == (200, 303)


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "tocsin.example"},
        {"host": "127.0.0.1:8080", "x-forwarded-proto": "https"},
        {"host": "127.0.0.1:8080", "x-forwarded-for": "203.0.113.7"},
        {"host": "localhost", "via": "1.1 proxy"},
    ],
    ids=["by its name", "a proxy that has TLS", "a proxy that tells for whom", "a proxy that tells itself"],
)
def test_cookies_need_tls_wherever_a_proxy_may_have_it(browser: Browser, headers: dict[str, str]) -> None:
    given = browser.client.get("/review/sign-in", headers=headers).headers["set-cookie"]

    assert given.startswith("__Host-tocsin-visitor=")
    assert "Secure" in given
    assert "HttpOnly" in given
    assert "SameSite=lax" in given
    assert "Domain" not in given


def test_cookies_on_the_own_machine_need_none(browser: Browser) -> None:
    given = browser.client.get("/review/sign-in").headers["set-cookie"]

    assert given.startswith("tocsin-visitor=")
    assert "Secure" not in given


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"origin": "http://["},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
    ids=lambda headers: " ".join(headers.values()),
)
def test_a_form_that_another_site_sends_is_refused_whatever_it_holds(
    browser: Browser, office: Office, headers: dict[str, str]
) -> None:
    sign_in(browser, office.desk, colleague(office.desk))
    browser.get("/review/settings")
    own = re.search(rf'name="{FORM_FIELD}" value="([^"]*)"', browser.page.text)
    assert own is not None

    answer = browser.client.post("/review/settings", data={FORM_FIELD: own[1]}, headers=headers)

    assert answer.status_code == 403


@pytest.mark.parametrize("token", ["", "0" * 64, "ü"], ids=["none", "made up", "no hex"])
def test_a_form_without_its_own_token_changes_nothing(browser: Browser, office: Office, token: str) -> None:
    sign_in(browser, office.desk, colleague(office.desk))

    browser.post("/review/settings", {"theme": "dark"}, status=403, token=token)


@pytest.mark.parametrize(
    "body",
    [
        b"theme=%00",
        b"theme=%ff",
        bytes([255]),
        b"&".join(b"a=1" for _ in range(1_001)),
        b"a=" + b"1" * 262_144,
    ],
    ids=["a zero", "no UTF-8", "no ASCII", "too many fields", "too long"],
)
def test_what_is_no_form_is_refused_in_words(browser: Browser, office: Office, body: bytes) -> None:
    sign_in(browser, office.desk, colleague(office.desk))
    media = {"content-type": "application/x-www-form-urlencoded"}

    answer = browser.client.post("/review/settings", content=body, headers=media)

    assert answer.status_code in {400, 413}
    assert "a form must be" in answer.text


def test_what_a_database_says_of_a_row_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    quoting = DataError("INSERT", {"note": "salty soup"}, ValueError("failing row contains (salty soup)"))

    with pytest.raises(Refusal) as refused, refusing():
        raise quoting

    assert refused.value.why is Why.INTERNAL
    assert "ValueError" in caplog.text
    assert "salty" not in caplog.text
