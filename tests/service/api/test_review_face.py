"""The review queue over HTTP, from a post that is handed in to what the platform hears of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tocsin.models import Scorer
from tocsin.service.api.review.face import ROUTES
from tocsin.service.api.review.testing import (
    KITCHEN,
    PLATFORM_SECRET,
    ToyAssessor,
    add_reviewer,
    office_at,
    ring,
)
from tocsin.service.api.testing import connect, make_app
from tocsin.service.keys import Key
from tocsin.service.review.log import read_head, verify
from tocsin.service.review.office import Office
from tocsin.service.review.role import Role

Body = dict[str, Any]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return office_at(tmp_path)


@pytest.fixture
def keys() -> dict[str, Key]:
    return {}


@pytest.fixture
def client(office: Office, keys: dict[str, Key], shipped_scorer: Scorer) -> Iterator[TestClient]:
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


def hand_in(client: TestClient, *items: Body) -> list[Body]:
    found: list[Body] = ask(client, "POST", "/v1/items", PLATFORM_SECRET, {"items": list(items)})["items"]
    return found


def claim(client: TestClient, who: str = "reviewer", **body: Any) -> Body:
    found: Body = ask(client, "POST", "/v1/review/claims", who, body)["task"]
    return found


def test_a_post_goes_through_the_queue_and_the_platform_hears_of_it(
    client: TestClient, office: Office
) -> None:
    receipts = hand_in(
        client,
        {"id": "p/1", "text": f"urgent: {KITCHEN}"},
        {"id": "p-2", "text": f"nothing: {KITCHEN}"},
        {"id": "p-3", "text": 7},
    )
    assert [one.get("state") for one in receipts] == ["waiting", "passed", None]
    assert receipts[2]["error"]["code"] == "bad_item"
    task = claim(client)
    assert (task["item"], task["queue"]) == ("p/1", "urgent")
    assert KITCHEN not in str(task)

    seen = ask(client, "POST", f"/v1/review/tasks/{task['task']}/views", "reviewer", {})
    path = f"/v1/review/claims/{task['claim']}/decision"
    said = {"verdict": "confirm", "policy": "hate", "note": "a pan was named"}
    made = ask(client, "POST", path, "reviewer", said)["decision"]
    again = ask(client, "POST", path, "reviewer", said)["decision"]
    measure = {
        "id": "m-1",
        "kind": "removed",
        "ground": "incompatible",
        "ground_text": "House rules of the kitchen",
        "source": "own_initiative",
        "applied": "2031-05-17T09:30:00Z",
        "decision": made["decision"],
    }
    assert ask(client, "POST", "/v1/items/p%2F1/measures", PLATFORM_SECRET, measure) == {"new": True}
    assert ask(client, "POST", "/v1/items/p%2F1/measures", PLATFORM_SECRET, measure) == {"new": False}

    told = ask(client, "GET", "/v1/items/p%2F1", PLATFORM_SECRET)
    assert seen["text"] == f"urgent: {KITCHEN}"
    assert again == made
    assert told["item"]["state"] == "decided"
    assert [(one["verdict"], one["policy"], one["note"]) for one in told["decisions"]] == [
        ("confirm", "hate", None)
    ]
    desk = office.desk
    assert desk.store.read(lambda tx: verify(tx, desk.context.key, read_head(tx))).whole


def test_the_same_item_again_is_known_and_with_another_text_a_conflict(client: TestClient) -> None:
    first = hand_in(client, {"id": "p-1", "text": f"review: {KITCHEN}"})
    second = hand_in(
        client, {"id": "p-1", "text": f"review: {KITCHEN}"}, {"id": "p-1", "text": f"urgent: {KITCHEN}"}
    )

    assert first[0] | {"new": False} == second[0]
    assert second[1]["error"]["code"] == "conflict"


def test_an_item_is_explained_where_it_reached_a_level_and_only_there(client: TestClient) -> None:
    hand_in(client, {"id": "p-1", "text": f"urgent: {KITCHEN}"}, {"id": "p-2", "text": f"odd: {KITCHEN}"})

    tasks = [claim(client), claim(client)]

    assert [bool(one["assessment"]["spans"]) for one in tasks] == [True, False]


def test_a_text_that_fails_to_score_is_an_error_in_its_place_and_is_not_stored(client: TestClient) -> None:
    receipts = hand_in(
        client, {"id": "p-1", "text": "broken oven"}, {"id": "p-2", "text": f"review: {KITCHEN}"}
    )

    assert receipts[0]["error"]["code"] == "scoring_failed"
    assert receipts[1]["state"] == "waiting"
    assert ask(client, "GET", "/v1/items/p-1", PLATFORM_SECRET, expect=404)["code"] == "unknown"


def test_a_golden_item_looks_like_any_other_to_whoever_is_measured(client: TestClient) -> None:
    expected = {"policy": None}
    hand_in(client, {"id": "p-1", "text": f"nothing: {KITCHEN}", "expected": expected})
    hand_in(client, {"id": "p-2", "text": f"urgent: {KITCHEN}", "expected": expected})

    queues = {
        one["queue"]: one["open"] for one in ask(client, "GET", "/v1/review/queues", "reviewer")["queues"]
    }
    assert claim(client, queues=["golden"]) is None
    assert claim(client, queues=["urgent"])["queue"] == "urgent"
    task = claim(client, queues=["random"])

    assert "golden" not in queues
    assert (queues["random"], queues["urgent"]) == (1, 1)
    assert task["queue"] == "random"
    assert "expected" not in str(task)
    assert ask(client, "GET", f"/v1/review/tasks/{task['task']}", "lead")["task"]["queue"] == "golden"


def test_a_claim_is_shown_to_nobody_else(client: TestClient) -> None:
    hand_in(client, {"id": "p-1", "text": f"review: {KITCHEN}"})
    task = claim(client)

    seen = ask(client, "GET", f"/v1/review/tasks/{task['task']}", "senior")["task"]

    assert task["claim"]
    assert seen["claim"] is None


def test_a_reviewer_is_undone_escalated_paged_and_held_as_the_roles_allow(client: TestClient) -> None:
    hand_in(client, {"id": "p-1", "text": f"review: {KITCHEN}"})
    task = claim(client)
    path = f"/v1/review/claims/{task['claim']}/decision"
    made = ask(client, "POST", path, "reviewer", {"verdict": "dismiss"})["decision"]["decision"]
    anew = ask(client, "POST", f"/v1/review/decisions/{made}/undo", "reviewer")["claim"]
    path = f"/v1/review/claims/{anew}/decision"
    ask(client, "POST", path, "reviewer", {"verdict": "escalate"}, expect=400)
    ask(client, "POST", path, "reviewer", {"verdict": "escalate", "reason": "too hot"})

    assert claim(client) is None
    page = ask(client, "POST", f"/v1/review/tasks/{task['task']}/pages", "reviewer")["page"]
    assert ask(client, "POST", f"/v1/review/pages/{page}/acknowledge", "lead")["page"]["acknowledged_by"]
    hold = ask(client, "POST", "/v1/review/holds", "lead", {"item": "p-1", "reason": "a court"})["hold"]
    assert ask(client, "DELETE", "/v1/items/p-1", PLATFORM_SECRET) == {"state": "held"}
    ask(client, "DELETE", f"/v1/review/holds/{hold}", "lead")
    ask(client, "GET", "/v1/items/p-1", PLATFORM_SECRET, expect=404)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        pytest.param(
            "POST", "/v1/review/claims", {"queue": "review"}, 400, "bad_request", id="an unknown field"
        ),
        pytest.param(
            "POST", "/v1/review/claims", {"queues": ["soup"]}, 400, "bad_request", id="no such queue"
        ),
        pytest.param("POST", "/v1/review/claims", {"task": 99}, 404, "unknown", id="no such task"),
        pytest.param("GET", "/v1/review/tasks/soup", None, 404, "unknown", id="a task that is no number"),
        pytest.param(
            "GET", "/v1/review/tasks/99999999999999999999", None, 404, "unknown", id="a number too long"
        ),
        pytest.param(
            "POST", "/v1/review/claims/x/decision", {"verdict": "dismiss"}, 404, "unknown", id="no claim"
        ),
        pytest.param(
            "POST", "/v1/review/claims/x/decision", {"verdict": "soup"}, 400, "bad_request", id="no verdict"
        ),
        pytest.param("PUT", "/v1/review/tasks/7", None, 405, "method_not_allowed", id="no such method"),
        pytest.param("GET", "/v1/review/soup", None, 404, "not_found", id="no such path"),
        pytest.param("GET", "/v1/review/tasks/", None, 404, "not_found", id="an empty part"),
        pytest.param("GET", "/v1/review/tasks/%FF", None, 404, "not_found", id="a part that is no UTF-8"),
        pytest.param("GET", "/v1/review/tasks/%00", None, 404, "not_found", id="a part not printable"),
        pytest.param("POST", "/v1/review/claims", {"task": 2**63}, 400, "bad_request", id="too large"),
    ],
)
def test_a_request_that_breaks_a_rule_gets_its_error(
    client: TestClient, method: str, path: str, body: Any, status: int, code: str
) -> None:
    assert ask(client, method, path, "reviewer", body, expect=status)["code"] == code


def test_every_route_is_in_the_description(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]

    described = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert {(route.method, route.path) for route in ROUTES} <= described
    assert paths["/v1/review/tasks/{task}"]["get"]["parameters"][0]["name"] == "task"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("/v1/items/%FF/appeals", 404, id="a part that is no UTF-8"),
        pytest.param("/v1/items/x%2Fappeals", 405, id="a slash spelled out between parts"),
        pytest.param("/v1/review/claims/x/%64ecision", 404, id="a letter spelled out"),
        pytest.param("/v1/items/%00/measures", 404, id="a part not printable"),
    ],
)
def test_what_is_no_route_is_refused_before_its_body_is_read(
    client: TestClient, path: str, status: int
) -> None:
    answer = client.post(path, content=b'{"statement": "secret soup"}')

    assert answer.status_code == status
    assert "secret" not in answer.text


def test_only_a_policy_of_the_server_is_confirmed(client: TestClient) -> None:
    hand_in(client, {"id": "p-1", "text": f"review: {KITCHEN}"})
    path = f"/v1/review/claims/{claim(client)['claim']}/decision"

    fault = ask(client, "POST", path, "reviewer", {"verdict": "confirm", "policy": "soup"}, expect=400)

    assert "a policy must be one of" in fault["detail"]


def test_a_holds_reason_is_for_leads_alone(client: TestClient) -> None:
    hand_in(client, {"id": "p-1", "text": f"review: {KITCHEN}"})
    ask(client, "POST", "/v1/review/holds", "lead", {"item": "p-1", "reason": "a court"})

    seen = [ask(client, "GET", "/v1/review/tasks/1", who)["holds"][0]["reason"] for who in ("lead", "senior")]

    assert seen == ["a court", None]
