"""The item page over each kind of database: what is refused half-way leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tocsin.models import Scorer
from tocsin.service.api.console.item.testing import Kitchen, claim_of
from tocsin.service.api.console.testing import Browser, colleague, sign_in
from tocsin.service.api.testing import connect
from tocsin.service.review.contract_testing import actions, recipe, rows
from tocsin.service.review.role import Role
from tocsin.service.review.store.console_tables import reveals
from tocsin.service.review.store.tables import decisions, tasks
from tocsin.service.review.tasks import claim_task

SOUP = recipe(1)


@pytest.fixture
def kitchen(tmp_path: Path, ready_url: str, shipped_scorer: Scorer) -> Kitchen:
    """Return a kitchen in which three near-copies wait."""
    made = Kitchen(tmp_path, shipped_scorer, ready_url)
    for number in range(3):
        made.hand_in(f"c-{number}", f"{SOUP} {'!' * number}", thread=("Tea?",))
    return made


@pytest.fixture
def browser(kitchen: Kitchen) -> Iterator[Browser]:
    with connect(kitchen.app(), None) as client:
        yield sign_in(Browser(client), kitchen.desk, colleague(kitchen.desk, Role.SENIOR))


def test_a_day_at_the_item_page(kitchen: Kitchen, browser: Browser) -> None:
    browser.get("/review/tasks/1")
    browser.post("/review/claims")
    assert browser.path == "/review/tasks/1"
    browser.post("/review/tasks/1/reveal", {"part": "sentence:99"}, 404)
    browser.post("/review/tasks/1/reveal", {"part": "whole"})
    assert SOUP in browser.page.text
    browser.post("/review/tasks/1/hide")
    assert SOUP[:20] not in browser.page.text
    fields = {"claim": claim_of(browser), "policy": "hate"}
    browser.post("/review/tasks/1/decide", {**fields, "verdict": "skip"}, 400)
    other = colleague(kitchen.desk, Role.REVIEWER, "other")
    theirs = kitchen.desk.jot(claim_task, other, 3).claim
    together = {**fields, "verdict": "confirm", "alike": ["2", "3"]}
    browser.post("/review/tasks/1/decide-alike", together, 409)
    assert theirs is not None
    assert rows(kitchen.desk, decisions) == []
    browser.post("/review/tasks/1/decide-alike", {**together, "alike": ["2"]}, 303, follow=False)
    assert browser.page.headers["location"] == "/review?said=decided-alike"
    browser.get("/review/tasks/1/history")
    browser.post("/review/decisions/2/undo")
    assert browser.path == "/review/tasks/2?said=undone"
    browser.post("/review/decisions/2/undo", status=409)
    browser.post("/review/tasks/2/page")
    assert [(row.state, row.least_role) for row in rows(kitchen.desk, tasks)] == [
        ("done", 1),
        ("open", 3),
        ("open", 1),
    ]
    assert [(row.extent, row.part) for row in rows(kitchen.desk, reveals)] == [("whole", None)]
    assert [one for one in actions(kitchen.desk) if not one.startswith("session")] == [
        "text.viewed",
        "decision.made",
        "decision.made",
        "decision.undone",
        "lead.paged",
    ]
