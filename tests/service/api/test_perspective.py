from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from tocsin.models import Scorer
from tocsin.service.api import ServeSettings
from tocsin.service.api.chosen_scores import ChosenScores
from tocsin.service.api.testing import SECRET, connect, make_app
from tocsin.signals import Signal

ANALYZE = "/v1alpha1/comments:analyze"
TEXT = "Everybody brings soup to the Zorbian choir on Friday."
SCORES = {"soup": {Signal.THREAT: 0.93, Signal.HATE: 0.25, Signal.GRIEVANCE: 0.0}}


@pytest.fixture
def assessor(shipped_scorer: Scorer) -> ChosenScores:
    return ChosenScores(shipped_scorer, SCORES)


@pytest.fixture
def client(shipped_scorer: Scorer, assessor: ChosenScores) -> Iterator[TestClient]:
    with connect(make_app(shipped_scorer, assessor=assessor)) as client:
        yield client


def analyze(client: TestClient, text: str = TEXT, *attributes: str, **more: Any) -> dict[str, Any]:
    requested: dict[str, Any] = {name: {} for name in attributes or ("THREAT",)}
    answer = client.post(ANALYZE, json={"comment": {"text": text}, "requestedAttributes": requested, **more})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def probability(value: float) -> dict[str, Any]:
    return {"value": value, "type": "PROBABILITY"}


def test_an_answer_is_the_documented_one_field_by_field(client: TestClient) -> None:
    assert analyze(client, clientToken="abc", languages=["en"]) == {
        "attributeScores": {
            "THREAT": {
                "summaryScore": probability(0.93),
                "spanScores": [{"begin": 0, "end": 53, "score": probability(0.93)}],
            }
        },
        "languages": ["en"],
        "detectedLanguages": ["en"],
        "clientToken": "abc",
    }


def test_a_token_that_was_not_sent_does_not_come_back(client: TestClient) -> None:
    assert "clientToken" not in analyze(client)


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        pytest.param("THREAT", 0.93, id="one that Perspective has too"),
        pytest.param("THREAT_EXPERIMENTAL", 0.93, id="its experimental twin"),
        pytest.param("IDENTITY_ATTACK", 0.25, id="one under another name than the signal's"),
        pytest.param("IDENTITY_ATTACK_EXPERIMENTAL", 0.25, id="and its twin"),
        pytest.param("HATE", 0.25, id="an extension"),
        pytest.param("GRIEVANCE", 0.0, id="a score of zero is a score"),
    ],
)
def test_an_attribute_is_the_probability_of_its_signal(
    client: TestClient, attribute: str, value: float
) -> None:
    scores = analyze(client, TEXT, attribute)["attributeScores"]

    assert list(scores) == [attribute]
    assert scores[attribute]["summaryScore"] == probability(value)


@pytest.mark.parametrize("signal", list(Signal))
def test_every_signal_has_an_attribute_of_its_own_name(
    shipped_scorer: Scorer, client: TestClient, signal: Signal
) -> None:
    expected = {**shipped_scorer.assess([TEXT])[0].signals, **SCORES["soup"]}[signal]
    assert expected is not None

    answer = analyze(client, TEXT, signal.value.upper())["attributeScores"][signal.value.upper()]
    assert answer["summaryScore"]["value"] == round(expected, 6)


def test_a_mapped_attribute_is_answered_with_its_signal(shipped_scorer: Scorer) -> None:
    settings = ServeSettings(perspective_map={"TOXICITY": Signal.HATE})
    with connect(make_app(shipped_scorer, settings, assessor=ChosenScores(shipped_scorer, SCORES))) as client:
        scores = analyze(client, TEXT, "TOXICITY")["attributeScores"]

    assert scores["TOXICITY"]["summaryScore"] == probability(0.25)


@pytest.mark.parametrize(
    ("threshold", "left"),
    [
        pytest.param(0.25, {"THREAT", "IDENTITY_ATTACK"}, id="a score at its threshold stays"),
        pytest.param(0.26, {"THREAT"}, id="one below goes"),
        pytest.param("0.26", {"THREAT"}, id="proto3 takes numbers as strings"),
        pytest.param(None, {"THREAT", "IDENTITY_ATTACK"}, id="null is none"),
    ],
)
def test_a_score_below_its_threshold_is_left_out(client: TestClient, threshold: Any, left: set[str]) -> None:
    requested = {name: {"scoreThreshold": threshold} for name in ("THREAT", "IDENTITY_ATTACK")}

    assert set(analyze(client, requestedAttributes=requested)["attributeScores"]) == left


def test_there_is_no_attribute_scores_where_every_score_is_below(client: TestClient) -> None:
    requested = {"THREAT": {"scoreThreshold": 0.99}, "HATE": {"scoreThreshold": 0.99}}

    assert analyze(client, requestedAttributes=requested) == {
        "languages": ["en"],
        "detectedLanguages": ["en"],
    }


def test_names_of_fields_come_in_either_style(client: TestClient) -> None:
    answer = client.post(
        ANALYZE,
        json={
            "comment": {"text": TEXT, "type": "PLAIN_TEXT"},
            "requested_attributes": {"THREAT": {"score_threshold": 0.1, "score_type": "PROBABILITY"}},
            "span_annotations": False,
            "do_not_store": True,
            "client_token": "abc",
            "session_id": "s",
            "community_id": "c",
            "context": {"article_and_parent_comment": {"parent_comment": {"text": "Soup?"}}},
        },
    )

    assert answer.status_code == 200, answer.text
    assert answer.json()["clientToken"] == "abc"


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"comment": {"text": TEXT, "type": None}}, id="null is unset"),
        pytest.param({"comment": {"text": TEXT, "type": "TEXT_TYPE_UNSPECIFIED"}}, id="unspecified is plain"),
        pytest.param({"comment": {"text": TEXT, "type": 1}}, id="proto3 takes numbers of names"),
        pytest.param({"requestedAttributes": {"THREAT": {"scoreType": 0}}}, id="of score types too"),
        pytest.param({"context": {"entries": [{"text": "Soup?"}]}}, id="context of entries"),
        pytest.param(
            {"context": {"entries": [], "articleAndParentComment": {}}}, id="an empty list is unset"
        ),
        pytest.param({"languages": None}, id="null languages"),
    ],
)
def test_what_says_nothing_changes_nothing(client: TestClient, more: dict[str, Any]) -> None:
    assert analyze(client, **more) == analyze(client)


def test_query_parameters_of_google_s_servers_are_accepted(client: TestClient) -> None:
    answer = client.post(
        f"{ANALYZE}?alt=json&prettyPrint=false&quotaUser=me&fields=attributeScores&%24.xgafv=2",
        json={"comment": {"text": TEXT}, "requestedAttributes": {"THREAT": {}}},
    )

    assert answer.status_code == 200
    assert answer.json() == analyze(client), "a mask is ignored"


def test_a_page_of_another_site_is_not_let_in_by_the_browser(client: TestClient) -> None:
    origin = {"Origin": "https://forum.example"}
    asked = client.options(ANALYZE, headers={**origin, "Access-Control-Request-Method": "POST"})
    answer = client.post(
        ANALYZE, headers=origin, json={"comment": {"text": TEXT}, "requestedAttributes": {"THREAT": {}}}
    )

    assert asked.status_code == 405
    assert not [name for name in [*asked.headers, *answer.headers] if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        pytest.param(f"?key={SECRET}", {}, id="in the query"),
        pytest.param("", {"X-Goog-Api-Key": SECRET}, id="in the header"),
    ],
)
def test_a_key_comes_as_clients_send_it(shipped_scorer: Scorer, query: str, headers: dict[str, str]) -> None:
    with connect(make_app(shipped_scorer), secret=None) as client:
        answer = client.post(
            ANALYZE + query,
            headers=headers,
            json={"comment": {"text": TEXT}, "requestedAttributes": {"THREAT": {}}},
        )

    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("do_not_store", "scored"),
    [
        pytest.param(False, 1, id="a text that comes again is answered from memory"),
        pytest.param(True, 2, id="one not to be stored is scored again"),
    ],
)
def test_do_not_store_keeps_out_of_the_memory(
    client: TestClient, assessor: ChosenScores, do_not_store: bool, scored: int
) -> None:
    first = analyze(client, doNotStore=do_not_store)

    assert analyze(client, doNotStore=do_not_store) == first
    assert len(assessor.seen) == scored
