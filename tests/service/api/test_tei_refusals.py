"""What a TEI client would misread is refused: an end that nobody judged, a text without any label."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from tocsin.models import Scorer
from tocsin.service.api.chosen_scores import ChosenScores
from tocsin.service.api.tei.schemas import TeiFault
from tocsin.service.api.testing import NoLimit, connect, make_app
from tocsin.service.keys import Key
from tocsin.signals import Signal

SOUP = "Everybody brings soup to the Zorbian choir on Friday."
SONG = "The Zorbians sing two songs before the soup is served."
PLACELESS = "soup 12"


@pytest.fixture
def client(shipped_scorer: Scorer) -> Iterator[TestClient]:
    chosen = dict.fromkeys((SONG, PLACELESS), dict.fromkeys(Signal))
    with connect(make_app(shipped_scorer, assessor=ChosenScores(shipped_scorer, chosen))) as client:
        yield client


def refused(answer: Any) -> str:
    assert answer.status_code == 422, answer.text
    fault = TeiFault.model_validate(answer.json())
    assert fault.error_type == "Validation"
    return fault.error


@pytest.mark.parametrize("direction", ["left", "Left"])
def test_a_text_is_not_cut_at_its_start(client: TestClient, direction: str) -> None:
    body = {"inputs": SOUP, "truncate": True, "truncation_direction": direction}

    assert (
        refused(client.post("/predict", json=body))
        == 'truncation_direction must be right where truncate is true, was "left"'
    )


@pytest.mark.parametrize("direction", ["up", 1, ["left"], {}, False])
def test_a_direction_must_be_one(client: TestClient, direction: Any) -> None:
    body = {"inputs": SOUP, "truncation_direction": direction}

    assert refused(client.post("/predict", json=body)) == "truncation_direction must be left or right"


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"truncate": True, "truncation_direction": "right"}, id="right"),
        pytest.param({"truncate": True, "truncation_direction": "Right"}, id="the format's other spelling"),
        pytest.param({"truncate": True, "truncation_direction": None}, id="unset"),
        pytest.param({"truncation_direction": "left"}, id="left where nothing is cut"),
    ],
)
def test_a_direction_that_changes_nothing_is_accepted(client: TestClient, more: dict[str, Any]) -> None:
    answers = [client.post("/predict", json={"inputs": SOUP, **one}) for one in ({}, more)]

    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize(
    ("inputs", "named"),
    [
        pytest.param(SONG, "inputs (language: no signal is known in en)", id="one text"),
        pytest.param([[SOUP], [SONG]], "inputs[1] (language: no signal is known in en)", id="one of a batch"),
        pytest.param(PLACELESS, "inputs (language: no signal is known in en)", id="judged as the assumed"),
        pytest.param([[SONG]] * 9, "(language: no signal is known in en), 1 more", id="more than are named"),
    ],
)
def test_a_text_without_any_label_is_an_error_that_says_which_and_why(
    client: TestClient, inputs: Any, named: str
) -> None:
    assert refused(client.post("/predict", json={"inputs": inputs})).endswith(named)


class _Limit(NoLimit):
    """Let no request pass, as one does that holds more texts than a minute allows."""

    def take(self, key: Key, texts: int) -> float:
        del key
        return float("inf") if texts else 0.0

    def limit(self, key: Key) -> int | None:
        del key
        return 2


def test_a_request_that_no_wait_lets_pass_does_not_say_when_to_come_back(shipped_scorer: Scorer) -> None:
    with connect(make_app(shipped_scorer, limiter=_Limit())) as client:
        answer = client.post("/predict", json={"inputs": [[SOUP]] * 3})

    assert (answer.status_code, answer.json()["error_type"]) == (429, "Overloaded")
    assert "retry-after" not in answer.headers


@pytest.mark.parametrize(("method", "path"), [("post", "/predict"), ("get", "/info"), ("get", "/health")])
def test_the_documentation_page_has_the_body_of_every_error(
    shipped_scorer: Scorer, method: str, path: str
) -> None:
    with connect(make_app(shipped_scorer)) as client:
        document = client.get("/openapi.json").json()

    responses = document["paths"][path][method]["responses"]
    errors = set(responses) - {"200"}
    assert errors
    for status in errors:
        schema = responses[status]["content"]["application/json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/TeiFault"}, status
