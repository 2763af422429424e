from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tocsin.models import Scorer
from tocsin.service.api import ServeSettings, build_app
from tocsin.service.api.making import make_faces, make_service
from tocsin.service.api.testing import SECRET, MemoryKeys, NoLimit, connect, make_app
from tocsin.service.feedback import FeedbackBox
from tocsin.service.keys import Key, Scope

SUGGEST = "/v1alpha1/comments:suggestscore"
TEXT = "Hot 🍲 is at https://soup.example/table?seat=5 for everybody in the choir."
FINE = {
    "comment": {"text": TEXT},
    "attributeScores": {"THREAT": {"summaryScore": {"value": 1}}},
}
# As Coral sends it, with what must not be kept
CORALS = {
    **FINE,
    "languages": ["en"],
    "context": {"entries": [{"text": "https://forum.example/comment/17"}]},
    "communityId": "Coral:https://forum.example/x?y",
    "clientToken": "comment:17",
    "sessionId": "session-17",
}
LONG_TEXT = "a" * 20_481


@pytest.fixture
def client(shipped_scorer: Scorer) -> Iterator[TestClient]:
    with connect(make_app(shipped_scorer)) as client:
        yield client


@pytest.fixture
def box(tmp_path: Path) -> FeedbackBox:
    return FeedbackBox(tmp_path)


@pytest.fixture
def keeping(shipped_scorer: Scorer, box: FeedbackBox) -> Iterator[TestClient]:
    """Return a client of a server that keeps what is suggested."""
    with connect_with(shipped_scorer, box, feedback=True) as client:
        yield client


def connect_with(scorer: Scorer, box: FeedbackBox, *, feedback: bool) -> Any:
    settings = ServeSettings(feedback=feedback)
    service = make_service(settings, scorer, keys=MemoryKeys(), limiter=NoLimit(), feedback=box)
    return connect(build_app(service, make_faces(service)))


def test_an_answer_is_the_documented_one(client: TestClient) -> None:
    assert client.post(SUGGEST, json={**FINE, "languages": ["en"]}).json() == {
        "clientToken": "",
        "detectedLanguages": ["en"],
        "requestedLanguages": ["en"],
    }


def test_a_token_comes_back(client: TestClient) -> None:
    answer = client.post(SUGGEST, json=CORALS)

    assert answer.status_code == 200, answer.text
    assert answer.json()["clientToken"] == "comment:17"


def test_languages_are_those_that_were_sent_and_what_was_told(client: TestClient) -> None:
    answer = client.post(SUGGEST, json={**FINE, "comment": {"text": "12345"}}).json()

    assert answer["detectedLanguages"] == ["und"]
    assert answer["requestedLanguages"] == []


def test_a_suggestion_waits_for_a_reviewer_without_what_leads_to_people(
    keeping: TestClient, box: FeedbackBox
) -> None:
    scores = {
        "THREAT": {"summaryScore": {"value": 1, "type": "PROBABILITY"}},
        "HATE": {"spanScores": [{"begin": 4, "end": 6, "score": {"value": 0}}]},
    }
    assert keeping.post(SUGGEST, json={**CORALS, "attributeScores": scores}).status_code == 200

    (kept,) = [json.loads(line) for line in box.path.read_bytes().splitlines()]
    assert kept.pop("time").endswith("+00:00")
    assert kept == {
        "state": "waiting",
        "community": "Coral:forum.example",
        "languages": ["en"],
        "detected": "en",
        "scores": {
            "THREAT": {"value": 1.0, "spans": []},
            "HATE": {"value": None, "spans": [{"start": 4, "end": 5, "value": 0.0}]},
        },
        "text": "Hot 🍲 is at [link] for everybody in the choir.",
    }
    assert not any(word in str(kept) for word in ("17", "seat", "https"))


@pytest.mark.parametrize("score", [{}, {"value": None}, {"type": "PROBABILITY"}], ids=str)
def test_a_score_without_its_value_is_zero(keeping: TestClient, box: FeedbackBox, score: Any) -> None:
    scores = {"summaryScore": score, "spanScores": [{"begin": 0, "end": 3, "score": score}]}
    answer = keeping.post(SUGGEST, json={**FINE, "attributeScores": {"THREAT": scores}})

    assert answer.status_code == 200, answer.text
    assert json.loads(box.path.read_bytes())["scores"] == {
        "THREAT": {"value": 0.0, "spans": [{"start": 0, "end": 3, "value": 0.0}]}
    }


def test_nothing_is_kept_where_feedback_is_off(shipped_scorer: Scorer, box: FeedbackBox) -> None:
    with connect_with(shipped_scorer, box, feedback=False) as client:
        assert client.post(SUGGEST, json=CORALS).status_code == 200

    assert not box.path.exists()


@pytest.mark.parametrize(
    "reason", [pytest.param("full", id="the box is full"), pytest.param("folder", id="it cannot be written")]
)
def test_a_suggestion_that_is_not_kept_is_an_error_without_the_text(
    shipped_scorer: Scorer, tmp_path: Path, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    box = FeedbackBox(tmp_path, most_bytes=10)
    if reason == "folder":
        box.path.mkdir()
    with connect_with(shipped_scorer, box, feedback=True) as client, caplog.at_level(logging.ERROR):
        answer = client.post(SUGGEST, json=CORALS)

    assert (answer.status_code, answer.json()["error"]["status"]) == (500, "INTERNAL")
    assert "a suggested score was not kept" in caplog.text
    assert "choir" not in caplog.text + answer.text


def test_a_suggestion_too_long_to_keep_is_refused(keeping: TestClient, box: FeedbackBox) -> None:
    answer = keeping.post(SUGGEST, json={**FINE, "languages": ["e" * 64] * 5_000})

    assert answer.status_code == 413
    assert not box.path.exists()


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        pytest.param({}, "COMMENT_EMPTY", "Comment must be non-empty.", id="nothing"),
        pytest.param(
            {**FINE, "comment": {"text": LONG_TEXT}},
            "COMMENT_TOO_LONG",
            "Comment text too long. (limit 20,480 bytes)",
            id="too long",
        ),
        pytest.param(
            {"comment": {"text": TEXT}}, "INVALID_REQUEST", "Missing attribute_scores", id="no scores"
        ),
        pytest.param(
            {**FINE, "attributeScores": {}}, "INVALID_REQUEST", "Missing attribute_scores", id="empty"
        ),
        pytest.param(
            {**FINE, "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}}},
            "INVALID_REQUEST",
            "Unknown requested attribute: TOXICITY",
            id="an attribute without a signal",
        ),
        pytest.param(
            {**FINE, "attributeScores": {"THREAT": {}}},
            "INVALID_REQUEST",
            "Attribute THREAT must have a summary or a span score",
            id="no score at all",
        ),
        pytest.param(
            {**FINE, "attributeScores": {"THREAT": {"summaryScore": {"value": 1.01}}}},
            "INVALID_REQUEST",
            "Scores of attribute THREAT must have a value between 0 and 1",
            id="more than one",
        ),
        pytest.param(
            {**FINE, "attributeScores": {"THREAT": {"summaryScore": {"value": 1, "type": "RAW"}}}},
            "INVALID_REQUEST",
            "Requested score type RAW is not supported by attribute THREAT",
            id="no probability",
        ),
        pytest.param(
            {**FINE, "attributeScores": {"THREAT": {"spanScores": [{"begin": 0, "score": {"value": 1}}]}}},
            "INVALID_REQUEST",
            "Spans of attribute THREAT must have begin and end",
            id="a span without its end",
        ),
        pytest.param(
            {**FINE, "attributeScores": {"THREAT": {"spanScores": [{"end": 1, "score": {"value": 1}}]}}},
            "INVALID_REQUEST",
            "Spans of attribute THREAT must have begin and end",
            id="a span without its begin",
        ),
        pytest.param(
            {**FINE, "attributeScores": {"THREAT": {"spanScores": [{"begin": 0, "end": 1}]}}},
            "INVALID_REQUEST",
            "Scores of attribute THREAT must have a value between 0 and 1",
            id="a span without its score",
        ),
        pytest.param(
            {
                "comment": {"text": "🍲"},
                "attributeScores": {
                    "THREAT": {"spanScores": [{"begin": 0, "end": 3, "score": {"value": 1}}]}
                },
            },
            "INVALID_REQUEST",
            "Spans of attribute THREAT must lie within the comment's 2 UTF-16 code units",
            id="a span past the end",
        ),
        pytest.param(
            {
                **FINE,
                "attributeScores": {
                    "THREAT": {"spanScores": [{"begin": 0, "end": 1, "score": {"value": 1}}] * 1_001}
                },
            },
            "INVALID_REQUEST",
            "Spans must be at most 1000",
            id="very many spans",
        ),
        pytest.param(
            {**FINE, "comment": {"text": TEXT, "type": "HTML"}},
            "INVALID_REQUEST",
            "Currently, only 'PLAIN_TEXT' comments are supported",
            id="markup",
        ),
        pytest.param(
            {**FINE, "doNotStore": True},
            "INVALID_REQUEST",
            'Invalid JSON payload received. Unknown name "doNotStore": Cannot find field.',
            id="a field of the other request",
        ),
        pytest.param(
            {**FINE, "context": {"entries": [{"text": "a"}], "articleAndParentComment": {}}},
            "INVALID_REQUEST",
            "Context can have either entries or article_and_parent_comment, but both fields were populated.",
            id="both contexts",
        ),
    ],
)
def test_a_broken_rule_is_an_error_and_nothing_is_kept(
    keeping: TestClient, box: FeedbackBox, body: Any, kind: str, message: str
) -> None:
    answer = keeping.post(SUGGEST, json=body)
    said = answer.json()["error"]

    assert answer.status_code == 400, answer.text
    assert (said["details"][0]["errorType"], said["message"]) == (kind, message)
    assert not box.path.exists()


def test_suggesting_asks_for_a_scope_of_its_own(shipped_scorer: Scorer) -> None:
    keys = MemoryKeys({SECRET: Key("k", "k", frozenset({Scope.SCORE}), digest="of no secret")})
    with connect(make_app(shipped_scorer, keys=keys)) as client:
        answer = client.post(SUGGEST, json=FINE)

    assert (answer.status_code, answer.json()["error"]["status"]) == (403, "PERMISSION_DENIED")


def test_a_suggestion_counts_as_one_text_and_one_past_the_limit_is_not_kept(
    shipped_scorer: Scorer, box: FeedbackBox
) -> None:
    class Two:
        left = 2

        def take(self, key: Key, texts: int) -> float:
            del key
            self.left -= texts
            return float(self.left < 0)

        def limit(self, key: Key) -> int | None:
            del key
            return 2

    settings = ServeSettings(feedback=True)
    service = make_service(settings, shipped_scorer, keys=MemoryKeys(), limiter=Two(), feedback=box)
    with connect(build_app(service, make_faces(service))) as client:
        statuses = [client.post(SUGGEST, json=FINE).status_code for _ in range(3)]

    assert statuses == [200, 200, 429]
    assert len(box.path.read_bytes().splitlines()) == 2
