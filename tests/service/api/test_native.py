from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

from tocsin.assessment import Assessment
from tocsin.errors import ScoringError
from tocsin.item import Item
from tocsin.models import Scorer
from tocsin.service.api.native.schemas import (
    AssessResponse,
    ModelResponse,
    PoliciesResponse,
    Problem,
)
from tocsin.service.api.refusal import Refusal, Why
from tocsin.service.api.settings import ServeSettings
from tocsin.service.api.testing import MemoryKeys, connect, make_app
from tocsin.service.keys import Key, Scope

TEXT = "Everybody brings soup to the Zorbian choir on Friday."


@pytest.fixture(scope="module")
def client(shipped_scorer: Scorer) -> Iterator[TestClient]:
    with connect(make_app(shipped_scorer)) as client:
        yield client


def assess(client: TestClient, *items: Any, **more: Any) -> list[dict[str, Any]]:
    answer = client.post("/v1/assess", json={"items": list(items), **more})
    assert answer.status_code == 200, answer.text
    AssessResponse.model_validate_json(answer.content)
    answers: list[dict[str, Any]] = answer.json()["assessments"]
    return answers


def test_an_answer_is_the_assessment_that_the_scorer_makes(
    client: TestClient, shipped_scorer: Scorer
) -> None:
    texts = [TEXT, "", "Wir treffen uns am Freitag zum Suppenkochen im Gemeindehaus.", "x" * 20_481]

    answers = assess(client, *({"id": f"p-{place}", "text": text} for place, text in enumerate(texts)))

    made = shipped_scorer.assess([Item(f"p-{place}", text) for place, text in enumerate(texts)])
    assert answers == json.loads(json.dumps([one.to_dict() for one in made]))
    assert [one["reason"] for one in answers] == [None, "empty", None, "too_long"]


def test_the_hint_of_the_platform_reaches_the_scorer(client: TestClient) -> None:
    answers = assess(client, {"text": TEXT, "language": "fr"}, {"text": TEXT, "language": "en-GB"})

    assert [(one["status"], one["language"]) for one in answers] == [("unscorable", "fr"), ("scored", "en")]


def test_explanations_mark_what_moved_the_scores(client: TestClient, shipped_scorer: Scorer) -> None:
    text = "This boss fight killed me 40 times. I am going back in. Wish me luck, soldiers."

    (answer,) = assess(client, {"text": text}, explain=True)

    (made,) = shipped_scorer.assess([Item("0", text)], explain=True)
    assert answer == json.loads(json.dumps(made.to_dict()))
    assert answer["spans"], "a text that reaches no policy shows nothing here"


GOOD = {"id": "good", "text": TEXT}


@pytest.mark.parametrize(
    ("bad", "name", "rule"),
    [
        pytest.param({"id": "p"}, "p", "text: Field required", id="no-text"),
        pytest.param({"id": "p", "text": 5}, "p", "text: Input should be a valid string", id="number"),
        pytest.param({"id": "p", "text": None}, "p", "text: Input should be a valid string", id="null"),
        pytest.param({"id": 7, "text": "a"}, "1", "id: Input should be a valid string", id="id-is-no-string"),
        pytest.param({"id": "", "text": "a"}, "1", "id: String should have at least 1", id="empty-id"),
        pytest.param({"id": "p", "text": "a", "lang": "en"}, "p", "lang: Extra inputs", id="unknown-field"),
        pytest.param({"id": "p", "text": "a", "time": "noon"}, "p", "time: Input should be", id="no-time"),
        pytest.param(
            {"id": "p", "text": "a", "language": "english"}, "p", "language: String should match", id="no-tag"
        ),
        pytest.param("soup", "1", "Input should be a valid dictionary", id="no-object"),
        pytest.param(None, "1", "Input should be a valid dictionary", id="nothing"),
    ],
)
def test_a_bad_item_gets_an_error_in_its_place_and_spoils_no_other(
    bad: Any, name: str, rule: str, client: TestClient
) -> None:
    first, answer, last = assess(client, GOOD, bad, GOOD)

    assert answer["id"] == name
    assert answer["error"]["code"] == "bad_item"
    assert answer["error"]["message"].startswith(rule)
    assert first == last
    assert first["status"] == "scored"


def test_only_bad_items_are_an_answer_too(client: TestClient) -> None:
    assert [one["error"]["code"] for one in assess(client, {}, 1)] == ["bad_item", "bad_item"]


def test_a_text_that_cannot_be_scored_is_an_error_and_never_a_low_score(shipped_scorer: Scorer) -> None:
    class Failing:
        def assess(self, items: Sequence[Item], *, explain: bool = False) -> list[Assessment]:
            if any(item.id == "bad" for item in items):
                raise ScoringError("the weights are damaged")
            return shipped_scorer.assess(items, explain=explain)

    with connect(make_app(shipped_scorer, assessor=Failing())) as client:
        good, bad = assess(client, GOOD, {"id": "bad", "text": "soup"})

    assert good["status"] == "scored"
    assert bad == {"id": "bad", "error": {"code": "scoring_failed", "message": "the weights are damaged"}}


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        pytest.param(b"", "the body must be JSON", id="nothing"),
        pytest.param(b"{", "the body must be JSON", id="half"),
        pytest.param(b"[]", 'an object with a list "items"', id="list"),
        pytest.param(b'"soup"', 'an object with a list "items"', id="string"),
        pytest.param(b"{}", 'an object with a list "items"', id="no-items"),
        pytest.param(b'{"items": {}}', 'an object with a list "items"', id="items-are-no-list"),
        pytest.param(b'{"items": []}', "items must be 1 to 1,000, was 0", id="no-item"),
        pytest.param(b'{"items": [1], "top": 3}', "was 'top'", id="unknown-field"),
        pytest.param(b'{"items": [1], "explain": "yes"}', "must be true or false", id="flag-is-no-boolean"),
        pytest.param(b'{"items": [1], "explain": NaN}', "the body must be JSON", id="not-a-number"),
        pytest.param(b'{"items": ["\xff"]}', "the body must be JSON in UTF-8", id="no-utf-8"),
        pytest.param(b'{"items": ["\\ud800"]}', "the body must be JSON", id="half-a-surrogate-pair"),
        pytest.param(
            b'{"items": ' + b"[" * 5000 + b"]" * 5000 + b"}", "recursion limit exceeded", id="nested-deep"
        ),
    ],
)
def test_a_body_that_breaks_a_rule_is_a_problem_that_states_the_rule(
    body: bytes, rule: str, client: TestClient
) -> None:
    answer = client.post("/v1/assess", content=body)

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = Problem.model_validate_json(answer.content)
    assert (problem.status, problem.code, problem.title) == (400, "bad_request", "Bad Request")
    assert rule in problem.detail


def test_more_items_than_allowed_are_refused_whole(shipped_scorer: Scorer) -> None:
    with connect(make_app(shipped_scorer, ServeSettings(max_items=3))) as client:
        assert len(assess(client, *[GOOD] * 3)) == 3
        answer = client.post("/v1/assess", json={"items": [GOOD] * 4})

    assert answer.status_code == 400
    assert answer.json()["detail"] == "items must be 1 to 3, was 4"


def test_a_null_byte_is_a_character_like_any_other(client: TestClient) -> None:
    (answer,) = assess(client, {"text": "soup\x00 and bread on Friday evening", "id": "\x00"})

    assert (answer["status"], answer["id"]) == ("scored", "\x00")


def test_explanations_ask_for_a_scope_of_their_own(shipped_scorer: Scorer) -> None:
    keys = MemoryKeys({"plain": Key("k", "k", frozenset({Scope.SCORE}), digest="x")})
    with connect(make_app(shipped_scorer, keys=keys), "plain") as client:
        assess(client, GOOD)
        answer = client.post("/v1/assess", json={"items": [GOOD], "explain": True})

    assert answer.status_code == 403
    assert answer.json()["code"] == "scope_missing"
    assert answer.json()["detail"] == "the key must have the scope explain, it has score"


def test_the_model_and_its_policies_are_told(client: TestClient, shipped_scorer: Scorer) -> None:
    model = client.get("/v1/model")
    policies = client.get("/v1/policies")

    ModelResponse.model_validate_json(model.content)
    PoliciesResponse.model_validate_json(policies.content)
    assert model.json()["model"]["digest"] == shipped_scorer.bundle.digest
    assert policies.json()["policy"]["digest"] == shipped_scorer.policy.stamp.digest
    told = {(one["name"], one["language"]) for one in policies.json()["policies"]}
    assert told == {
        (policy.name, language)
        for policy in shipped_scorer.policy.policies
        for language in shipped_scorer.bundle.manifest.languages
    }


@pytest.mark.parametrize("why", Why)
def test_every_refusal_is_a_problem_with_its_own_code(why: Why, shipped_scorer: Scorer) -> None:
    from tocsin.service.api.native import NativeFace

    answer = NativeFace(shipped_scorer).refuse(
        Refusal(why, "a rule, and a value", retry_after=1.2, limit=60, allowed=("POST",))
    )

    problem = Problem.model_validate_json(bytes(answer.body))
    assert (answer.status_code, problem.status) == (why.status, why.status)
    assert (problem.code, problem.detail, problem.limit) == (why.value, "a rule, and a value", 60)
    assert answer.headers["retry-after"] == "2"
    assert answer.headers["allow"] == "POST"
    assert ("www-authenticate" in answer.headers) == (why.status == 401)


def test_what_is_answered_is_what_the_documentation_says(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    schema = {"$ref": "#/components/schemas/AssessResponse", "components": document["components"]}

    answer = client.post("/v1/assess", json={"items": [GOOD, {}, {"text": ""}]}).json()

    assert list(Draft202012Validator(schema).iter_errors(answer)) == []
    assert list(Draft202012Validator(schema).iter_errors({"assessments": [{"id": "p"}]})) != []
