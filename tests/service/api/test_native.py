from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from tocsin.models import Scorer
from tocsin.service.api.testing import connect, make_app

TEXT = "Everybody brings soup to the Zorbian choir on Friday."


@pytest.fixture
def client(shipped_scorer: Scorer) -> Iterator[TestClient]:
    with connect(make_app(shipped_scorer)) as client:
        yield client


def assess(client: TestClient, *items: Any, **more: Any) -> list[dict[str, Any]]:
    answer = client.post("/v1/assess", json={"items": list(items), **more})
    assert answer.status_code == 200, answer.text
    answers: list[dict[str, Any]] = answer.json()["assessments"]
    return answers


def test_an_answer_is_the_assessment_that_the_scorer_makes(
    client: TestClient, shipped_scorer: Scorer
) -> None:
    (answer,) = assess(client, {"text": TEXT})

    assert answer == json.loads(json.dumps(shipped_scorer.assess([TEXT])[0].to_dict()))
