"""The queue as it is really served: processes, a database server, and a platform that listens."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tocsin.service.keys import KeyFile, Scope, create_key
from tocsin.service.review import make_desk, review_settings
from tocsin.service.review.listening_testing import Platform
from tocsin.service.review.log import Actor, read_head, verify
from tocsin.service.review.making import bring_up_to_date, open_desk
from tocsin.service.review.records import add_reviewer
from tocsin.service.review.role import Role
from tocsin.service.review.testing import Cluster
from tocsin.service.serving.testing import PATIENCE_S, Served, serving

SCREEN = ("--review", "--tier", "screen", "--policy")
POLICY = """version = "1"
[policies.soup]
title = "Anything at all"
when = { any = ["hate"] }
severity = "high"
review = 0.0
urgent = 1.0
"""


@pytest.fixture
def platform() -> Iterator[Platform]:
    made = Platform()
    yield made
    made.close()


class Ask:
    """Ask a server over connections of their own, by the role whose key is sent."""

    def __init__(self, served: Served, secrets: dict[str, str]) -> None:
        self._served = served
        self._secrets = secrets

    def __call__(self, who: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        connection = self._served.connection()
        try:
            headers = {"Authorization": f"Bearer {self._secrets[who]}"}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def until(self, who: str, method: str, path: str, body: Any = None) -> Any:
        """Ask again for as long as the database is away; return the body of the answer."""
        until = time.monotonic() + PATIENCE_S
        while True:
            status, found = self(who, method, path, body)
            if status != 503 or time.monotonic() > until:
                assert status == 200, found
                return found
            time.sleep(0.1)


@pytest.fixture
def ready(
    database_url: str, tmp_path: Path, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Return the secrets of the platform, a reviewer and an admin, over a database that is ready."""
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    (tmp_path / "policy.toml").write_text(POLICY, encoding="utf-8")
    monkeypatch.setenv("TOCSIN_REVIEW_DATABASE", database_url)
    monkeypatch.setenv("TOCSIN_REVIEW_WEBHOOKS", str(platform.webhooks(tmp_path)))
    desk = open_desk(review_settings(), state)
    bring_up_to_date(desk)
    file = KeyFile(state)
    secrets = {"platform": create_key(file, "platform", [Scope.INTAKE])}
    secrets["scorer"] = create_key(file, "scorer", [Scope.SCORE])
    for role in (Role.REVIEWER, Role.ADMIN):
        secrets[role.word] = create_key(file, role.word, [Scope.REVIEW, Scope.ADMIN])
        newest = list(file.read())[-1]
        desk.write(add_reviewer, role.word, role, key=newest, by=Actor("system"))
    desk.close()
    return secrets


def decide_all(ask: Ask, most: int = 100) -> list[int]:
    """Return the decisions made until nothing waits, each asked for until it is granted."""
    made: list[int] = []
    for _ in range(most):
        task = ask.until("reviewer", "POST", "/v1/review/claims", {})["task"]
        if task is None:
            return made
        path = f"/v1/review/claims/{task['claim']}/decision"
        said = {"verdict": "confirm", "policy": "soup"}
        made.append(ask.until("reviewer", "POST", path, said)["decision"]["decision"])
    raise AssertionError("there must be an end to it")


def texts(count: int, first: int = 0) -> dict[str, Any]:
    named = range(first, first + count)
    return {"items": [{"id": f"p-{one}", "text": f"Soup number {one} is served at noon."} for one in named]}


def heard(platform: Platform, count: int) -> list[Any]:
    until = time.monotonic() + PATIENCE_S
    while len(platform.got) < count and time.monotonic() < until:
        time.sleep(0.02)
    return list(platform.got.values())


def test_a_decision_reaches_the_platform_signed_and_outlives_a_killed_server(
    ready: dict[str, str], tmp_path: Path, platform: Platform
) -> None:
    policy = str(tmp_path / "policy.toml")
    with serving(tmp_path, *SCREEN, policy, "--workers", "2") as served:
        ask = Ask(served, ready)
        status, taken = ask("platform", "POST", "/v1/items", texts(3))
        assert (status, [one["queue"] for one in taken["items"]]) == (200, ["review"] * 3)
        task = ask("reviewer", "POST", "/v1/review/claims", {})[1]["task"]
        path = f"/v1/review/claims/{task['claim']}/decision"
        assert ask("reviewer", "POST", path, {"verdict": "confirm", "policy": "soup"})[0] == 200
        for worker in served.workers:
            os.kill(worker, signal.SIGKILL)
        served.process.kill()
        served.process.wait()

    with serving(tmp_path, *SCREEN, policy) as served:
        ask = Ask(served, ready)
        assert len(decide_all(ask)) == 2
        told = heard(platform, 3)
        assert {one["data"]["item"] for one in told} == {"p-0", "p-1", "p-2"}
        assert ask("admin", "GET", "/v1/review/dead-letters")[1] == {"letters": []}
        states = [ask("platform", "GET", f"/v1/items/p-{one}")[1]["item"]["state"] for one in range(3)]
        assert states == ["decided"] * 3
        head = ask("admin", "GET", "/v1/review/log/head")[1]["head"]

    desk = make_desk(review_settings(), tmp_path / "state")
    found = desk.store.read(lambda tx: verify(tx, desk.context.key, read_head(tx)))
    desk.close()
    assert found.whole
    assert found.head.seq == json.loads(head)["seq"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_restarted_database_is_503_and_then_all_goes_on(
    ready: dict[str, str], tmp_path: Path, postgres: Cluster, platform: Platform
) -> None:
    with serving(tmp_path, *SCREEN, str(tmp_path / "policy.toml")) as served:
        ask = Ask(served, ready)
        ask.until("platform", "POST", "/v1/items", texts(20))
        postgres.stop("immediate")
        while_away = [
            ask("reviewer", "POST", "/v1/review/claims", {}),
            ask("platform", "POST", "/v1/items", texts(1, first=20)),
            ask("reviewer", "GET", "/v1/review/queues"),
        ]
        scored, _ = served.assess(["Soup is served at noon."], ready["scorer"])
        postgres.start()

        assert [(status, body["code"]) for status, body in while_away] == [(503, "store_away")] * 3
        assert scored == 200  # scoring needs no queue
        ask.until("platform", "POST", "/v1/items", texts(21))
        assert len(decide_all(ask)) == 21
        assert len({one["data"]["item"] for one in heard(platform, 21)}) == 21


def test_metrics_tell_what_waits(ready: dict[str, str], tmp_path: Path) -> None:
    with serving(tmp_path, *SCREEN, str(tmp_path / "policy.toml")) as served:
        connection = served.connection()
        connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {ready['admin']}"})
        shown = connection.getresponse().read().decode()
        connection.close()

    assert 'tocsin_review_open_tasks{queue="orders"} 0.0' in shown
    assert "tocsin_review_unanswered_pages 0.0" in shown
