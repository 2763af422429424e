"""The dashboard: figures in words, plots with a table beside them, one's own only where one asks."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tocsin.assessment import Level
from tocsin.models import Scorer
from tocsin.service.api.console.item.testing import Kitchen
from tocsin.service.api.console.plots import bars, lines, whiskers
from tocsin.service.api.console.testing import Browser, colleague, sign_in
from tocsin.service.api.testing import connect
from tocsin.service.review.care.preferences import Preferences, keep_preferences
from tocsin.service.review.contract_testing import DISMISS, decided, rows
from tocsin.service.review.decisions import Said
from tocsin.service.review.filling_testing import fill, fill_decided
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Reviewer
from tocsin.service.review.records.figures import refresh_figures
from tocsin.service.review.role import Role
from tocsin.service.review.store.console_tables import figures
from tocsin.service.review.verdict import Verdict

PATH = "/review/dashboard"
QUEUES = (Queue.REVIEW, Queue.URGENT, Queue.NOTICES, Queue.UNSCORABLE, Queue.RANDOM)


@pytest.fixture
def kitchen(tmp_path: Path, shipped_scorer: Scorer) -> Kitchen:
    return Kitchen(tmp_path, shipped_scorer)


@pytest.fixture
def browser(kitchen: Kitchen) -> Iterator[Browser]:
    with connect(kitchen.app(), None) as client:
        yield Browser(client)


@pytest.fixture
def enter(kitchen: Kitchen, browser: Browser) -> Callable[..., Reviewer]:
    """Return what signs somebody in."""

    def do(role: Role = Role.REVIEWER, name: str | None = None, **chosen: Any) -> Reviewer:
        me = colleague(kitchen.desk, role, name)
        kitchen.desk.write(keep_preferences, me.number, replace(Preferences(), **chosen))
        sign_in(browser, kitchen.desk, me)
        return me

    return do


Enter = Callable[..., Reviewer]


def test_an_empty_house_is_told_in_words_and_nothing_is_made_up(browser: Browser, enter: Enter) -> None:
    enter()
    browser.get(PATH)
    for words in (
        "Nothing was decided in the last 28 days.",
        "Nothing that the model flagged was decided in those days.",
        "0 items that the model had not flagged were drawn at random.",
        "0 of them are decided, 0 are confirmed.",
        "too few to tell a share (under 20 decided)",
        "Levels too few to say (under 500 on one side)",
        "No open task is past its deadline now.",
    ):
        assert words in browser.words


def test_what_was_decided_is_told_with_its_interval_its_condition_and_what_it_is_not(
    kitchen: Kitchen, browser: Browser, enter: Enter
) -> None:
    policy = kitchen.scorer.policy.policies[0]
    me = colleague(kitchen.desk, name="cook")
    for number in range(25):
        kitchen.hand_in(f"p{number}", f"Soup number {number} simmers.", Level.REVIEW)
    for number in range(25):
        decided(kitchen.desk, me, Said(Verdict.CONFIRM, policy.name) if number < 10 else DISMISS)
    kitchen.clock.advance(hours=24)
    enter()
    browser.get(PATH)
    assert f"{policy.title} 25 40.0 % (95% interval 23.4 % to 59.3 %)" in browser.words
    assert "the most urgent goes first" in browser.words
    assert "Known answers are left out." in browser.words
    assert "not the share of all harm that is missed" in browser.words
    assert "rule of thumb" in browser.words


def test_it_says_as_of_when_and_shows_what_was_kept(kitchen: Kitchen, browser: Browser, enter: Enter) -> None:
    while not rows(kitchen.desk, figures, figures.c.name == "days"):  # the couriers may be at it already
        refresh_figures(kitchen.desk)
        time.sleep(0.01)
    kitchen.hand_in("p1", "Soup simmers.")
    kitchen.clock.advance(40)  # less than after which they are computed anew
    enter()
    browser.get(PATH)
    assert "2 Mar 2026, 09:00 UTC , 40 s ago" in browser.words
    assert "2 Mar 2026 (so far) 0 0 0 0 0 tomorrow" in browser.words


def test_each_plot_has_a_title_and_a_table_beside_it_and_no_style(
    kitchen: Kitchen, browser: Browser, enter: Enter
) -> None:
    cook = colleague(kitchen.desk, name="cook")
    fill(kitchen.desk, 200, QUEUES, spread=timedelta(days=20))
    fill_decided(kitchen.desk, 200, [cook.number], QUEUES, spread=timedelta(days=20))
    kitchen.clock.advance(minutes=6)  # what was kept before is too old to be shown
    enter()
    page = browser.get(PATH)
    plots = re.findall(r'<svg class="plot" role="img" aria-labelledby="([^"]+)".*?</svg>', page, re.DOTALL)
    assert plots == ["handed-plot", "flagged-plot", "flow-plot", "waiting-plot", "precision-plot"]
    for one in plots:
        assert re.search(rf'<title id="{one}">[^<]+</title>', page)
    assert page.count("<summary>The same as a table</summary>") == 2
    assert page.count("<caption>") >= 5
    assert " style=" not in page
    assert "NaN" not in page


def test_ones_own_figures_are_shown_to_oneself_where_one_asks_and_never_anothers(
    kitchen: Kitchen, browser: Browser, enter: Enter
) -> None:
    cook = colleague(kitchen.desk, name="cook")
    fill_decided(kitchen.desk, 30, [cook.number], spread=timedelta(days=3))
    enter()
    assert "Your own figures" not in browser.get(PATH)
    for role in (Role.LEAD, Role.ADMIN):
        enter(role, own_figures=True)
        browser.get(PATH)
        assert "last 7 0 too few to say (under 20)" in browser.words
        assert "cook" not in browser.page.text
    kitchen.desk.write(keep_preferences, cook.number, replace(Preferences(), own_figures=True))
    sign_in(browser, kitchen.desk, cook)
    browser.get(PATH)
    assert "last 7 30 1 min" in browser.words


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.SENIOR])
def test_no_figure_tells_golden_ones_apart(
    kitchen: Kitchen, browser: Browser, enter: Enter, role: Role
) -> None:
    cook = colleague(kitchen.desk, name="cook")
    fill(kitchen.desk, 60, (Queue.GOLDEN,), spread=timedelta(days=3))
    fill_decided(kitchen.desk, 60, [cook.number], (Queue.GOLDEN,), spread=timedelta(days=3))
    kitchen.clock.advance(minutes=6)
    enter(role)
    page = browser.get(PATH)
    assert "golden" not in page.lower()
    assert "Known answer<" not in page
    assert "To review 60" in browser.words


def test_bars_are_as_tall_as_their_counts_and_stand_on_each_other() -> None:
    shape = bars([[10, 0], [10, 5]], "first", "last")
    tall = {(bar.part, round(bar.x)): bar for bar in shape.bars}
    one, other, small = sorted(tall.values(), key=lambda bar: (bar.x, bar.part))
    assert one.height == pytest.approx(other.height, abs=0.2)
    assert small.height == pytest.approx(one.height / 2, abs=0.2)
    assert other.y + other.height == pytest.approx(one.y, abs=0.2)
    assert [line.label for line in shape.grid] == ["0", "10", "20"]


@pytest.mark.parametrize("counts", [[0] * 28, [1] * 28, [0, 7, 123_456]], ids=str)
def test_a_plot_stays_within_its_frame(counts: list[int]) -> None:
    for shape in (bars([counts], "a", "b"), lines([counts, counts], "a", "b")):
        for bar in shape.bars:
            assert shape.left <= bar.x <= bar.x + bar.width <= shape.width
            assert 0 <= bar.y <= bar.y + bar.height <= shape.height
        for points in shape.lines:
            places = [tuple(map(float, point.split(","))) for point in points.split()]
            assert all(shape.left <= x <= shape.width and 0 <= y <= shape.height for x, y in places)


def test_an_interval_lies_around_its_point() -> None:
    (row,) = whiskers([("soup", 0.0, 0.25, 1.0)]).whiskers
    assert row.low < row.point < row.high
    assert row.point == pytest.approx(row.low + (row.high - row.low) / 4, abs=0.2)
