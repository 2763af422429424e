"""A server that asks for no key: nobody signs in, and no account is made or changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tocsin.models import Scorer
from tocsin.service.api.app import build_app
from tocsin.service.api.console.cookies import SESSION
from tocsin.service.api.console.testing import Browser, colleague
from tocsin.service.api.making import make_faces, make_service
from tocsin.service.api.review.testing import office_at
from tocsin.service.api.settings import ServeSettings
from tocsin.service.api.testing import NoLimit, connect
from tocsin.service.review import Desk
from tocsin.service.review.accounts.sessions import form_token
from tocsin.service.review.accounts.testing import OTHER_PASSWORD, PASSWORD, hashing_quickly, with_password
from tocsin.service.review.contract_testing import rows
from tocsin.service.review.office import Office
from tocsin.service.review.store.console_tables import accounts
from tocsin.service.review.store.tables import reviewers

SECURITY = "/review/settings/security"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return office_at(tmp_path)


@pytest.fixture
def desk(office: Office) -> Desk:
    return office.desk


@pytest.fixture
def browser(office: Office, shipped_scorer: Scorer) -> Iterator[Browser]:
    service = make_service(ServeSettings(), shipped_scorer, keys=None, limiter=NoLimit(), review=office)
    with connect(build_app(service, make_faces(service)), None) as client:
        yield Browser(client)


@pytest.mark.parametrize("path", ["sign-in", "sign-in/code", "sign-in/enrol", "welcome/7"])
def test_nobody_signs_in(browser: Browser, path: str) -> None:
    answer = browser.client.get(f"/review/{path}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/review")


def test_pages_about_signing_in_say_so_and_offer_nothing(browser: Browser) -> None:
    for path in (SECURITY, "/review/admin", "/review/admin/reviewers/1"):
        browser.get(path)
        assert "Nobody signs in here" in browser.words
        assert 'method="post"' not in browser.page.text


def test_no_account_is_made_or_changed(browser: Browser, desk: Desk) -> None:
    with hashing_quickly():
        ada = with_password(desk, colleague(desk, name="Ada"))
    browser.get("/review/admin")
    before = rows(desk, accounts), rows(desk, reviewers)
    given = form_token(browser.client.cookies.get(SESSION) or "")
    for path, fields in [
        ("/review/admin/reviewers", {"name": "bob", "role": "admin"}),
        (f"/review/admin/reviewers/{ada.number}/role", {"role": "admin"}),
        (f"/review/admin/reviewers/{ada.number}/active", {"active": "no"}),
        (f"/review/admin/reviewers/{ada.number}/invitation", {}),
        (f"/review/admin/reviewers/{ada.number}/reset", {}),
        (f"{SECURITY}/password", {"old": PASSWORD, "new": OTHER_PASSWORD, "again": OTHER_PASSWORD}),
        (f"{SECURITY}/codes", {"password": PASSWORD}),
    ]:
        browser.post(path, fields, 409, token=given)
    assert (rows(desk, accounts), rows(desk, reviewers)) == before
