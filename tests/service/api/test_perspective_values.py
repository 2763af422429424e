"""Values that have the right form by a stretch alone, or mean nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from tocsin.models import Scorer
from tocsin.service.api.testing import connect, make_app

ANALYZE = "/v1alpha1/comments:analyze"
SUGGEST = "/v1alpha1/comments:suggestscore"
TEXT = "Everybody brings soup to the Zorbian choir on Friday."
COMMENT = {"text": TEXT}
SPAN = {"begin": 0, "end": 1, "score": {"value": 1}}


@pytest.fixture
def client(shipped_scorer: Scorer) -> Iterator[TestClient]:
    with connect(make_app(shipped_scorer)) as client:
        yield client


def analysis(text: Any = COMMENT, **parameters: Any) -> dict[str, Any]:
    return {"comment": text, "requestedAttributes": {"THREAT": parameters}}


def suggestion(**scores: Any) -> dict[str, Any]:
    return {"comment": COMMENT, "attributeScores": {"THREAT": scores}}


def refused(client: TestClient, path: str, body: Any) -> str:
    """Return why a body is an invalid request."""
    answer = client.post(path, json=body)
    assert answer.status_code == 400, answer.text
    said = answer.json()["error"]
    assert said["details"][0]["errorType"] == "INVALID_REQUEST"
    message: str = said["message"]
    return message


@pytest.mark.parametrize("flag", [True, False])
@pytest.mark.parametrize(
    ("path", "body", "place", "kind"),
    [
        (
            ANALYZE,
            lambda x: analysis(scoreThreshold=x),
            "requestedAttributes.THREAT.scoreThreshold",
            "DOUBLE",
        ),
        (ANALYZE, lambda x: analysis(scoreType=x), "requestedAttributes.THREAT.scoreType", "STRING"),
        (ANALYZE, lambda x: analysis({"text": TEXT, "type": x}), "comment.type", "STRING"),
        (ANALYZE, lambda x: analysis({"text": x}), "comment.text", "STRING"),
        (ANALYZE, lambda x: {**analysis(), "languages": [x]}, "languages[0]", "STRING"),
        (ANALYZE, lambda x: {**analysis(), "clientToken": x}, "clientToken", "STRING"),
        (
            ANALYZE,
            lambda x: {**analysis(), "context": {"entries": [{"type": x}]}},
            "context.entries[0].type",
            "STRING",
        ),
        (
            SUGGEST,
            lambda x: suggestion(summaryScore={"value": x}),
            "attributeScores.THREAT.summaryScore.value",
            "DOUBLE",
        ),
        (
            SUGGEST,
            lambda x: suggestion(summaryScore={"value": 1, "type": x}),
            "attributeScores.THREAT.summaryScore.type",
            "STRING",
        ),
        (
            SUGGEST,
            lambda x: suggestion(spanScores=[{**SPAN, "begin": x}]),
            "attributeScores.THREAT.spanScores[0].begin",
            "INT32",
        ),
        (
            SUGGEST,
            lambda x: suggestion(spanScores=[{**SPAN, "end": x}]),
            "attributeScores.THREAT.spanScores[0].end",
            "INT32",
        ),
        (
            SUGGEST,
            lambda x: suggestion(spanScores=[{**SPAN, "score": {"value": x}}]),
            "attributeScores.THREAT.spanScores[0].score.value",
            "DOUBLE",
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_true_and_false_are_no_numbers_and_no_names(
    client: TestClient, path: str, body: Any, place: str, kind: str, flag: bool
) -> None:
    assert refused(client, path, body(flag)) == f"Invalid value at '{place}' (TYPE_{kind})"


@pytest.mark.parametrize(
    ("threshold", "said"),
    [
        pytest.param(80, "80.0", id="a percentage"),
        pytest.param(2, "2.0", id="two"),
        pytest.param(1.0000001, "1.0000001", id="hardly more than one"),
        pytest.param(-0.1, "-0.1", id="below zero"),
        pytest.param("80", "80.0", id="as proto3 takes numbers too"),
    ],
)
def test_a_threshold_that_no_score_can_lie_on_both_sides_of_is_refused(
    client: TestClient, threshold: Any, said: str
) -> None:
    assert (
        refused(client, ANALYZE, analysis(scoreThreshold=threshold))
        == f"Score threshold of attribute THREAT must be between 0 and 1, was {said}"
    )


@pytest.mark.parametrize("threshold", [0, 1, 0.0, 1.0])
def test_a_threshold_may_be_either_end(client: TestClient, threshold: float) -> None:
    assert client.post(ANALYZE, json=analysis(scoreThreshold=threshold)).status_code == 200


def test_score_types_come_before_thresholds_and_both_before_the_text_s_type(client: TestClient) -> None:
    markup = {"text": TEXT, "type": "HTML"}

    assert "score type RAW" in refused(client, ANALYZE, analysis(markup, scoreThreshold=2, scoreType="RAW"))
    assert "Score threshold" in refused(client, ANALYZE, analysis(markup, scoreThreshold=2))


def test_an_error_names_ten_languages_at_most_and_none_at_length(client: TestClient) -> None:
    tags = ["x" * 100, *(f"f{letter}" for letter in "abcdefghijklmnop")]
    answer = client.post(ANALYZE, json={**analysis(), "languages": tags})

    assert answer.json()["error"]["message"] == (
        f"Attribute THREAT does not support request languages: {'x' * 64}, {', '.join(tags[1:10])}"
    )


def test_requested_languages_come_before_a_text_with_nothing_to_read(client: TestClient) -> None:
    answer = client.post(ANALYZE, json={**analysis({"text": " \u200b "}), "languages": ["fr"]})

    assert answer.json()["error"]["details"][0]["errorType"] == "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE"
