"""Sampled texts over HTTP: what whoever decides is told, and what must be said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tocsin.models import Scorer
from tocsin.service.api.review.testing import PLATFORM_SECRET, ToyAssessor, add_reviewer, office_at, ring
from tocsin.service.api.testing import connect, make_app
from tocsin.service.keys import Key
from tocsin.service.review.office import Office
from tocsin.service.review.role import Role
from tocsin.service.review.sampling_testing import sampled_posts

Body = dict[str, Any]
NAME = "audit:dddddddddddd:0:7"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return office_at(tmp_path)


@pytest.fixture
def client(office: Office, shipped_scorer: Scorer) -> Iterator[TestClient]:
    keys: dict[str, Key] = {}
    for role in Role:
        keys |= add_reviewer(office.desk, role)
    app = make_app(shipped_scorer, keys=ring(keys), assessor=ToyAssessor(shipped_scorer), review=office)
    with connect(app, None) as client:
        yield client


def ask(client: TestClient, method: str, path: str, who: str, body: Any = None, expect: int = 200) -> Body:
    answer = client.request(method, path, json=body, headers={"Authorization": f"Bearer {who}"})
    assert answer.status_code == expect, answer.text
    found: Body = answer.json()
    return found


def claim(client: TestClient, who: str = "reviewer", **body: Any) -> Body:
    found: Body = ask(client, "POST", "/v1/review/claims", who, body)["task"]
    return found


def test_a_sampled_text_is_claimed_seen_and_answered(client: TestClient, office: Office) -> None:
    sampled_posts(office.desk, 7)
    task = claim(client, queues=["sample"])

    assert (task["item"], task["queue"], task["asked"]) == (NAME, "sample", ["hate", "incitement"])
    told = {name for name, value in task.items() if value is not None}
    assert told == {
        *("task", "item", "queue", "state", "role", "priority", "created", "claim", "lease_until"),
        *("thread", "characters", "asked"),
    }
    assert task["priority"] == 0

    seen = ask(client, "POST", f"/v1/review/tasks/{task['task']}/views", "reviewer", {})
    assert seen["text"].startswith("Recipe 7:")
    said = {"verdict": "confirm", "policies": ["incitement", "hate"], "note": "two pans"}
    path = f"/v1/review/claims/{task['claim']}/decision"
    made = ask(client, "POST", path, "reviewer", said)["decision"]
    assert ask(client, "POST", path, "reviewer", said)["decision"] == made
    assert (made["policy"], made["policies"], made["unsure"]) == ("hate", ["hate", "incitement"], [])


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"verdict": "confirm", "policy": "hate"}, "policies"),
        ({"verdict": "confirm", "policy": "hate", "policies": ["hate"]}, "not both"),
        ({"verdict": "confirm", "policies": ["soup"]}, "one of hate, incitement"),
        ({"verdict": "dismiss", "policies": ["hate"]}, "to confirm"),
        ({"verdict": "confirm", "policies": ["hate"], "unsure": ["hate"]}, "broken or unsure"),
    ],
    ids=["one, as of others", "one and all", "not asked about", "dismissed and broken", "broken and open"],
)
def test_what_does_not_answer_every_policy_is_a_bad_request(
    client: TestClient, office: Office, said: Body, why: str
) -> None:
    sampled_posts(office.desk, 7)
    path = f"/v1/review/claims/{claim(client)['claim']}/decision"
    assert why in ask(client, "POST", path, "reviewer", said, expect=400)["detail"]
    ask(client, "POST", path, "reviewer", {"verdict": "dismiss", "unsure": ["hate"]})


def test_of_other_texts_policies_are_refused(client: TestClient) -> None:
    ask(client, "POST", "/v1/items", PLATFORM_SECRET, {"items": [{"id": "p-1", "text": "urgent: soup"}]})
    task = claim(client)
    assert (task["asked"], task["sampled_id"]) == (None, None)
    path = f"/v1/review/claims/{task['claim']}/decision"
    refused = ask(client, "POST", path, "reviewer", {"verdict": "confirm", "policies": ["hate"]}, expect=400)
    assert "sampled texts alone" in refused["detail"]
    made = ask(client, "POST", path, "reviewer", {"verdict": "confirm", "policy": "hate"})["decision"]
    assert (made["policy"], made["policies"], made["unsure"]) == ("hate", [], [])


@pytest.mark.parametrize("ends_by", ["a decision", "a page"])
def test_leads_alone_are_told_the_platforms_id_and_not_before_they_need_it(
    client: TestClient, office: Office, ends_by: str
) -> None:
    sampled_posts(office.desk, 7)
    task = claim(client)
    path = f"/v1/review/tasks/{task['task']}"

    def told(who: str) -> object:
        return ask(client, "GET", path, who)["task"]["sampled_id"]

    assert [told(role.word) for role in Role] == [None] * len(Role)
    if ends_by == "a page":
        ask(client, "POST", f"{path}/pages", "reviewer")
        assert ask(client, "GET", "/v1/review/pages", "lead")["pages"][0]["sampled_id"] == "post-7"
    else:
        claimed = f"/v1/review/claims/{task['claim']}/decision"
        ask(client, "POST", claimed, "reviewer", {"verdict": "dismiss"})
    assert [told(role.word) for role in Role] == [None, None, "post-7", "post-7"]


def test_the_platform_knows_no_sampled_post_but_erases_it(client: TestClient, office: Office) -> None:
    sampled_posts(office.desk, 7)
    ask(client, "GET", f"/v1/items/{NAME}", PLATFORM_SECRET, expect=404)
    ask(client, "GET", "/v1/items/post-7", PLATFORM_SECRET, expect=404)
    handed = {"items": [{"id": NAME, "text": "urgent: soup"}]}
    (receipt,) = ask(client, "POST", "/v1/items", PLATFORM_SECRET, handed)["items"]
    assert receipt["error"]["code"] == "conflict"
    assert ask(client, "DELETE", "/v1/items/post-7", PLATFORM_SECRET) == {"state": "erased"}
    assert ask(client, "POST", "/v1/review/claims", "reviewer", {})["task"] is None
