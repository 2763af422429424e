from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from tocsin.models import Scorer
from tocsin.service.api.openai import OpenAIFace
from tocsin.service.api.refusal import Refusal, Why
from tocsin.service.api.settings import ServeSettings
from tocsin.service.api.testing import MemoryKeys, NoLimit, connect, make_app
from tocsin.service.keys import Key

SOUP = "Everybody brings soup to the Zorbian choir on Friday."
FRENCH = "Demain nous préparons une soupe pour toute la chorale du village."


@pytest.fixture
def client(shipped_scorer: Scorer) -> Iterator[TestClient]:
    with connect(make_app(shipped_scorer)) as client:
        yield client


@pytest.fixture
def face(shipped_scorer: Scorer) -> OpenAIFace:
    return OpenAIFace(shipped_scorer, ServeSettings())


def fault(answer: Any) -> dict[str, Any]:
    body = answer.json()
    assert list(body) == ["error"]
    assert set(body["error"]) == {"message", "type", "param", "code"}
    error: dict[str, Any] = body["error"]
    return error


NOT_INPUT = "input must be a string, an array of strings"
TEXT_PART = {"type": "text", "text": SOUP}
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/soup.jpg"}}


@pytest.mark.parametrize(
    ("body", "param", "code", "message"),
    [
        pytest.param({}, "input", "missing_required_parameter", "Missing required", id="no input"),
        pytest.param([SOUP], None, None, "the body must be an object", id="no object"),
        pytest.param({"input": None}, "input", "invalid_type", NOT_INPUT, id="null"),
        pytest.param({"input": 7}, "input", "invalid_type", NOT_INPUT, id="a number"),
        pytest.param({"input": [7]}, "input", "invalid_type", NOT_INPUT, id="tokens"),
        pytest.param({"input": [[SOUP]]}, "input", "invalid_type", NOT_INPUT, id="arrays in an array"),
        pytest.param({"input": [SOUP, TEXT_PART]}, "input", "invalid_type", NOT_INPUT, id="a mixed array"),
        pytest.param({"input": TEXT_PART}, "input", "invalid_type", NOT_INPUT, id="a part alone"),
        pytest.param({"input": []}, "input", "invalid_value", "1 to 3 elements, was 0", id="no text"),
        pytest.param(
            {"input": [SOUP] * 4}, "input", "invalid_value", "1 to 3 elements, was 4", id="too many"
        ),
        pytest.param(
            {"input": [TEXT_PART] * 4},
            "input",
            "invalid_value",
            "1 to 3 elements, was 4",
            id="too many parts",
        ),
        pytest.param(
            {"input": [TEXT_PART, IMAGE]},
            "input[1].type",
            "unsupported_value",
            "images cannot be scored here",
            id="an image",
        ),
        pytest.param(
            {"input": [{"type": "audio"}]},
            "input[0].type",
            "invalid_value",
            'must be "text"',
            id="another type",
        ),
        pytest.param({"input": [{}]}, "input[0].type", "invalid_value", 'must be "text"', id="no type"),
        pytest.param(
            {"input": [{"type": "text", "text": 7}]},
            "input[0].text",
            "invalid_type",
            "must be a string",
            id="a part without text",
        ),
        pytest.param(
            {"input": [TEXT_PART | {"size": 7}]},
            "input[0].size",
            "unknown_parameter",
            "Unrecognized request argument supplied: input[0].size",
            id="a part with another field",
        ),
        pytest.param(
            {"input": SOUP, "model": 7}, "model", "invalid_type", "model must be", id="model no text"
        ),
        pytest.param(
            {"input": SOUP, "model": None}, "model", "invalid_type", "model must be", id="model null"
        ),
        pytest.param(
            {"input": SOUP, "user": "7"},
            "user",
            "unknown_parameter",
            "Unrecognized request argument supplied: user",
            id="another field",
        ),
    ],
)
def test_a_body_that_breaks_a_rule_is_told_where_and_why(
    shipped_scorer: Scorer, body: Any, param: str | None, code: str | None, message: str
) -> None:
    with connect(make_app(shipped_scorer, ServeSettings(max_items=3))) as client:
        answer = client.post("/v1/moderations", json=body)

    assert answer.status_code == 400
    error = fault(answer)
    assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", param, code)
    assert message in error["message"]
    assert SOUP not in answer.text


def test_what_is_no_json_is_a_bad_request_too(client: TestClient) -> None:
    answer = client.post("/v1/moderations", content=b'{"input": ')

    assert answer.status_code == 400
    assert fault(answer)["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("given", "param", "message"),
    [
        pytest.param("", "input", "input (empty: nothing to read)", id="nothing"),
        pytest.param(
            "soup " * 5_000, "input", "input (too_long: more than 20,480 characters)", id="too long"
        ),
        pytest.param(FRENCH, "input", "input (language: fr is none of de, en)", id="another language"),
        pytest.param(
            [SOUP, " ", SOUP, FRENCH],
            "input[1]",
            "input[1] (empty: nothing to read), input[3] (language: fr is none of de, en)",
            id="two of an array",
        ),
        pytest.param(
            [{"type": "text", "text": " "}] * 2, "input", "input (empty: nothing to read)", id="empty parts"
        ),
        pytest.param(
            [""] * 11, "input[0]", "input[7] (empty: nothing to read), 3 more", id="more than are named"
        ),
    ],
)
def test_a_text_that_cannot_be_judged_is_an_error_that_says_which_and_why(
    client: TestClient, given: Any, param: str, message: str
) -> None:
    answer = client.post("/v1/moderations", json={"input": given})

    assert answer.status_code == 400
    error = fault(answer)
    assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", param, "unscorable")
    assert error["message"].endswith(message)


def test_an_unknown_language_is_said_where_none_is_assumed(shipped_scorer: Scorer) -> None:
    scorer = Scorer(shipped_scorer.bundle, shipped_scorer.policy, assume_language=None)
    with connect(make_app(scorer)) as client:
        answer = client.post("/v1/moderations", json={"input": "soup 12"})

    assert fault(answer)["message"].endswith("input (language: its language cannot be told)")


@pytest.mark.parametrize("why", list(Why))
def test_every_refusal_has_its_error(face: OpenAIFace, why: Why) -> None:
    answer = face.refuse(Refusal(why, "the rule", retry_after=1.2, allowed=("POST",)))

    error = json.loads(bytes(answer.body))["error"]
    kinds = {429: "requests"} | dict.fromkeys((500, 503, 504, 507), "server_error")
    assert answer.status_code == why.status
    assert set(error) == {"message", "type", "param", "code"}
    assert (error["message"], error["param"]) == ("the rule", None)
    assert error["type"] == kinds.get(why.status, "invalid_request_error")
    assert (answer.headers["retry-after"], answer.headers["allow"]) == ("2", "POST")


@pytest.mark.parametrize(
    ("secret", "status", "code"),
    [
        pytest.param(None, 401, "invalid_api_key", id="no key"),
        pytest.param("of somebody else", 401, "invalid_api_key", id="another key"),
        pytest.param("scopeless", 403, "missing_scope", id="a key without the scope"),
    ],
)
def test_a_key_that_may_not_score_is_refused(
    shipped_scorer: Scorer, secret: str | None, status: int, code: str
) -> None:
    app = make_app(shipped_scorer, keys=MemoryKeys({"scopeless": Key("k", "k", frozenset(), digest="x")}))
    with connect(app, secret) as client:
        answer = client.post("/v1/moderations", json={"input": SOUP})

    assert (answer.status_code, fault(answer)["code"]) == (status, code)


class _Limit(NoLimit):
    """Let `texts` texts pass in a minute, none of a larger request."""

    def take(self, key: Key, texts: int) -> float:
        del key
        return 0.0 if texts <= 1 else float("inf") if texts > 2 else 2.5

    def limit(self, key: Key) -> int | None:
        del key
        return 2


def test_a_limit_that_is_reached_says_when_to_come_back(shipped_scorer: Scorer) -> None:
    with connect(make_app(shipped_scorer, limiter=_Limit())) as client:
        answer = client.post("/v1/moderations", json={"input": [SOUP] * 2})

    assert (answer.status_code, fault(answer)["code"]) == (429, "rate_limit_exceeded")
    assert answer.headers["retry-after"] == "3"
    assert "x-should-retry" not in answer.headers


def test_a_request_that_no_wait_lets_pass_asks_for_no_retry(shipped_scorer: Scorer) -> None:
    with connect(make_app(shipped_scorer, limiter=_Limit())) as client:
        answer = client.post("/v1/moderations", json={"input": [SOUP] * 3})

    assert (answer.status_code, answer.headers["x-should-retry"]) == (429, "false")
    assert "retry-after" not in answer.headers


def test_the_wrong_method_is_refused_in_this_format(client: TestClient) -> None:
    answer = client.get("/v1/moderations")

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert fault(answer)["code"] == "method_not_supported"
