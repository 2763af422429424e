from __future__ import annotations

from collections.abc import Iterator
from math import inf

import pytest
from starlette.testclient import TestClient

from tocsin.models import Scorer
from tocsin.service.api import ServeSettings
from tocsin.service.api.perspective.refusals import CANONICAL, refuse
from tocsin.service.api.refusal import Refusal, Why
from tocsin.service.api.testing import SECRET, MemoryKeys, connect, make_app
from tocsin.service.keys import Key, Scope

ANALYZE = "/v1alpha1/comments:analyze"
SUGGEST = "/v1alpha1/comments:suggestscore"
FINE = {"comment": {"text": "Everybody brings soup."}, "requestedAttributes": {"THREAT": {}}}


@pytest.fixture
def client(shipped_scorer: Scorer) -> Iterator[TestClient]:
    with connect(make_app(shipped_scorer)) as client:
        yield client


@pytest.mark.parametrize(
    ("secret", "scopes"),
    [
        pytest.param(None, frozenset(Scope), id="no key"),
        pytest.param("another", frozenset(Scope), id="none of this server's"),
        pytest.param(SECRET, frozenset({Scope.FEEDBACK}), id="one for something else"),
    ],
)
def test_a_key_that_may_not_score_is_denied(
    shipped_scorer: Scorer, secret: str | None, scopes: frozenset[Scope]
) -> None:
    keys = MemoryKeys({SECRET: Key("k", "k", scopes, digest="of no secret")})
    with connect(make_app(shipped_scorer, keys=keys), secret) as client:
        answer = client.post(ANALYZE, json=FINE)

    said = answer.json()["error"]
    assert (answer.status_code, said["code"], said["status"]) == (403, 403, "PERMISSION_DENIED")
    assert set(said) == {"code", "status", "message"}


def test_a_reached_limit_is_said_as_google_says_it(shipped_scorer: Scorer) -> None:
    class Reached:
        def take(self, key: Key, texts: int) -> float:
            del key
            return 7.2 if texts else 0.0

        def limit(self, key: Key) -> int | None:
            del key
            return 60

    with connect(make_app(shipped_scorer, limiter=Reached())) as client:
        answer = client.post(ANALYZE, json=FINE)

    said = answer.json()["error"]
    assert (answer.status_code, said["code"], said["status"]) == (429, 429, "RESOURCE_EXHAUSTED")
    assert said["details"] == [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "RATE_LIMIT_EXCEEDED",
            "metadata": {
                "quota_limit": "AnalyzeRequestsPerMinutePerProject",
                "quota_limit_value": "60",
            },
        }
    ]
    assert answer.headers["Retry-After"] == "8"


def test_what_never_passes_a_limit_is_not_told_when_to_come_back(shipped_scorer: Scorer) -> None:
    class OneAMinute:
        def take(self, key: Key, texts: int) -> float:
            del key
            return inf if texts > 1 else 0.0

        def limit(self, key: Key) -> int | None:
            del key
            return 1

    body = {**FINE, "spanAnnotations": True}
    with connect(make_app(shipped_scorer, limiter=OneAMinute())) as client:
        answer = client.post(ANALYZE, json=body)

    assert answer.status_code == 429
    assert "Retry-After" not in answer.headers


@pytest.mark.parametrize("why", list(Why))
def test_every_reason_to_refuse_has_its_status(why: Why) -> None:
    said = refuse(Refusal(why, "soup is cold", retry_after=1.5, limit=5))

    code, status = CANONICAL[why]
    assert said.status_code == code
    assert f'"status":"{status}"'.encode() in said.body
    assert said.headers.get("Retry-After") == (None if why is Why.BAD_REQUEST else "2")


@pytest.mark.parametrize(
    ("headers", "content", "code", "status"),
    [
        pytest.param({}, b" " * 2_048, 413, "INVALID_ARGUMENT", id="too long"),
        pytest.param({"Content-Encoding": "gzip"}, b"", 415, "INVALID_ARGUMENT", id="compressed"),
    ],
)
def test_a_body_that_is_not_read_is_refused_in_this_format(
    shipped_scorer: Scorer, headers: dict[str, str], content: bytes, code: int, status: str
) -> None:
    with connect(make_app(shipped_scorer, ServeSettings(max_body_bytes=1_024))) as client:
        answer = client.post(ANALYZE, content=content, headers=headers)

    said = answer.json()["error"]
    assert (answer.status_code, said["code"], said["status"]) == (code, code, status)


def test_the_description_shows_the_body_of_every_error(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    schemas = document["components"]["schemas"]
    shown = [
        (status, answer["content"]["application/json"]["schema"])
        for methods in document["paths"].values()
        for operation in methods.values()
        if operation["tags"] == ["perspective"]
        for status, answer in operation["responses"].items()
        if status != "200"
    ]

    assert {status for status, _ in shown} >= {"400", "404", "429", "500", "504"}
    assert all(schema == {"$ref": "#/components/schemas/ErrorResponse"} for _, schema in shown)
    assert set(schemas["RpcStatus"]["properties"]) == {"code", "status", "message", "details"}
    assert "line" in schemas["ErrorBody"]["properties"], "another face's body of that name was replaced"


@pytest.mark.parametrize("path", [ANALYZE, SUGGEST])
def test_another_method_is_refused_in_this_format(client: TestClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert answer.json()["error"]["status"] == "UNIMPLEMENTED"
