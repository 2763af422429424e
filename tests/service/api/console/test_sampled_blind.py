"""Blindness: whatever the model says of a sampled post, every page and answer is the same to the letter."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from starlette.testclient import TestClient

from tocsin.assessment import Level
from tocsin.cli.audit.reviewing import put_to_review
from tocsin.models import Scorer
from tocsin.service.api.console.item.testing import Kitchen, claim_of, elements
from tocsin.service.api.console.pages import PAGES
from tocsin.service.api.console.testing import Browser, sign_in
from tocsin.service.api.review.face import ROUTES
from tocsin.service.api.review.testing import add_reviewer, ring
from tocsin.service.api.testing import connect, make_app
from tocsin.service.audit.sampling import SamplePlan, draw_sample, write_design
from tocsin.service.audit.sampling.testing import write_audit
from tocsin.service.keys import Key
from tocsin.service.review.contract_testing import rows
from tocsin.service.review.records import Reviewer, list_reviewers
from tocsin.service.review.role import Role
from tocsin.service.review.store.sample_tables import sampled
from tocsin.service.review.store.tables import decisions, metadata, tasks

TEXT: Final = "Marjoram soup simmers quietly. Pumpernickel stands beside it."
# Urgent, worth a review, below, and not judged at all: figures that appear nowhere else.
SCORES: Final = {
    "hate": [0.91357, 0.61357, 0.11357, np.nan],
    "incitement": [0.92468, 0.02468, 0.03468, np.nan],
}
MARKS: Final = ("91357", "61357", "11357", "92468", "02468", "03468", "0.914", "0.614", "0.114", "0.925")
POSTS: Final = 4
Enter = Callable[..., Reviewer]


@pytest.fixture
def kitchen(tmp_path: Path, shipped_scorer: Scorer) -> Kitchen:
    """Return a kitchen with an item of its own, task 1, and a sample of four posts that say the same."""
    made = Kitchen(tmp_path, shipped_scorer)
    made.hand_in("p-1", "Cinnamon dumplings for everybody", Level.URGENT)
    posts = tmp_path / "posts.csv"
    posts.write_text("id,text\n" + "".join(f"own-{row},{TEXT}\n" for row in range(POSTS)), encoding="utf-8")
    scores = {name: np.array(told) for name, told in SCORES.items()}
    layout, manifest = write_audit(
        tmp_path / "audit", scores, ids=[f"own-{row}" for row in range(POSTS)], inputs=[posts], first=2
    )
    drawn = draw_sample(layout, manifest, SamplePlan(POSTS, seed=1))
    write_design(layout, drawn.design)
    assert put_to_review(made.desk, manifest, drawn) == {"new": POSTS, "known": 0, "withdrawn": 0}
    return made


@pytest.fixture
def client(kitchen: Kitchen, shipped_scorer: Scorer) -> Iterator[TestClient]:
    """Yield what asks for pages, and for answers by keys whose secrets are the roles' names."""
    keys: dict[str, Key] = {}
    for role in Role:
        keys |= add_reviewer(kitchen.desk, role)
    with connect(make_app(shipped_scorer, keys=ring(keys), review=kitchen.office), None) as client:
        yield client


@pytest.fixture
def browser(client: TestClient) -> Browser:
    return Browser(client)


@pytest.fixture
def enter(kitchen: Kitchen, browser: Browser) -> Enter:
    """Return what signs in whoever has a role."""

    def do(role: Role = Role.REVIEWER) -> Reviewer:
        me = next(one for one in kitchen.desk.read(list_reviewers) if one.role is role)
        sign_in(browser, kitchen.desk, me)
        return me

    return do


def by_place(kitchen: Kitchen) -> dict[int, Any]:
    """Return the task of each post, by its place in the file."""
    of_item = {row.item: row for row in rows(kitchen.desk, tasks)}
    return {row.place: of_item[row.item] for row in rows(kitchen.desk, sampled)}


def alike(page: str, task: Any, place: int) -> str:
    """Return a page without what tells tasks apart: numbers, names, tokens, probabilities of nothing."""
    page = re.sub(r"audit:[0-9a-f]{12}:0:\d+", "NAME", page)
    page = re.sub(rf"own-{place - 2}\b", "OWN", page)
    page = re.sub(r'(name="csrf" value=")[^"]*', r"\1TOKEN", page)
    page = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "CLAIM", page)
    return re.sub(
        rf"((?:tasks/|[Tt]ask |<dd>|\"task\":)){task.id}\b|(?<=>){task.id}(?=</a>)", r"\1TASK", page
    )


def api(client: TestClient, who: Role, method: str, path: str, body: Any = None) -> Any:
    answer = client.request(method, path, json=body, headers={"Authorization": f"Bearer {who.word}"})
    assert answer.status_code == 200, answer.text
    return answer


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.LEAD], ids=lambda role: role.word)
def test_pages_of_a_sampled_text_do_not_depend_on_what_the_model_says(
    kitchen: Kitchen, browser: Browser, enter: Enter, role: Role
) -> None:
    enter(role)
    seen: dict[str, set[str]] = {}
    for place, task in by_place(kitchen).items():
        path = f"/review/tasks/{task.id}"

        def keep(name: str, page: str, task: Any = task, place: int = place) -> None:
            seen.setdefault(name, set()).add(alike(page, task, place))

        keep("waits", browser.get(path))
        keep("taken", browser.post(f"{path}/claim"))
        keep("masked", browser.get(path))
        keep("a sentence", browser.post(f"{path}/reveal", {"part": "sentence:0"}))
        keep("all of it", browser.post(f"{path}/reveal", {"part": "whole"}))
        keep("its history", browser.get(f"{path}/history"))
        browser.get(path)
        keep("given back", browser.post(f"{path}/release", {"claim": claim_of(browser)}))
    assert {name: len(pages) for name, pages in seen.items()} == dict.fromkeys(seen, 1)
    (page,) = seen["all of it"]
    assert TEXT in page
    assert not [word for word in ("score", "level-", "<mark", "not judged") if word in page]


def test_pages_of_other_texts_do_depend_on_it(kitchen: Kitchen, browser: Browser, enter: Enter) -> None:
    enter()
    page = browser.get("/review/tasks/1")
    assert [word for word in ("0.731", "level-urgent", "scores") if word not in page] == []


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.LEAD], ids=lambda role: role.word)
def test_answers_of_the_interface_do_not_depend_on_it_either(
    kitchen: Kitchen, client: TestClient, role: Role
) -> None:
    seen: dict[str, set[str]] = {}
    for place, task in by_place(kitchen).items():
        claimed = api(client, role, "POST", "/v1/review/claims", {"task": task.id})
        claim = claimed.json()["task"]["claim"]
        held = api(client, role, "GET", "/v1/review/claims")
        told = api(client, role, "GET", f"/v1/review/tasks/{task.id}")
        view = api(client, role, "POST", f"/v1/review/tasks/{task.id}/views", {})
        near = api(client, role, "GET", f"/v1/review/claims/{claim}/alike")
        api(client, role, "DELETE", f"/v1/review/claims/{claim}")
        for name, answer in {
            "claim": claimed,
            "held": held,
            "task": told,
            "view": view,
            "near": near,
        }.items():
            seen.setdefault(name, set()).add(alike(answer.text, task, place))
    assert {name: len(answers) for name, answers in seen.items()} == dict.fromkeys(seen, 1)


def test_no_table_page_or_answer_has_a_figure_of_the_model(
    kitchen: Kitchen, client: TestClient, browser: Browser, enter: Enter
) -> None:
    enter(Role.ADMIN)
    task = by_place(kitchen)[2].id
    kept = [str(row._mapping) for table in metadata.sorted_tables for row in rows(kitchen.desk, table)]
    assert not [mark for mark in MARKS for row in kept if mark in row]

    parts = {"task": task, "item": "own-0", "page": 1, "hold": 1, "decision": 1, "reviewer": 1}
    headers = {"Authorization": "Bearer admin"}
    paths = [one.path for one in PAGES if one.method == "GET"]
    came = [client.get(path.format(**parts, token="none")).text for path in paths]  # noqa: S106 - opens nothing
    paths = [one.path for one in ROUTES if one.method == "GET"]
    came += [client.get(path.format(**parts, claim="none"), headers=headers).text for path in paths]
    queries = ("queue=sample", "state=any", "state=any&begins=audit", "role=reviewer")
    came += [browser.get(f"/review/search?{query}") for query in queries]
    assert len(came) > 30
    assert not [mark for mark in MARKS if any(mark in one for one in came)]
    assert any("own-" in one for one in came) is False  # nor the platform's id


def test_a_search_shows_neither_level_nor_severity_of_the_sample(browser: Browser, enter: Enter) -> None:
    enter(Role.LEAD)
    browser.get("/review/search?queue=sample")
    shown = elements(browser.page.text)
    assert shown.text_of("td", **{"data-label": "Level"}) == ["–"] * POSTS
    assert shown.text_of("td", **{"data-label": "Severity"}) == ["–"] * POSTS
    for field in ("level=urgent", "level=none", "level=unjudged", "severity=severe", "flagged=hate"):
        assert "audit:" not in browser.get(f"/review/search?state=any&{field}")


def test_a_reviewer_answers_every_policy_on_the_page(
    kitchen: Kitchen, browser: Browser, enter: Enter
) -> None:
    enter()
    places = by_place(kitchen)
    browser.get("/review")
    browser.post("/review/claims", {"queue": "sample"})
    task = int(browser.path.rpartition("/")[2])
    names = [
        one["value"] for one in elements(browser.page.text).named("input") if one.get("name") == "breaks"
    ]
    assert names == ["hate", "incitement"]

    def says(status: int, **fields: Any) -> str:
        claim = claim_of(browser)
        return browser.post(
            f"/review/tasks/{task}/decide", {"claim": claim, "every": "policy", **fields}, status
        )

    assert "tick every policy" in says(400, verdict="confirm", note="Two pans").lower()
    assert "Two pans" in browser.page.text
    assert "untick it" in says(400, verdict="dismiss", breaks=["hate"])
    (ticked,) = [
        one
        for one in elements(browser.page.text).named("input")
        if one.get("value") == "hate" and "checked" in one and one.get("name") == "breaks"
    ]
    assert ticked
    says(200, verdict="confirm", breaks=["incitement", "hate"], note="Two pans")

    (row,) = rows(kitchen.desk, decisions)
    assert (row.task, row.policies, row.unsure) == (task, ["hate", "incitement"], None)
    words = browser.get(f"/review/tasks/{task}/history") and browser.words
    titles = [policy.title for policy in kitchen.scorer.policy.policies if policy.name in row.policies]
    assert all(title in words for title in titles)
    assert "own-" not in browser.page.text
    assert len(places) == POSTS


def test_a_reviewer_says_that_none_is_broken_and_leaves_one_open(
    kitchen: Kitchen, browser: Browser, enter: Enter
) -> None:
    enter()
    browser.get("/review")
    browser.post("/review/claims", {"queue": "sample"})
    task = int(browser.path.rpartition("/")[2])
    fields = {"claim": claim_of(browser), "every": "policy", "verdict": "dismiss", "unsure": ["incitement"]}
    browser.post(f"/review/tasks/{task}/decide", fields)
    (row,) = rows(kitchen.desk, decisions)
    assert (row.verdict, row.policy, row.unsure) == ("dismiss", None, ["incitement"])
    assert json.loads(json.dumps(row.policies)) is None
    browser.get(f"/review/tasks/{task}")
    assert "left open" in browser.words


def test_leads_find_the_platforms_id_where_a_life_is_in_danger(
    kitchen: Kitchen, browser: Browser, enter: Enter
) -> None:
    places = by_place(kitchen)
    task = places[3].id
    enter(Role.SENIOR)
    assert "own-1" not in browser.get(f"/review/tasks/{task}")
    browser.post(f"/review/tasks/{task}/page")
    assert "own-1" not in browser.get(f"/review/tasks/{task}")
    enter(Role.LEAD)
    for path in ("/review", f"/review/tasks/{task}", f"/review/tasks/{task}/history"):
        assert "own-1" in browser.get(path)
    assert "own-2" not in browser.get(f"/review/tasks/{places[4].id}")
