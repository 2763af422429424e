"""The report as people read it: at a desk and on a phone, by day and by night, on paper."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tocsin.service.audit.known.testing import CHOIR, find
from tocsin.service.audit.reporting import report_of
from tocsin.service.audit.reporting.page import render_report
from tocsin.service.audit.reporting.testing import audit_posts, label, timed_posts

playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LONG = "a_very_long_name_of_a_place_that_nobody_would_ever_write_down_" * 3


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("audit")
    posts = [post | {"place": LONG if n % 3 else "Quell"} for n, post in enumerate(timed_posts(900))]
    posts += [{"id": f"k-{n}", "text": CHOIR.format("Monday"), "place": LONG} for n in range(30)]
    layout, manifest = audit_posts(folder, posts, name=f"{LONG}.jsonl", time="at", weight="views")
    label(layout, manifest, lambda _, place: "yes" if place % 9 == 0 else "no", labels=200)
    find(layout)
    path: Path = folder / "report.html"
    path.write_text(render_report(report_of(layout, manifest)), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.mark.parametrize(
    ("width", "scheme", "asked"),
    [
        pytest.param(360, "light", False, id="a phone by day"),
        pytest.param(360, "dark", True, id="a phone by night"),
        pytest.param(1280, "light", True, id="a desk by day"),
        pytest.param(1280, "dark", False, id="a desk by night"),
    ],
)
def test_it_fits_asks_for_nothing_and_is_accessible(
    browser: Any, address: str, width: int, scheme: str, asked: bool
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    view = context.new_page()
    said: list[str] = []
    view.on("console", lambda message: said.append(message.text))
    view.on("request", lambda request: said.append(request.url) if request.url != address else None)
    view.goto(address)
    view.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")

    over = view.evaluate(OVER)
    found = axe.Axe().run(view).response["violations"] if asked else []

    assert over == 0
    assert said == []
    assert [one["id"] for one in found] == []
    context.close()


def test_its_own_policy_lets_no_script_run(browser: Any, address: str) -> None:
    view = browser.new_page()
    refused: list[str] = []
    view.on("console", lambda message: refused.append(message.text))
    view.goto(address)
    view.evaluate(
        "const one = document.createElement('script'); one.textContent = 'window.ran = 1';"
        " document.body.append(one)"
    )

    assert view.evaluate("window.ran") is None
    assert any("Content Security Policy" in one for one in refused)
    view.close()


def test_on_paper_what_is_folded_is_open_and_nothing_is_wider(browser: Any, address: str) -> None:
    view = browser.new_page(viewport={"width": 688, "height": 900})  # A4 less its margins
    view.goto(address)
    view.emulate_media(media="print")
    row = "document.querySelector('details:not(.unprinted) tbody tr:last-child')"

    assert view.evaluate(f"document.body.offsetHeight > 0 && {row}.checkVisibility()")
    assert view.evaluate(OVER) == 0
    view.close()
