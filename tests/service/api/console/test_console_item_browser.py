"""The item page in a real browser: a keyboard alone, a script that helps, and all of it without one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tocsin.assessment import Span
from tocsin.models import Scorer
from tocsin.service.api.console.cookies import SESSION
from tocsin.service.api.console.item.testing import Kitchen
from tocsin.service.api.console.testing import colleague
from tocsin.service.api.testing import live
from tocsin.service.review.accounts.sessions import SessionKind, begin_session
from tocsin.service.review.contract_testing import rows
from tocsin.service.review.role import Role
from tocsin.service.review.sampling_testing import sampled_posts
from tocsin.service.review.store.tables import decisions
from tocsin.signals import Signal

playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

TEXT = "Marjoram soup simmers quietly. Pumpernickel stands beside it! Salt is there."


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def kitchen(tmp_path: Path, shipped_scorer: Scorer) -> Kitchen:
    """Return a kitchen in which two texts wait."""
    made = Kitchen(tmp_path, shipped_scorer)
    made.hand_in("p-17", TEXT, thread=("Tea before?",), spans=(Span(0, 8, Signal.HATE, 1.0),))
    made.hand_in("p-18", "Another soup.")
    return made


@pytest.fixture
def opened(kitchen: Kitchen, browser: Any) -> Iterator[Any]:
    """Yield what opens the first task's page for a senior, with or without scripts."""
    token = kitchen.desk.write(
        begin_session, colleague(kitchen.desk, Role.SENIOR).number, SessionKind.PASSWORD
    )
    contexts = []
    with live(kitchen.app()) as url:

        def do(**given: Any) -> Any:
            context = browser.new_context(**given)
            context.add_cookies([{"name": SESSION, "value": token, "url": url}])
            contexts.append(context)
            page = context.new_page()
            page.faults = []
            page.on("console", lambda said: page.faults.append(said.text) if said.type == "error" else None)
            page.on("pageerror", lambda error: page.faults.append(str(error)))
            page.goto(f"{url}/review/tasks/1")
            return page

        yield do
        for context in contexts:
            context.close()


def take(page: Any) -> None:
    """Take the task by its key; its page is there, and whatever runs in it, afterwards."""
    page.keyboard.press("c")
    page.wait_for_selector("#decision")
    page.wait_for_load_state()


def shown(page: Any, words: str) -> None:
    page.wait_for_function(
        "words => document.getElementById('texts-said').textContent.startsWith(words)", arg=words
    )


def test_a_task_is_taken_read_and_decided_by_keys_alone(opened: Any, kitchen: Kitchen) -> None:
    page = opened()
    take(page)
    page.keyboard.press("v")
    shown(page, "4 of 11 words shown")
    page.keyboard.press("V")
    shown(page, "11 of 11 words shown")
    page.keyboard.press("t")
    page.wait_for_selector("text=Tea before?")
    page.keyboard.press("h")
    shown(page, "0 of 11 words shown")
    page.keyboard.press("4")
    page.keyboard.press("a")
    page.keyboard.type("Salty: c d s")
    page.keyboard.press("Escape")
    with page.expect_navigation():
        page.keyboard.press("c")
    (made,) = rows(kitchen.desk, decisions)
    assert (made.verdict, made.policy, made.note) == ("confirm", "hate", "Salty: c d s")
    assert page.url.endswith("/review/tasks/2?said=decided")
    with page.expect_navigation():
        page.keyboard.press("u")
    assert page.url.endswith("/review/tasks/1?said=undone")
    assert page.faults == []


def test_every_policy_of_a_sampled_text_is_answered_by_keys_alone(opened: Any, kitchen: Kitchen) -> None:
    sampled_posts(kitchen.desk, 1, 2)
    page = opened()
    page.goto(page.url.replace("tasks/1", "tasks/3"))
    take(page)
    page.keyboard.press("V")
    playwright.expect(page.locator("#hide")).to_be_visible()
    page.keyboard.press("1")
    page.keyboard.press("2")
    page.keyboard.press("1")  # again: it is none
    page.keyboard.press("o")
    playwright.expect(page.locator("details[open] input[name=unsure] >> nth=0")).to_be_focused()
    page.keyboard.press("Space")
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe")
    found = axe.Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    with page.expect_navigation():
        page.keyboard.press("c")
    (made,) = rows(kitchen.desk, decisions)
    assert (made.verdict, made.policies, made.unsure) == ("confirm", ["incitement"], ["hate"])
    assert page.faults == []


def test_a_part_that_is_shown_loads_no_page_and_keeps_the_readers_place(opened: Any) -> None:
    page = opened()
    take(page)
    page.fill("#note", "half a thou")
    page.evaluate("window.same = true")
    page.focus("#reveal-next")
    page.keyboard.press("Enter")
    shown(page, "4 of 11 words shown")
    assert page.evaluate("document.activeElement.id") == "reveal-next"
    page.focus(".mask")
    page.keyboard.press("Enter")
    shown(page, "8 of 11 words shown")
    page.wait_for_function("() => document.activeElement.id === 'reveal-next'")
    page.focus("#reveal-next")
    page.keyboard.press("Enter")
    shown(page, "11 of 11 words shown")
    page.wait_for_function("() => document.activeElement.id === 'hide'")
    assert page.evaluate("window.same") is True
    assert page.input_value("#note") == "half a thou"
    assert page.faults == []


def test_a_press_on_what_has_just_been_shown_loads_no_page_either(opened: Any) -> None:
    page = opened()
    take(page)
    page.fill("#note", "half a thou")
    page.evaluate(
        """() => document.addEventListener(
            "htmx:afterSwap",
            () => setTimeout(() => document.getElementById("reveal-next").click()),
            { once: true },
        )"""
    )
    page.evaluate("document.getElementById('reveal-next').click()")
    shown(page, "8 of 11 words shown")
    assert page.input_value("#note") == "half a thou"
    assert page.faults == []


def test_whoever_escalates_types_the_reason_at_once(opened: Any, kitchen: Kitchen) -> None:
    page = opened()
    take(page)
    page.keyboard.press("e")
    page.wait_for_function("() => document.activeElement.id === 'escalate_reason'")
    page.keyboard.type("In Zorbian")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert [(one.verdict, one.reason) for one in rows(kitchen.desk, decisions)] == [
        ("escalate", "In Zorbian")
    ]


def test_how_long_the_task_is_ones_own_is_said_before_it_ends_and_when_it_has(opened: Any) -> None:
    page = opened()
    take(page)
    page.clock.install()
    page.reload()
    assert page.inner_text(".lease-said") == ""
    page.clock.fast_forward("12:00")
    assert page.inner_text(".lease-left") == "3 min left"
    assert page.inner_text(".lease-said") == ""
    page.clock.fast_forward("01:30")
    said = "The task is yours for 1.5 min more. Renew it if you need longer."
    assert page.inner_text(".lease-said") == said
    page.clock.fast_forward("02:00")
    assert page.inner_text(".lease-left") == "your time has run out"
    assert "Your time has run out: others may take the task." in page.inner_text(".lease-said")
    assert page.get_attribute(".lease-said", "role") == "status"


def test_a_note_that_was_typed_is_not_lost_without_asking(opened: Any) -> None:
    page = opened()
    take(page)
    asked: list[str] = []

    def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.click("#note")
    page.keyboard.type("half a thought")
    page.click("text=History of the item", no_wait_after=True)
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    assert page.url.endswith("/review/tasks/1")


def test_a_refusal_is_shown_beside_the_text_that_stays(opened: Any, kitchen: Kitchen) -> None:
    page = opened()
    take(page)
    page.eval_on_selector("#reveal-next", "button => { button.value = 'sentence:99' }")
    page.click("#reveal-next")
    page.wait_for_selector("#fault [role=alert]")
    assert "There is no such sentence to show." in page.inner_text("#fault")
    assert page.is_visible("#text-title")


def test_a_server_that_cannot_be_reached_is_told_of_beside_what_is_there(opened: Any) -> None:
    page = opened()
    take(page)
    page.context.set_offline(True)
    page.click("#reveal-next")
    page.wait_for_selector("#fault [role=alert]")
    assert "The server could not be reached, and nothing was changed." in page.inner_text("#fault")
    assert page.is_visible("#decision")


@pytest.mark.parametrize("width", [360, 1_280])
def test_all_of_it_works_without_a_script_and_nothing_is_wider_than_the_window(
    opened: Any, kitchen: Kitchen, width: int
) -> None:
    page = opened(java_script_enabled=False, viewport={"width": width, "height": 800})
    page.click("text=Take this task")
    page.click("#reveal-next")
    assert "Marjoram soup simmers quietly." in page.inner_text(".text")
    page.click(".mask >> nth=0")
    assert "Pumpernickel" in page.inner_text(".text")
    assert page.locator("body").bounding_box()["width"] <= width
    page.click("#hide")
    assert "Marjoram" not in page.content()
    page.check("input[type=radio] >> nth=0")
    page.click("text=Confirm")
    assert len(rows(kitchen.desk, decisions)) == 1
    page.click("[data-key=u]")
    assert rows(kitchen.desk, decisions)[0].undone_at is not None


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", ["free", "in hand", "partly shown", "history"])
def test_nothing_on_it_shuts_people_out(opened: Any, state: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe")
    page = opened(color_scheme=scheme)
    if state != "free":
        page.keyboard.press("c")
        page.wait_for_selector("#decision")
    if state == "partly shown":
        page.keyboard.press("v")
        shown(page, "4 of 11 words shown")
    if state == "history":
        page.keyboard.press("i")
        page.wait_for_selector("text=Who saw it")
    found = axe.Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
