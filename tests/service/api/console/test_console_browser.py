"""The console as people use it: a real browser, a keyboard alone, a platform that listens."""

from __future__ import annotations

import json
import shutil
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tocsin.models import Scorer
from tocsin.service.api.console.cookies import SESSION
from tocsin.service.api.review.testing import KITCHEN, PLATFORM_SECRET, ToyAssessor, ring
from tocsin.service.api.testing import live, make_app
from tocsin.service.review import make_desk, review_settings
from tocsin.service.review.accounts.administration import add_with_password
from tocsin.service.review.accounts.sessions import SessionKind, begin_session
from tocsin.service.review.care.preferences import Preferences, keep_preferences
from tocsin.service.review.desk import Desk
from tocsin.service.review.listening_testing import Platform
from tocsin.service.review.log import Actor, read_head, verify
from tocsin.service.review.office import Office
from tocsin.service.review.records.reviewers import find_reviewer
from tocsin.service.review.role import Role
from tocsin.service.review.tasks import reassign

playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe")
playwright.expect.set_options(timeout=20_000)  # on a busy machine
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")

SERIOUS = {"serious", "critical"}
PASSWORD = "soup and dumplings on Friday"  # noqa: S105 - opens nothing outside a test
NOTICE = {"id": "n-1", "kind": "notice", "source": "user", "statement": "Too much pepper."}
PAGES = {
    "queues": "/review",
    "item": "/review/tasks/1",
    "item held": "/review/tasks/2",
    "history": "/review/tasks/1/history",
    "search": "/review/search?state=open",
    "dashboard": "/review/dashboard",
    "settings": "/review/settings",
    "security": "/review/settings/security",
    "break": "/review/break",
    "log": "/review/log",
    "admin": "/review/admin",
    "messages": "/review/messages",
    "nothing there": "/review/tasks/4711",
}
LOOKS = {
    "desk, light": ((1280, 900), "light"),
    "desk, dark": ((1280, 900), "dark"),
    "phone, light": ((360, 780), "light"),
    "phone, dark": ((360, 780), "dark"),
}


class House:
    """A server with a queue, reviewers who have passwords, and a platform that listens."""

    def __init__(self, desk: Desk, url: str, platform: Platform) -> None:
        self.desk = desk
        self.url = url
        self.platform = platform

    def hand_in(self, *items: dict[str, Any]) -> None:
        """Hand texts in as the platform does."""
        request = urllib.request.Request(  # noqa: S310 - our own
            f"{self.url}/v1/items",
            json.dumps({"items": list(items)}).encode(),
            {"Authorization": f"Bearer {PLATFORM_SECRET}"},
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            assert answer.status == 200

    def hears(self, kind: str, after: int) -> dict[str, Any]:
        """Return the latest message of this kind that the platform gets beyond `after` others."""
        until = time.monotonic() + 20
        while time.monotonic() < until:
            found = [one for one in list(self.platform.got.values())[after:] if one["type"] == kind]
            if found:
                return dict(found[-1])
            time.sleep(0.05)
        raise AssertionError(f"the platform must hear of {kind}, heard of {len(self.platform.got)} messages")

    def holds(self, task: int, role: Role) -> None:
        """Give a task to a reviewer."""
        by = self.desk.read(lambda tx, _: find_reviewer(tx, int(role)))
        self.desk.write(reassign, by, task, int(role))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, shipped_scorer: Scorer) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("house")
    platform = Platform()
    settings = review_settings(webhooks=platform.webhooks(folder), audit_share=0.0)
    desk = make_desk(settings, folder, policies=frozenset({"hate", "incitement"}))
    app = make_app(shipped_scorer, keys=ring({}), assessor=ToyAssessor(shipped_scorer), review=Office(desk))
    for role in Role:
        add_with_password(desk, role.word, role, PASSWORD, by=Actor("system"))
    with live(app) as url:
        made = House(desk, url, platform)
        made.hand_in(
            {"id": "soup-1", "text": f"urgent: {KITCHEN} Bring a spoon! 🥄 <b>Everybody</b> may come."},
            {"id": "soup-2", "text": f"review: {KITCHEN}", "thread": ["Is there soup?", "There is."]},
            {"id": "soup-3", "text": "Wer kocht heute die Suppe?", "community": "kitchen"},
            {"id": "soup-4", "text": f"nothing: {KITCHEN}", "notice": NOTICE},
        )
        yield made
    platform.close()


@pytest.fixture
def visit(browser: Any) -> Iterator[Any]:
    """Yield what opens a page of its own kind; whatever a page says on its console is an error."""
    opened: list[Any] = []
    said: list[str] = []

    def open_page(size: tuple[int, int] = (1280, 900), scheme: str = "light", **more: Any) -> Any:
        width, height = size
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, **more
        )
        opened.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        return page

    yield open_page
    for context in opened:
        context.close()
    assert [line for line in said if "404" not in line] == []


def enter(page: Any, house: House, role: Role) -> Any:
    """Return the page with a session of this role's reviewer in it."""
    token = house.desk.write(begin_session, int(role), SessionKind.PASSWORD)
    page.context.add_cookies([{"name": SESSION, "value": token, "url": house.url}])
    return page


def path_of(url: str) -> str:
    """Return an address's path: a key that is faster than the page's script adds `#text` to it."""
    return urllib.parse.urlsplit(url).path


def focus(page: Any) -> str:
    """Return what has the focus: its id, its name, or its tag."""
    return str(page.evaluate("(e => e.id || e.name || e.tagName)(document.activeElement)"))


def type_by_keyboard(page: Any, wanted: str, text: str) -> None:
    """Press Tab until the field has the focus, then type."""
    for _ in range(30):
        if focus(page) == wanted:
            break
        page.keyboard.press("Tab")
    assert focus(page) == wanted
    page.keyboard.type(text)


def test_somebody_signs_in_claims_reveals_decides_and_undoes_with_a_keyboard_alone(
    house: House, visit: Any
) -> None:
    house.hand_in({"id": "stew-1", "text": f"urgent: {KITCHEN} The stew is ready at noon."})
    page = visit()
    page.goto(f"{house.url}/review")
    type_by_keyboard(page, "name", "senior")
    type_by_keyboard(page, "password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{house.url}/review")
    seen = len(house.platform.got)

    page.keyboard.press("n")
    page.wait_for_url("**/review/tasks/*")
    assert KITCHEN not in page.content()
    text = page.locator("#text")
    hidden = text.inner_text()
    page.keyboard.press("v")
    playwright.expect(text).not_to_have_text(hidden, use_inner_text=True)
    page.keyboard.press("Shift+V")
    playwright.expect(page.locator("#reveal-next")).to_have_count(0)
    assert KITCHEN in text.inner_text()
    page.keyboard.press("h")
    playwright.expect(text).not_to_contain_text(KITCHEN, use_inner_text=True)
    task = path_of(page.url)

    page.keyboard.press("d")
    page.wait_for_url(lambda url: path_of(url) != task)
    house.hears("decision.made", seen)
    page.keyboard.press("u")
    page.wait_for_url(lambda url: path_of(url) == task)
    house.hears("decision.reversed", seen)
    seen = len(house.platform.got)
    page.keyboard.press("4")
    page.keyboard.press("c")
    page.wait_for_url(lambda url: path_of(url) != task)
    assert house.hears("decision.made", seen)["data"]["policy"] == "hate"

    assert house.desk.read(lambda tx, context: verify(tx, context.key, read_head(tx))).whole


def test_the_question_mark_lists_what_keys_do_and_no_key_does_anything_where_they_are_turned_off(
    house: House, visit: Any
) -> None:
    page = enter(visit(), house, Role.LEAD)
    page.goto(f"{house.url}/review")
    page.keyboard.press("?")
    listed = page.locator("#shortcut-list dt").all_inner_texts()
    page.keyboard.press("Escape")
    assert {"n", "/", ","} <= set(listed)

    page.goto(f"{house.url}/review/settings")
    page.get_by_label("shortcuts").first.uncheck()
    page.get_by_role("button", name="Keep").click()
    page.goto(f"{house.url}/review")
    page.keyboard.press("/")
    page.wait_for_timeout(300)
    assert page.url == f"{house.url}/review"


def test_all_of_it_works_without_a_script(house: House, visit: Any) -> None:
    house.hand_in({"id": "stew-2", "text": f"urgent: {KITCHEN} Second helpings."})
    page = enter(visit(java_script_enabled=False), house, Role.REVIEWER)
    page.goto(f"{house.url}/review")
    page.get_by_role("button", name="Take the next").first.click()
    assert "/review/tasks/" in page.url
    page.get_by_role("button", name="Show all").click()
    assert KITCHEN in page.content()
    page.get_by_role("button", name="Hide all").click()
    assert KITCHEN not in page.content()
    page.get_by_role("button", name="Dismiss").first.click()
    page.get_by_role("button", name="Undo").click()
    assert "/review/tasks/" in page.url


@pytest.mark.parametrize("look", LOOKS.values(), ids=list(LOOKS))
@pytest.mark.parametrize("path", PAGES.values(), ids=list(PAGES))
def test_axe_finds_nothing_serious_and_no_page_scrolls_sideways(
    house: House, visit: Any, path: str, look: tuple[tuple[int, int], str]
) -> None:
    size, scheme = look
    page = enter(visit(size, scheme), house, Role.ADMIN)
    if path == PAGES["item held"]:
        house.holds(2, Role.ADMIN)
    page.goto(f"{house.url}{path}")
    if path == PAGES["item held"]:
        page.keyboard.press("Shift+V")
        page.wait_for_timeout(500)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")

    found = axe.Axe().run(page).response["violations"]
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    assert [
        (one["id"], [node["html"] for node in one["nodes"]]) for one in found if one["impact"] in SERIOUS
    ] == []
    assert over == 0


@pytest.mark.parametrize("look", LOOKS.values(), ids=list(LOOKS))
def test_axe_finds_nothing_serious_before_somebody_signs_in(
    house: House, visit: Any, look: tuple[tuple[int, int], str]
) -> None:
    size, scheme = look
    page = visit(size, scheme)
    page.goto(f"{house.url}/review")

    found = axe.Axe().run(page).response["violations"]

    assert "/review/sign-in" in page.url
    assert [(one["id"], one["nodes"]) for one in found if one["impact"] in SERIOUS] == []


@pytest.mark.parametrize(
    "chosen",
    [Preferences(size="huge", font="spaced", first="text"), Preferences(grey=True, contrast="low")],
    ids=["huge and spaced", "grey and faint"],
)
def test_what_somebody_chose_breaks_no_page(house: House, visit: Any, chosen: Preferences) -> None:
    house.desk.write(keep_preferences, int(Role.ADMIN), chosen)
    for size, scheme in LOOKS.values():
        page = enter(visit(size, scheme), house, Role.ADMIN)
        for path in ("/review", "/review/tasks/1", "/review/settings", "/review/dashboard"):
            page.goto(f"{house.url}{path}")
            over = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            found = axe.Axe().run(page).response["violations"]
            assert (path, over) == (path, 0)
            assert [one["id"] for one in found if one["impact"] in SERIOUS] == []
    house.desk.write(keep_preferences, int(Role.ADMIN), Preferences())
