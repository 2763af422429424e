from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from starlette.testclient import TestClient

from tocsin.assessment import Assessment
from tocsin.item import Item
from tocsin.models import Scorer
from tocsin.service.api.settings import ServeSettings
from tocsin.service.api.testing import SECRET, MemoryKeys, NoLimit, connect, make_app
from tocsin.service.keys import Key, Scope

ONE = {"items": [{"text": "Soup is served at noon in the Zorbian kitchen."}]}


@pytest.fixture(scope="module")
def stranger(shipped_scorer: Scorer) -> Iterator[TestClient]:
    """Return a client that sends no key of its own accord."""
    with connect(make_app(shipped_scorer), secret=None) as client:
        yield client


class Spent(NoLimit):
    """Let `texts` pass a minute, then ask to wait."""

    def __init__(self, texts: int) -> None:
        self.most = self.left = texts

    def take(self, key: Key, texts: int) -> float:
        del key
        if texts > self.most:
            return float("inf")
        if max(texts, 1) > self.left:
            return 12.3
        self.left -= texts
        return 0.0

    def limit(self, key: Key) -> int | None:
        del key
        return self.most


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        pytest.param({"Authorization": f"Bearer {SECRET}"}, "", id="bearer"),
        pytest.param({"Authorization": f"bearer  {SECRET} "}, "", id="bearer-in-small-letters"),
        pytest.param({"X-Goog-Api-Key": SECRET}, "", id="google-header"),
        pytest.param({}, f"?key={SECRET}", id="query"),
        pytest.param({"Authorization": "Bearer "}, f"?key={SECRET}", id="an-empty-bearer-is-none"),
        pytest.param({"Authorization": "Basic c291cA=="}, f"?key={SECRET}", id="another-scheme-is-no-key"),
    ],
)
def test_a_key_may_come_in_three_ways(headers: dict[str, str], query: str, stranger: TestClient) -> None:
    assert stranger.post(f"/v1/assess{query}", json=ONE, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("headers", "query", "status", "code"),
    [
        pytest.param({}, "", 401, "key_missing", id="none"),
        pytest.param({"Authorization": "Bearer "}, "", 401, "key_missing", id="empty-bearer"),
        pytest.param({}, "?key=", 401, "key_missing", id="empty-query"),
        pytest.param({"Authorization": "Bearer nope"}, "", 401, "key_invalid", id="unknown"),
        pytest.param({"Authorization": f"Bearer {SECRET[:-1]}"}, "", 401, "key_invalid", id="cut-short"),
        pytest.param(
            {"Authorization": "Bearer nope"},
            f"?key={SECRET}",
            401,
            "key_invalid",
            id="the-bearer-is-first",
        ),
        pytest.param({"X-Goog-Api-Key": "sch\u00fcssel".encode()}, "", 401, "key_invalid", id="not-ascii"),
    ],
)
def test_without_a_good_key_nothing_is_read(
    headers: dict[str, Any], query: str, status: int, code: str, stranger: TestClient
) -> None:
    answer = stranger.post(f"/v1/assess{query}", content=b"{ no json", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert SECRET not in answer.text


def test_a_key_opens_only_what_its_scopes_name(shipped_scorer: Scorer) -> None:
    keys = MemoryKeys({"x": Key("x", "x", frozenset({Scope.FEEDBACK, Scope.ADMIN}), digest="x")})
    with connect(make_app(shipped_scorer, keys=keys), "x") as client:
        answer = client.post("/v1/assess", json=ONE)

    assert answer.status_code == 403
    assert answer.json()["detail"] == "the key must have the scope score, it has admin, feedback"


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate, gzip", "GZIP", "x" * 100])
def test_a_compressed_body_is_refused_unread(encoding: str, stranger: TestClient) -> None:
    answer = stranger.post("/v1/assess", content=b"\x1f\x8b", headers={"Content-Encoding": encoding})

    assert answer.status_code == 415
    assert answer.json()["code"] == "body_compressed"


def test_a_body_that_says_it_is_not_compressed_is_read(stranger: TestClient) -> None:
    headers = {"Content-Encoding": "identity", "X-Goog-Api-Key": SECRET}
    assert stranger.post("/v1/assess", json=ONE, headers=headers).status_code == 200


def chunks(size: int, count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield b" " * size


@pytest.mark.parametrize(
    "body", [pytest.param(b" " * 4_000, id="said-before"), pytest.param(None, id="found-while-reading")]
)
def test_a_body_that_is_too_long_is_refused(body: bytes | None, shipped_scorer: Scorer) -> None:
    with connect(make_app(shipped_scorer, ServeSettings(max_body_bytes=2_000))) as client:
        answer = client.post("/v1/assess", content=body or chunks(500, 8))

    assert answer.status_code == 413
    assert answer.json()["code"] == "body_too_large"
    assert "at most 2,000 bytes" in answer.json()["detail"]


def test_a_body_that_does_not_come_is_not_waited_for(shipped_scorer: Scorer) -> None:
    app = make_app(shipped_scorer, ServeSettings(body_timeout_ms=50))
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(30)
        raise AssertionError

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/assess",
        "query_string": f"key={SECRET}".encode(),
        "headers": [],
    }
    asyncio.run(asyncio.wait_for(app(scope, receive, send), 10))

    assert sent[0]["status"] == 408


def test_a_keys_limit_is_told_with_a_time_to_come_back(shipped_scorer: Scorer) -> None:
    with connect(make_app(shipped_scorer, limiter=Spent(2))) as client:
        assert client.post("/v1/assess", json={"items": ONE["items"] * 2}).status_code == 200
        answer = client.post("/v1/assess", content=b"not even read")

    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "13"
    assert answer.json()["code"] == "rate_limited"
    assert answer.json()["limit"] == 2


def test_a_request_that_no_minute_could_hold_says_so_and_costs_nothing(shipped_scorer: Scorer) -> None:
    limiter = Spent(2)
    with connect(make_app(shipped_scorer, limiter=limiter)) as client:
        answer = client.post("/v1/assess", json={"items": ONE["items"] * 3})

    assert answer.status_code == 429
    assert "retry-after" not in answer.headers
    assert answer.json()["detail"].endswith("in a minute, 2, was 3")
    assert limiter.left == 2


def test_a_request_that_finds_no_room_is_not_charged(shipped_scorer: Scorer) -> None:
    gate, began = threading.Event(), threading.Event()

    class Slow:
        def assess(self, items: Sequence[Item], *, explain: bool = False) -> list[Assessment]:
            began.set()
            assert gate.wait(10)
            return shipped_scorer.assess(items, explain=explain)

    limiter = Spent(1_000)
    settings = ServeSettings(max_waiting=7, cache_entries=0, batch_items=1)  # seven of eight wait: full
    with connect(make_app(shipped_scorer, settings, limiter=limiter, assessor=Slow())) as client:
        waiting = threading.Thread(target=client.post, args=("/v1/assess",), kwargs={"json": eight()})
        waiting.start()
        assert began.wait(10)
        refused = client.post("/v1/assess", json=eight())
        reading = client.get("/v1/model")
        gate.set()
        waiting.join(10)

    assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
    assert limiter.left == 992
    assert reading.status_code == 200, "who only reads joins no line"


def eight() -> dict[str, Any]:
    return {"items": ONE["items"] * 8}


def test_more_requests_than_allowed_at_a_time_are_refused_at_once(shipped_scorer: Scorer) -> None:
    gate, began = threading.Event(), threading.Event()

    class Slow:
        def assess(self, items: Sequence[Item], *, explain: bool = False) -> list[Assessment]:
            began.set()
            assert gate.wait(10)
            return shipped_scorer.assess(items, explain=explain)

    app = make_app(shipped_scorer, ServeSettings(max_requests=1), assessor=Slow())
    with connect(app) as client:
        first: list[int] = []
        thread = threading.Thread(
            target=lambda: first.append(client.post("/v1/assess", json=ONE).status_code)
        )
        thread.start()
        assert began.wait(10)
        refused = client.post("/v1/assess", json=ONE)
        gate.set()
        thread.join(10)
        after = client.post("/v1/assess", json=ONE)

    assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
    assert refused.headers["retry-after"] == "1"
    assert first == [200]
    assert after.status_code == 200


def test_a_deadline_that_passes_is_an_error(shipped_scorer: Scorer) -> None:
    gate = threading.Event()

    class Stuck:
        def assess(self, items: Sequence[Item], *, explain: bool = False) -> list[Assessment]:
            gate.wait(10)
            return shipped_scorer.assess(items, explain=explain)

    with connect(make_app(shipped_scorer, ServeSettings(deadline_ms=50), assessor=Stuck())) as client:
        answer = client.post("/v1/assess", json=ONE)
        gate.set()

    assert (answer.status_code, answer.json()["code"]) == (504, "deadline_passed")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        pytest.param("GET", "/nothing", 404, "not_found", id="unknown-path"),
        pytest.param("GET", "/v1/assess/", 404, "not_found", id="one-slash-too-many"),
        pytest.param("DELETE", "/v1/assess", 405, "method_not_allowed", id="wrong-method"),
        pytest.param("GET", "/../etc/passwd", 404, "not_found", id="path-that-climbs"),
    ],
)
def test_what_is_not_served_is_a_problem_too(
    method: str, path: str, status: int, code: str, stranger: TestClient
) -> None:
    answer = stranger.request(method, path, follow_redirects=False)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    if status == 405:
        assert answer.headers["allow"] == "POST"


def test_one_slash_too_many_within_an_address_is_overlooked(stranger: TestClient) -> None:
    comment = {"comment": {"text": "Soup at noon."}, "requestedAttributes": {"THREAT": {}}}

    answer = stranger.post(f"/v1alpha1//comments:analyze?key={SECRET}", json=comment)

    assert answer.status_code == 200
    assert "THREAT" in answer.json()["attributeScores"]


@pytest.mark.parametrize("path", ["/v1alpha1/comments:nothing", "/v1alpha1"])
def test_an_unknown_path_is_answered_in_the_format_that_it_belongs_to(
    path: str, stranger: TestClient
) -> None:
    answer = stranger.post(path)

    assert (answer.status_code, answer.json()["error"]["status"]) == (404, "NOT_FOUND")


def without_keys(shipped_scorer: Scorer) -> Any:
    from tocsin.service.api import build_app
    from tocsin.service.api.making import make_faces, make_service

    service = make_service(ServeSettings(insecure_local=True), shipped_scorer, keys=None, limiter=NoLimit())
    return build_app(service, make_faces(service))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"Host": "localhost:8080"}, 200, id="by-name"),
        pytest.param({"Host": "127.0.0.1"}, 200, id="by-address"),
        pytest.param({"Host": "[::1]:8080"}, 200, id="by-address-of-version-6"),
        pytest.param({"Host": "127.8.8.8:80"}, 200, id="by-another-address-of-this-machine"),
        pytest.param({"Host": "LocalHost:80", "Origin": "http://localhost:80"}, 200, id="own-page"),
        pytest.param({"Host": "localhost", "Origin": "http://localhost:3000"}, 403, id="another-local-site"),
        pytest.param({"Host": "localhost", "Origin": "http://["}, 403, id="no-origin-at-all"),
        pytest.param({"Host": "evil.example"}, 403, id="a-name-that-was-rebound-to-us"),
        pytest.param({"Host": "localhost", "Origin": "https://evil.example"}, 403, id="foreign-page"),
        pytest.param({"Host": "localhost", "Origin": "null"}, 403, id="a-page-without-origin"),
        pytest.param({"Host": "localhost.evil.example"}, 403, id="a-name-that-begins-like-ours"),
    ],
)
def test_without_keys_only_this_machine_is_answered(
    headers: dict[str, str], status: int, shipped_scorer: Scorer
) -> None:
    with connect(without_keys(shipped_scorer), secret=None) as client:
        answer = client.post("/v1/assess", json=ONE, headers=headers)

    assert answer.status_code == status
    if status == 403:
        assert answer.json()["code"] == "origin_refused"


def test_what_breaks_inside_is_told_without_a_word_of_what_was_sent(
    shipped_scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(shipped_scorer)

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("soup")

    monkeypatch.setattr("tocsin.service.api.native.face.assess_bodies", broken)
    with connect(app) as client:
        answer = client.post("/v1/assess", json=ONE)

    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "oup" not in answer.text


def test_a_head_is_answered_like_a_get(stranger: TestClient) -> None:
    assert stranger.head("/v1/model", headers={"X-Goog-Api-Key": SECRET}).status_code == 200


@pytest.mark.parametrize(
    ("face", "path", "body"),
    [
        pytest.param("native", "/v1/assess", {}, id="native"),
        pytest.param("perspective", "/v1alpha1/comments:analyze", {}, id="perspective"),
        pytest.param("openai", "/v1/moderations", {}, id="moderations"),
        pytest.param("tei", "/predict", {}, id="tei"),
    ],
)
def test_whoever_is_refused_is_counted_whatever_the_format(
    face: str, path: str, body: dict[str, Any], shipped_scorer: Scorer
) -> None:
    with connect(make_app(shipped_scorer)) as client:
        client.post(path, json=body)
        told = client.get("/metrics").text

    assert f'tocsin_refusals_total{{face="{face}",reason="bad_request"}} 1.0' in told
