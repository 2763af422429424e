"""What every page of the console stands in: headers, static files, who is let in, and whose form it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tocsin.models import Scorer
from tocsin.service.api.console.answer import HOME, safe_onward
from tocsin.service.api.console.pages import PAGES
from tocsin.service.api.console.static_files import STATIC
from tocsin.service.api.console.testing import Browser, colleague, sign_in
from tocsin.service.api.review.testing import ToyAssessor, office_at, ring
from tocsin.service.api.testing import connect, make_app
from tocsin.service.review.accounts.sessions import sessions_of
from tocsin.service.review.office import Office
from tocsin.service.review.role import Role

GETS = [page for page in PAGES if page.method == "GET"]
POSTS = [page for page in PAGES if page.method == "POST"]
LEAST = {page.name: page.who for page in PAGES}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return office_at(tmp_path)


@pytest.fixture
def browser(office: Office, shipped_scorer: Scorer) -> Iterator[Browser]:
    app = make_app(shipped_scorer, keys=ring({}), assessor=ToyAssessor(shipped_scorer), review=office)
    with connect(app, None) as client:
        yield Browser(client)


def at(path: str) -> str:
    return re.sub(r"\{\w+\}", "7", path)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
@pytest.mark.parametrize("role", [None, *Role], ids=lambda role: role.word if role else "nobody")
def test_a_page_is_open_to_those_whom_it_names_and_to_nobody_else(
    browser: Browser, office: Office, page: object, role: Role | None
) -> None:
    from tocsin.service.api.console.page import Page

    assert isinstance(page, Page)
    if role is not None:
        sign_in(browser, office.desk, colleague(office.desk, role))
    else:
        browser.client.get("/review/sign-in")
    client: TestClient = browser.client

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
    browser: Browser, office: Office, page: object
) -> None:
    from tocsin.service.api.console.page import Page

    assert isinstance(page, Page)
    sign_in(browser, office.desk, colleague(office.desk, Role.ADMIN))

    answer = browser.client.get(at(page.path))

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


def test_on_a_server_that_asks_for_no_key_whoever_uses_the_machine_has_a_session(
    office: Office, shipped_scorer: Scorer
) -> None:
    from tocsin.service.api.app import build_app
    from tocsin.service.api.making import make_faces, make_service
    from tocsin.service.api.settings import ServeSettings
    from tocsin.service.api.testing import NoLimit

    service = make_service(ServeSettings(), shipped_scorer, keys=None, limiter=NoLimit(), review=office)
    with connect(build_app(service, make_faces(service)), None) as client:
        browser = Browser(client)
        browser.get("/review")
        browser.get("/review")
        mine = office.desk.read(sessions_of, 1)
        elsewhere = client.get("/review", headers={"host": "kitchen.example"})
        foreign = client.get("/review", headers={"origin": "https://elsewhere.example"})

    assert len(mine) == 1
    assert (elsewhere.status_code, foreign.status_code) == (403, 403)
