"""One's own settings, a break, and what one is told of one's own reading."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, fields, replace
from pathlib import Path

import pytest

from tocsin.models import Scorer
from tocsin.service.api.console.pages.settings import WORDS
from tocsin.service.api.console.testing import Browser, colleague, sign_in
from tocsin.service.api.review.testing import ToyAssessor, ring
from tocsin.service.api.testing import connect, make_app
from tocsin.service.review import Desk, make_desk, review_settings
from tocsin.service.review.care import Preferences, keep_preferences, preferences_of
from tocsin.service.review.care.preferences import CHOICES
from tocsin.service.review.care.testing import put_lighter, put_severe, reads
from tocsin.service.review.contract_testing import FixedClock, claimed
from tocsin.service.review.office import Office
from tocsin.service.review.ready_testing import put_tables
from tocsin.service.review.records import Reviewer
from tocsin.service.review.role import Role
from tocsin.service.review.tasks import claim_next, held_by

HERE = "/review/settings"
TICKS = [one.name for one in fields(Preferences) if isinstance(one.default, bool)]
OTHERS = Preferences("dark", True, "low", "serif", "huge", "word", "text", False, False, 25, True)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def desk(tmp_path: Path, clock: FixedClock) -> Desk:
    """Return a desk at which three severe texts are enough for a shift."""
    settings = review_settings(audit_share=0.0, severe_a_shift=3, severe_in_a_row=0)
    put_tables(tmp_path)
    made = make_desk(settings, tmp_path, policies=frozenset({"hate"}))
    return Desk(made.store, replace(made.context, clock=clock))


@pytest.fixture
def ada(desk: Desk) -> Reviewer:
    return colleague(desk, name="Ada")


@pytest.fixture
def browser(desk: Desk, ada: Reviewer, shipped_scorer: Scorer) -> Iterator[Browser]:
    """Yield a browser in which Ada is signed in."""
    app = make_app(shipped_scorer, keys=ring({}), assessor=ToyAssessor(shipped_scorer), review=Office(desk))
    with connect(app, None) as client:
        yield sign_in(Browser(client), desk, ada)


def form_of(preferences: Preferences) -> dict[str, str]:
    """Return what a browser sends for these: a box that is not ticked does not come."""
    told = asdict(preferences)
    return {
        name: "yes" if name in TICKS else str(value) for name, value in told.items() if value is not False
    }


def kept(desk: Desk, of: Reviewer) -> Preferences:
    return desk.store.read(lambda tx: preferences_of(tx, of.number))


def checked(html: str) -> set[tuple[str, str]]:
    """Return the names and values of what is chosen."""
    return {
        (name, value)
        for name, value in re.findall(
            r'<input type="(?:radio|checkbox)" name="(\w+)" value="(\w+)"[^>]* checked', html
        )
    }


def test_the_page_shows_every_preference_in_words_with_what_is_chosen(browser: Browser) -> None:
    html = browser.get(HERE)
    assert {*WORDS, "break_minutes"} == {one.name for one in fields(Preferences)}
    assert {name: tuple(words.choices) for name, words in WORDS.items() if words.choices} == dict(CHOICES)
    for words in WORDS.values():
        assert words.title in browser.words
        assert all(says in browser.words for says in words.choices.values())
    usual = Preferences()
    expected = {(name, getattr(usual, name)) for name in CHOICES}
    assert checked(html) == expected | {(name, "yes") for name in TICKS if getattr(usual, name)}
    assert 'value="50"' in html
    assert "simmers" in browser.words
    assert 'href="/review/settings/security"' in html


def test_what_one_keeps_is_kept_shown_and_in_force_at_once(
    browser: Browser, desk: Desk, ada: Reviewer
) -> None:
    browser.get(HERE)
    html = browser.post(HERE, form_of(OTHERS))
    assert browser.path == f"{HERE}?said=kept"
    assert "Kept." in browser.words
    assert kept(desk, ada) == OTHERS
    (root,) = re.findall(r"<html[^>]*>", html)
    for told in ('data-theme="dark"', 'data-font="serif"', 'data-size="huge"', 'data-contrast="low"'):
        assert told in root
    assert " data-grey" in root
    assert " data-no-shortcuts" in root
    expected = {(name, getattr(OTHERS, name)) for name in CHOICES}
    assert checked(html) == expected | {(name, "yes") for name in TICKS if getattr(OTHERS, name)}
    browser.post(HERE, form_of(Preferences()))
    assert kept(desk, ada) == Preferences()


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        pytest.param({"theme": "sepia"}, "theme must be one of system, light, dark", id="no choice"),
        pytest.param({"break_minutes": "soon"}, "must be a whole number", id="no number"),
        pytest.param({"break_minutes": ""}, "must be a whole number", id="nothing"),
        pytest.param({"break_minutes": "481"}, "from 0 to 480", id="too long"),
        pytest.param({"break_minutes": "9" * 400}, "must be a whole number", id="far too long"),
    ],
)
def test_what_is_no_choice_is_refused_and_nothing_is_kept(
    browser: Browser, desk: Desk, ada: Reviewer, changed: dict[str, str], rule: str
) -> None:
    browser.get(HERE)
    browser.post(HERE, form_of(OTHERS) | changed, status=422)
    assert "Nothing was kept" in browser.words
    assert rule in browser.words
    assert kept(desk, ada) == Preferences()


def test_ones_settings_are_ones_own(browser: Browser, desk: Desk, ada: Reviewer) -> None:
    bob = colleague(desk, name="Bob")
    desk.write(keep_preferences, bob.number, OTHERS)
    assert 'data-theme="system"' in browser.get(HERE)
    browser.post(HERE, form_of(Preferences(size="large")))
    assert kept(desk, bob) == OTHERS


def test_the_settings_say_what_is_set_for_everybody(browser: Browser) -> None:
    browser.get(HERE)
    assert "at most 3 severe texts in 8 hours" in browser.words
    assert "No limit of severe texts in a row is set." in browser.words


def test_every_page_says_how_many_severe_texts_one_read_of_how_many(
    browser: Browser, desk: Desk, ada: Reviewer
) -> None:
    browser.get(HERE)
    assert "this shift" not in browser.words
    put_severe(desk, "s1", "s2", "s3")
    put_lighter(desk, "l1")
    reads(desk, ada, 2)
    browser.get(HERE)
    assert "2 of 3 severe texts this shift" in browser.words
    reads(desk, ada)
    browser.get(HERE)
    assert (
        "3 of 3 severe texts this shift: until 2 Mar 2026, 17:00 UTC you are served lighter ones"
        in browser.words
    )


def test_nobody_else_is_told_of_my_reading(browser: Browser, desk: Desk, ada: Reviewer) -> None:
    put_severe(desk, "s1")
    reads(desk, ada)
    sign_in(browser, desk, colleague(desk, Role.ADMIN))
    browser.get(HERE)
    assert "this shift" not in browser.words


def test_a_break_is_suggested_after_as_long_as_one_chose_and_no_more_after_a_pause(
    browser: Browser, desk: Desk, ada: Reviewer, clock: FixedClock
) -> None:
    desk.write(keep_preferences, ada.number, Preferences(break_minutes=12))
    put_lighter(desk, "l1", "l2", "l3", "l4")
    for _ in range(3):
        reads(desk, ada)
        clock.advance(minutes=4)
        browser.get(HERE)
    assert "worked for 12 min without a pause" in browser.words
    assert 'href="/review/break"' in browser.page.text
    browser.get("/review/break")
    assert "worked for" not in browser.words
    clock.advance(minutes=5)
    browser.get(HERE)
    assert "worked for" not in browser.words


def test_a_break_shows_no_text_and_leads_back(browser: Browser, desk: Desk, ada: Reviewer) -> None:
    put_severe(desk, "s1")
    reads(desk, ada)
    browser.get("/review/break")
    assert "Stand up if you can" in browser.words
    assert "severe" not in browser.words
    assert "You hold" not in browser.words
    assert 'href="/review" data-key="q"' in browser.page.text


def test_what_one_holds_can_be_given_back_before_a_break(
    browser: Browser, desk: Desk, ada: Reviewer, clock: FixedClock
) -> None:
    put_lighter(desk, "l1", "l2")
    bob = colleague(desk, name="Bob")
    for _ in range(2):
        claimed(desk, ada)
    browser.get("/review/break")
    assert "You hold 2 tasks. The first goes back to the others in 15 min" in browser.words
    clock.advance(minutes=16)
    browser.get("/review/break")
    assert "Your time for the first ran out" in browser.words
    browser.post("/review/break")
    assert "Given back." in browser.words
    assert desk.read(held_by, ada) == []
    assert desk.jot(claim_next, bob) is not None


def test_where_only_severe_ones_are_left_it_is_said_with_a_break(
    browser: Browser, desk: Desk, ada: Reviewer
) -> None:
    put_severe(desk, "s1", "s2", "s3", "s4")
    reads(desk, ada, 3)
    browser.get(HERE)
    browser.post("/review/claims")
    assert "Enough for now" in browser.words
    assert 'href="/review/break"' in browser.page.text


def test_the_script_of_the_settings_is_ours_and_the_page_works_without_it(browser: Browser) -> None:
    html = browser.get(HERE)
    (script,) = re.findall(r'src="(/review/static/settings\.js\?v=\w+)"', html)
    assert browser.client.get(script).status_code == 200
    assert '<button class="main">Keep</button>' in html
