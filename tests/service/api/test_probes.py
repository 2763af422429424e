from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tocsin.models import DEFAULT_BUNDLE, Scorer
from tocsin.service.api.native.schemas import Problem
from tocsin.service.api.probes import ProbesFace
from tocsin.service.api.refusal import Refusal, Why
from tocsin.service.api.settings import ServeSettings
from tocsin.service.api.testing import EVERY_SCOPE, MemoryKeys, connect, make_app
from tocsin.service.keys import Key, Scope

PATHS = ("/healthz", "/readyz", "/metrics", "/v1/shadow")


@pytest.fixture(scope="module")
def client(shipped_scorer: Scorer) -> Iterator[TestClient]:
    settings = ServeSettings(max_requests=1, allowed_hosts=("flags.example",), shadow_bundle=DEFAULT_BUNDLE)
    keys = MemoryKeys(
        {
            "admin": EVERY_SCOPE,
            "others": Key("o", "o", frozenset(set(Scope) - {Scope.ADMIN}), digest="x"),
        }
    )
    with connect(make_app(shipped_scorer, settings, keys=keys), None) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "status"), [("/healthz", "alive"), ("/readyz", "ready")], ids=["alive", "ready"]
)
def test_whether_it_lives_and_is_ready_is_told_without_a_key(
    path: str, status: str, client: TestClient
) -> None:
    answer = client.get(path)

    assert (answer.status_code, answer.json()) == (200, {"status": status})
    assert client.head(path).status_code == 200


@pytest.mark.parametrize("path", ["/metrics", "/v1/shadow"])
def test_what_was_counted_is_told_to_the_scope_admin_alone(path: str, client: TestClient) -> None:
    assert client.get(path).json()["code"] == "key_missing"
    assert client.get(path, params={"key": "others"}).json()["code"] == "scope_missing"
    assert client.get(path, params={"key": "admin"}).status_code == 200


def test_metrics_come_in_prometheus_format(client: TestClient) -> None:
    answer = client.get("/metrics", params={"key": "admin"})

    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "\ntocsin_build_info{" in answer.text


def test_a_core_that_takes_no_texts_is_alive_but_not_ready(shipped_scorer: Scorer) -> None:
    app = make_app(shipped_scorer)
    client = TestClient(app)  # without its lifespan: nothing was started

    answer = client.get("/readyz")

    problem = Problem.model_validate_json(answer.content)
    assert (answer.status_code, problem.code) == (503, "stopping")
    assert client.get("/healthz").status_code == 200


def test_probes_are_answered_while_as_many_requests_run_as_may(shipped_scorer: Scorer) -> None:
    import threading

    began, go = threading.Event(), threading.Event()

    class Slow:
        def assess(self, items: object, *, explain: bool = False) -> list[object]:
            began.set()
            assert go.wait(10)
            raise ValueError(items, explain)

    app = make_app(shipped_scorer, ServeSettings(max_requests=1), assessor=Slow())  # type: ignore[arg-type]
    body = {"items": [{"text": "soup"}]}
    with connect(app) as client:
        thread = threading.Thread(target=client.post, args=("/v1/assess",), kwargs={"json": body})
        thread.start()
        assert began.wait(10)
        refused = client.post("/v1/assess", json=body)
        probes = [client.get(path).status_code for path in PATHS]
        go.set()
        thread.join(10)

    assert refused.json()["code"] == "overloaded"
    assert probes == [200, 200, 200, 404]


def test_probes_may_call_the_server_by_any_name(client: TestClient) -> None:
    assert client.get("/healthz", headers={"Host": "10.0.0.7:8080"}).status_code == 200
    assert client.get("/v1/model", headers={"Host": "10.0.0.7:8080"}).status_code == 421


def test_without_a_shadow_there_is_no_report_of_one(shipped_scorer: Scorer) -> None:
    with connect(make_app(shipped_scorer)) as client:
        answer = client.get("/v1/shadow")

    problem = Problem.model_validate_json(answer.content)
    assert (problem.status, problem.detail) == (
        404,
        "there is no shadow: shadow_bundle or shadow_policy would name one",
    )


@pytest.mark.parametrize("why", Why)
def test_every_refusal_of_a_probe_is_a_problem(why: Why) -> None:
    answer = ProbesFace().refuse(Refusal(why, "a rule"))

    assert answer.status_code == Problem.model_validate_json(bytes(answer.body)).status == why.status


def test_showing_metrics_does_not_hold_up_the_event_loop(
    shipped_scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tocsin.service.watching import Exposition

    shown_in: list[bool] = []

    def exposed(self: Exposition) -> tuple[bytes, str]:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            shown_in.append(True)
        return b"", "text/plain"

    monkeypatch.setattr(Exposition, "exposed", exposed)
    with connect(make_app(shipped_scorer)) as client:
        client.get("/metrics")

    assert shown_in == [True]
