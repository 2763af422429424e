"""Signing in through an identity provider in a real browser, with its rules for forms and cookies."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tocsin.models import Scorer
from tocsin.service.api.console.testing import colleague
from tocsin.service.api.review.testing import ToyAssessor, ring
from tocsin.service.api.testing import live, make_app
from tocsin.service.review import make_desk, review_settings
from tocsin.service.review.accounts.invitation import invite, path_of
from tocsin.service.review.accounts.oidc.testing import CLIENT, SECRET, fake_provider
from tocsin.service.review.clock import now
from tocsin.service.review.log import OPERATOR
from tocsin.service.review.office import Office

playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

SECURITY = "/review/settings/security"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_browser_goes_out_to_the_provider_and_comes_back_signed_in(
    browser: Any, tmp_path: Path, shipped_scorer: Scorer, scripts: bool
) -> None:
    port = free_port()
    secret = tmp_path / "oidc.secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    with fake_provider(now) as fake:
        # By another name than the console: to the browser they are different sites.
        fake.issuer = fake.issuer.replace("127.0.0.1", "localhost")
        settings = review_settings(
            oidc_issuer=fake.issuer,
            oidc_client_id=CLIENT,
            oidc_client_secret_file=secret,
            oidc_name="the kitchen",
            console_url=f"http://127.0.0.1:{port}",
        )
        desk = make_desk(settings, tmp_path)
        app = make_app(
            shipped_scorer, keys=ring({}), assessor=ToyAssessor(shipped_scorer), review=Office(desk)
        )
        alice = colleague(desk, name="alice")
        token = desk.write(invite, alice.number, by=OPERATOR)
        with live(app, port=port) as url:
            page = browser.new_context(java_script_enabled=scripts).new_page()

            page.goto(f"{url}{path_of(token)}")
            page.get_by_role("button", name="Sign in with the kitchen").click()
            page.wait_for_url(f"{url}/review?said=oidc-linked")
            page.context.clear_cookies()
            page.goto(f"{url}{SECURITY}")
            assert "/review/sign-in" in page.url
            page.get_by_role("button", name="Sign in with the kitchen").click()
            page.wait_for_url(f"{url}{SECURITY}")

            assert "alice" in page.inner_text(".who")
            page.context.close()
