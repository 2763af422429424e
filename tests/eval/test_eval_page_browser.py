from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tocsin.assessment import ModelStamp, PolicyStamp
from tocsin.eval.page import render_page
from tocsin.eval.report import Report, RowsRead
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.suite import Answer, Measured
from tocsin.eval.tables import Better, Column, Kind, Plot, Row, Table

playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")


def wide_and_long(rows_of: int = 30, name: str = "wide") -> Table:
    figures = [Column(f"f{n}", f"share number {n}", Kind.SHARE, better=Better.HIGHER) for n in range(8)]
    columns = (Column("dish", "dish", Kind.CODE, key=True), Column("place", "place", key=True), *figures)
    rows: list[Row] = [
        {
            "dish": "a_dish_of_long_name",
            "place": f"{n}",
            **{one.name: Estimate(0.5, 0.4, 0.6) for one in figures},
        }
        for n in range(rows_of)
    ]
    return Table(name, "Wide and long", columns, rows, plot=Plot.BARS)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    measured = Measured((wide_and_long(), wide_and_long(60, "longer")), ("All is `well`.",))
    told = Report(
        ModelStamp("toy", "1", "sha256:ab"),
        "recipe",
        ("en",),
        PolicyStamp("1", "sha256:cd"),
        RowsRead({"cooking": 9}),
        "2026-11-23",
        "0.1.0",
        (Answer("kitchen", "Kitchen", "Done?", measured, None, 0.0),),
    )
    path: Path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render_page(told), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.mark.parametrize("width", [360, 1280], ids=["a phone", "a desk"])
def test_nothing_but_a_tables_own_box_scrolls_sideways_and_nothing_is_asked_for(
    browser: Any, address: str, width: int
) -> None:
    view = browser.new_page(viewport={"width": width, "height": 900})
    said: list[str] = []
    view.on("console", lambda message: said.append(message.text))
    view.on("request", lambda request: said.append(request.url) if request.url != address else None)
    view.goto(address)
    view.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")

    over = view.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    assert over == 0
    assert said == []


def test_print_opens_what_is_folded_and_no_table_is_wider_than_the_paper(browser: Any, address: str) -> None:
    view = browser.new_page(viewport={"width": 688, "height": 900})  # A4 less its margins
    view.goto(address)
    row = "document.querySelector('tbody tr:last-child')"
    visible = f"document.body.offsetHeight > 0 && {row}.checkVisibility()"  # laid out, then asked

    assert not view.evaluate(visible)
    view.emulate_media(media="print")
    assert view.evaluate(visible)
    assert view.evaluate("document.querySelector('table').offsetWidth") <= 688
    longer = "document.querySelector('#kitchen-longer-figures tbody tr:last-child')"
    assert not view.evaluate(f"document.body.offsetHeight > 0 && {longer}.checkVisibility()")
