"""The lists answer in under 300 ms with a hundred thousand open tasks, whatever is asked of them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tocsin.models import Scorer
from tocsin.service.api.console.lists_testing import SEARCHES, FilledHouse
from tocsin.service.api.console.testing import Browser, sign_in
from tocsin.service.api.testing import connect
from tocsin.service.review.records.figures import refresh_figures

pytestmark = pytest.mark.alone  # pages are held to a time

OPEN, DONE = 100_000, 20_000
LIMIT_S = 0.3
TRIES = 12  # a machine that others use too has a quiet moment among them


def quickest(browser: Browser, path: str) -> float:
    """Return the least time of several, or the first that is within the limit."""
    best = LIMIT_S * 100
    for _ in range(TRIES):
        start = time.perf_counter()
        browser.get(path)
        best = min(best, time.perf_counter() - start)
        if best < LIMIT_S:
            break
    return best


def test_every_list_answers_in_time_over_a_hundred_thousand_open_tasks(
    database_url: str, tmp_path: Path, shipped_scorer: Scorer
) -> None:
    house = FilledHouse(tmp_path, shipped_scorer, database_url, OPEN, DONE)
    with connect(house.app(), None) as client:
        browser = sign_in(Browser(client), house.desk, house.lead)
        refresh_figures(house.desk)
        browser.get("/review")
        assert f"{OPEN:,} tasks are open" in browser.words
        paths = ["/review", "/review/dashboard", *(f"/review/search{query}" for query in SEARCHES.values())]
        took = {path: quickest(browser, path) for path in paths}
    assert {path: seconds for path, seconds in took.items() if seconds >= LIMIT_S} == {}
