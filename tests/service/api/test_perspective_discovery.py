"""The real client that sites use, built from our own discovery document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from googleapiclient import discovery
from googleapiclient.errors import HttpError
from starlette.testclient import TestClient

from tocsin.models import Scorer
from tocsin.service.api import ServeSettings
from tocsin.service.api.chosen_scores import ChosenScores
from tocsin.service.api.testing import SECRET, connect, live, make_app
from tocsin.service.keys import Key
from tocsin.signals import Signal

DOCUMENT = "/$discovery/rest?version=v1alpha1"
TEXT = "Everybody brings soup to the Zorbian choir on Friday."
FINE = {"comment": {"text": TEXT}, "requestedAttributes": {"THREAT": {}, "IDENTITY_ATTACK": {}}}


@pytest.fixture
def chosen(shipped_scorer: Scorer) -> ChosenScores:
    return ChosenScores(shipped_scorer, {"soup": {Signal.THREAT: 0.93, Signal.HATE: 0.5}})


@pytest.fixture
def google(shipped_scorer: Scorer, chosen: ChosenScores) -> Iterator[Any]:
    with live(make_app(shipped_scorer, assessor=chosen)) as base, built(base) as client:
        yield client


@pytest.fixture
def client(shipped_scorer: Scorer) -> Iterator[TestClient]:
    with connect(make_app(shipped_scorer), secret=None) as client:
        yield client


def built(base: str, key: str = SECRET) -> Any:
    return discovery.build(
        "commentanalyzer",
        "v1alpha1",
        developerKey=key,
        discoveryServiceUrl=base + DOCUMENT,
        static_discovery=False,
    )


def test_google_s_client_analyses(google: Any) -> None:
    body = {**FINE, "languages": ["en"], "doNotStore": True, "clientToken": "abc", "spanAnnotations": True}
    answer = google.comments().analyze(body=body).execute()

    assert answer["attributeScores"]["THREAT"]["summaryScore"] == {"value": 0.93, "type": "PROBABILITY"}
    assert answer["attributeScores"]["IDENTITY_ATTACK"]["summaryScore"]["value"] == 0.5
    assert answer["attributeScores"]["THREAT"]["spanScores"][0]["end"] == len(TEXT)
    assert (answer["languages"], answer["clientToken"]) == (["en"], "abc")


def test_google_s_client_suggests(google: Any) -> None:
    scores = {"THREAT": {"summaryScore": {"value": 0}}}
    body = {"comment": {"text": TEXT}, "attributeScores": scores, "clientToken": "comment:1"}

    assert google.comments().suggestscore(body=body).execute() == {
        "clientToken": "comment:1",
        "detectedLanguages": ["en"],
        "requestedLanguages": [],
    }


def test_google_s_client_tells_the_type_of_an_error(google: Any) -> None:
    body = {**FINE, "requestedAttributes": {"TOXICITY": {}}}

    with pytest.raises(HttpError) as caught:
        google.comments().analyze(body=body).execute()
    assert caught.value.status_code == 400
    assert caught.value.reason == "Unknown requested attribute: TOXICITY"
    assert caught.value.error_details[0]["errorType"] == "INVALID_REQUEST"


def test_google_s_client_tells_that_a_key_is_bad(shipped_scorer: Scorer) -> None:
    with (
        live(make_app(shipped_scorer)) as base,
        built(base, "another") as client,
        pytest.raises(HttpError) as caught,
    ):
        client.comments().analyze(body=FINE).execute()

    assert caught.value.status_code == 403


def test_google_s_client_comes_back_when_a_limit_was_reached(
    shipped_scorer: Scorer, chosen: ChosenScores
) -> None:
    waits = [1.0]

    class Once:
        def take(self, key: Key, texts: int) -> float:
            del key
            return waits.pop() if texts and waits else 0.0

        def limit(self, key: Key) -> int | None:
            del key
            return 60

    waited: list[float] = []
    app = make_app(shipped_scorer, assessor=chosen, limiter=Once())
    with live(app) as base, built(base) as client:
        request = client.comments().analyze(body=FINE)
        request._sleep = waited.append
        answer = request.execute(num_retries=2)

    assert len(waited) == 1
    assert answer["attributeScores"]["THREAT"]["summaryScore"]["value"] == 0.93


def test_the_document_names_the_address_that_it_was_asked_at(client: TestClient) -> None:
    document = client.get(DOCUMENT).json()

    assert document["rootUrl"] == document["baseUrl"] == "http://testserver/"
    assert client.head(DOCUMENT).status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://tocsin.example", id="no last slash"),
        pytest.param("https://tocsin.example/", id="a last slash"),
    ],
)
def test_the_document_names_the_public_address_where_one_is_set(shipped_scorer: Scorer, url: str) -> None:
    with connect(make_app(shipped_scorer, ServeSettings(public_url=url)), secret=None) as client:
        assert client.get(DOCUMENT).json()["rootUrl"] == "https://tocsin.example/"


@pytest.mark.parametrize("query", ["", "?version=v2", "?version="])
def test_another_version_is_not_found(client: TestClient, query: str) -> None:
    answer = client.get(f"/$discovery/rest{query}")

    assert answer.status_code == 404
    assert answer.json() == {
        "error": {"code": 404, "status": "NOT_FOUND", "message": "version must be v1alpha1"}
    }


def test_every_reference_of_the_document_leads_somewhere(client: TestClient) -> None:
    text = client.get(DOCUMENT).text
    document = json.loads(text)
    named = {part.split('"')[0] for part in text.split('"$ref":"')[1:]}

    assert named <= set(document["schemas"])
    assert {"AnalyzeCommentRequest", "TextEntry", "SpanScore"} <= named
    assert "anyOf" not in text
    assert '"type":"null"' not in text


def test_the_document_names_no_path_that_is_not_there(client: TestClient) -> None:
    document = client.get(DOCUMENT).json()
    methods = document["resources"]["comments"]["methods"].values()

    assert "batchPath" not in document
    assert client.post("/batch").status_code == 404
    assert all(client.get(f"/{one['path']}").status_code == 405 for one in methods)


def test_every_field_of_the_document_says_what_it_means(client: TestClient) -> None:
    schemas = client.get(DOCUMENT).json()["schemas"]

    assert all(one["description"] for schema in schemas.values() for one in schema["properties"].values())
    assert schemas["AnalyzeCommentRequest"]["properties"]["requestedAttributes"] == {
        "type": "object",
        "additionalProperties": {"$ref": "AttributeParameters"},
        "description": "The attributes to score it for, by name; at least one.",
    }


def test_the_document_says_what_a_mapped_attribute_is_and_is_not(shipped_scorer: Scorer) -> None:
    settings = ServeSettings(perspective_map={"TOXICITY": Signal.HATE})
    with connect(make_app(shipped_scorer, settings), secret=None) as client:
        said = client.get(DOCUMENT).json()["description"]

    assert "TOXICITY is answered with the signal hate" in said
    assert "not what Perspective's TOXICITY measured" in said
