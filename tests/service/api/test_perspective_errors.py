from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from tocsin.models import DEFAULT_BUNDLE, Scorer, read_bundle
from tocsin.policy import default_policy
from tocsin.service.api.chosen_scores import ChosenScores
from tocsin.service.api.testing import connect, make_app

ANALYZE = "/v1alpha1/comments:analyze"
TEXT = "Everybody brings soup to the Zorbian choir on Friday."
GERMAN = "Alle bringen am Freitag Suppe zum Chor der Zorbianer mit."
THAI = "สวัสดีครับ วันนี้มีซุปอร่อยที่โรงเรียน"
TYPE = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"
FINE = {"comment": {"text": TEXT}, "requestedAttributes": {"THREAT": {}}}


@pytest.fixture
def client(shipped_scorer: Scorer) -> Iterator[TestClient]:
    with connect(make_app(shipped_scorer)) as client:
        yield client


def error(kind: str, message: str, **more: Any) -> dict[str, Any]:
    """Return the whole body of one of the format's own errors."""
    return {
        "error": {
            "code": 400,
            "status": "INVALID_ARGUMENT",
            "message": message,
            "details": [{"@type": TYPE, "errorType": kind, **more}],
        }
    }


def unsupported(attribute: str, languages: str, detected: str) -> dict[str, Any]:
    return error(
        "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        f"Attribute {attribute} does not support request languages: {languages}",
        languageNotSupportedByAttributeError={"detectedLanguages": [detected], "attribute": attribute},
    )


def invalid(message: str) -> dict[str, Any]:
    return error("INVALID_REQUEST", message)


def unknown(name: str, place: str = "") -> dict[str, Any]:
    return invalid(f'Invalid JSON payload received. Unknown name "{name}"{place}: Cannot find field.')


EMPTY = error("COMMENT_EMPTY", "Comment must be non-empty.")
TOO_LONG = error("COMMENT_TOO_LONG", "Comment text too long. (limit 20,480 bytes)")
MISSING = error("NO_REQUESTED_ATTRIBUTES", "Missing requested_attributes")
BOTH = invalid(
    "Context can have either entries or article_and_parent_comment, but both fields were populated."
)
SCORE_TYPE = invalid("Requested score type RAW is not supported by attribute THREAT")
MARKUP = invalid("Currently, only 'PLAIN_TEXT' comments are supported")

BROKEN = [
    pytest.param({}, EMPTY, id="nothing at all"),
    pytest.param({"comment": {"text": ""}}, EMPTY, id="an empty text comes before missing attributes"),
    pytest.param({"comment": {}, "requestedAttributes": {"THREAT": {}}}, EMPTY, id="no text"),
    pytest.param({**FINE, "comment": {"text": " \n\u200b "}}, EMPTY, id="nothing left to read"),
    pytest.param({**FINE, "comment": {"text": "a" * 20_481}}, TOO_LONG, id="a byte too long"),
    pytest.param({**FINE, "comment": {"text": "é" * 10_241}}, TOO_LONG, id="bytes count, not characters"),
    pytest.param(
        {"comment": {"text": "a" * 20_481}}, TOO_LONG, id="too long comes before missing attributes"
    ),
    pytest.param({"comment": {"text": TEXT}}, MISSING, id="no attributes"),
    pytest.param({"comment": {"text": TEXT}, "requestedAttributes": {}}, MISSING, id="empty attributes"),
    pytest.param({"comment": {"text": TEXT}, "requestedAttributes": None}, MISSING, id="null attributes"),
    pytest.param(
        {**FINE, "requestedAttributes": {"TOXICITY": {}}},
        invalid("Unknown requested attribute: TOXICITY"),
        id="an attribute that no signal supports",
    ),
    pytest.param(
        {**FINE, "requestedAttributes": {"THREAT": {"scoreType": "RAW"}, "SPAM": {}}},
        invalid("Unknown requested attribute: SPAM"),
        id="unknown attributes come before score types",
    ),
    pytest.param(
        {**FINE, "requestedAttributes": {"X" * 100: {}}},
        invalid(f"Unknown requested attribute: {'X' * 64}"),
        id="a long name is cut",
    ),
    pytest.param(
        {**FINE, "requestedAttributes": {"THREAT": {"scoreType": "RAW"}}}, SCORE_TYPE, id="score type"
    ),
    pytest.param(
        {"comment": {"text": TEXT, "type": "HTML"}, "requestedAttributes": {"THREAT": {"scoreType": "RAW"}}},
        SCORE_TYPE,
        id="score types come before the text's",
    ),
    pytest.param({**FINE, "comment": {"text": TEXT, "type": "HTML"}}, MARKUP, id="markup"),
    pytest.param({**FINE, "comment": {"text": TEXT, "type": 2}}, MARKUP, id="markup by its number"),
    pytest.param(
        {**FINE, "comment": {"text": TEXT, "type": "SOUP"}}, invalid("Unknown text type"), id="unknown type"
    ),
    pytest.param(
        {**FINE, "context": {"entries": [{"text": "a"}], "articleAndParentComment": {}}},
        BOTH,
        id="both contexts",
    ),
    pytest.param(
        {
            **FINE,
            "comment": {"text": TEXT, "type": "HTML"},
            "context": {"entries": [{"text": "a"}], "articleAndParentComment": {}},
        },
        MARKUP,
        id="the text's type comes before the context",
    ),
    pytest.param({**FINE, "soup": 1}, unknown("soup"), id="unknown field"),
    pytest.param(
        {**FINE, "comment": {"text": TEXT, "soup": 1}}, unknown("soup", " at 'comment'"), id="one deeper down"
    ),
    pytest.param({**FINE, "y" * 100: 1}, unknown("y" * 64), id="a long field name is cut"),
    pytest.param(
        {**FINE, "comment": {"text": 5}},
        invalid("Invalid value at 'comment.text' (TYPE_STRING)"),
        id="a number for a text",
    ),
    pytest.param(
        {**FINE, "doNotStore": "yes"}, invalid("Invalid value at 'doNotStore' (TYPE_BOOL)"), id="no boolean"
    ),
    pytest.param(
        {**FINE, "comment": TEXT},
        invalid("Invalid value at 'comment' (an object)"),
        id="a text for a message",
    ),
    pytest.param(
        {**FINE, "languages": ["en", 5]},
        invalid("Invalid value at 'languages[1]' (TYPE_STRING)"),
        id="a number among languages",
    ),
    pytest.param(
        {**FINE, "languages": "en"}, invalid("Invalid value at 'languages' (a list)"), id="a text for a list"
    ),
    pytest.param(
        {**FINE, "comment": {"text": TEXT, "type": []}},
        invalid("Invalid value at 'comment.type' (TYPE_STRING)"),
        id="a list for a name",
    ),
    pytest.param(
        {**FINE, "requestedAttributes": {"THREAT": {"scoreThreshold": "soup"}}},
        invalid("Invalid value at 'requestedAttributes.THREAT.scoreThreshold' (TYPE_DOUBLE)"),
        id="no number",
    ),
    pytest.param(
        {**FINE, "requestedAttributes": {"THREAT": {"scoreThreshold": "NaN"}}},
        invalid("Invalid value at 'requestedAttributes.THREAT.scoreThreshold' (TYPE_DOUBLE)"),
        id="not a number at all",
    ),
    pytest.param(
        [FINE],
        invalid("Invalid JSON payload received. Root element must be a message."),
        id="a list of requests",
    ),
    pytest.param({**FINE, "comment": {"text": THAI}}, unsupported("THREAT", "th", "th"), id="Thai"),
    pytest.param(
        {**FINE, "comment": {"text": THAI}, "languages": ["en"]},
        unsupported("THREAT", "th", "th"),
        id="Thai that is said to be English",
    ),
    pytest.param(
        {**FINE, "comment": {"text": GERMAN}, "requestedAttributes": {"HATE": {}, "THREAT": {}}},
        unsupported("THREAT", "de", "de"),
        id="a signal that is null in the language",
    ),
    pytest.param(
        {**FINE, "languages": ["en", "fr", "it"]},
        unsupported("THREAT", "fr, it", "en"),
        id="requested languages",
    ),
    pytest.param(
        {**FINE, "languages": ["und"]}, unsupported("THREAT", "und", "en"), id="undetermined asked for"
    ),
    pytest.param({**FINE, "languages": [""]}, unsupported("THREAT", "", "en"), id="no tag at all"),
]


@pytest.mark.parametrize(("body", "expected"), BROKEN)
def test_a_broken_rule_is_answered_field_by_field(client: TestClient, body: Any, expected: Any) -> None:
    answer = client.post(ANALYZE, json=body)

    assert answer.status_code == 400, answer.text
    assert answer.json() == expected
    assert next(iter(answer.json()["error"]["details"][0])) == "@type"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="half an object"),
        pytest.param(b"\xff\xfe", id="no UTF-8"),
        pytest.param(b'{"comment": {"text": "\\ud83d"}}', id="half a surrogate pair"),
        pytest.param(b"[" * 10_000, id="nested deeply"),
        pytest.param(b'{"comment": NaN}', id="not a number"),
    ],
)
def test_what_is_no_json_is_an_invalid_request(client: TestClient, body: bytes) -> None:
    answer = client.post(ANALYZE, content=body)
    said = answer.json()["error"]

    assert answer.status_code == 400
    assert said["details"] == [{"@type": TYPE, "errorType": "INVALID_REQUEST"}]
    assert said["message"].startswith("Invalid JSON payload received. ")


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"context": {"entries": [{}] * 10_000}}, id="entries"),
        pytest.param({"languages": [0] * 10_000}, id="languages of another type"),
        pytest.param(
            {"requestedAttributes": {f"A{number}": {} for number in range(10_000)}}, id="attributes"
        ),
        pytest.param({f"a{number}": 0 for number in range(10_000)}, id="unknown fields"),
        pytest.param({"context": {"entries": [[[]] * 100] * 100}}, id="lists within lists"),
    ],
)
def test_a_body_of_very_many_values_is_not_even_checked(client: TestClient, more: dict[str, Any]) -> None:
    answer = client.post(ANALYZE, json={**FINE, **more})

    assert answer.status_code == 400
    assert answer.json() == invalid("Invalid JSON payload received. It must hold at most 10,000 values.")


def test_a_body_of_many_values_is_read(client: TestClient) -> None:
    answer = client.post(ANALYZE, json={**FINE, "context": {"entries": [{"text": "a"}] * 4_990}})

    assert answer.status_code == 200, answer.text


def test_a_text_of_exactly_the_limit_is_judged(client: TestClient) -> None:
    answer = client.post(ANALYZE, json={**FINE, "comment": {"text": "soup " * 4_096}})

    assert answer.status_code == 200, answer.text


def test_a_text_longer_than_the_scorer_judges_is_too_long_and_says_the_limit_that_holds() -> None:
    scorer = Scorer(read_bundle(DEFAULT_BUNDLE), default_policy(), max_characters=20)
    with connect(make_app(scorer)) as client:
        answer = client.post(ANALYZE, json=FINE)

    assert answer.json() == error("COMMENT_TOO_LONG", "Comment text too long. (limit 20 characters)")


def test_a_text_in_no_language_that_can_be_told_fails_where_none_is_assumed() -> None:
    scorer = Scorer(read_bundle(DEFAULT_BUNDLE), default_policy(), assume_language=None)
    with connect(make_app(scorer)) as client:
        answer = client.post(ANALYZE, json={**FINE, "comment": {"text": "12345"}})

    assert answer.json() == error("LANGUAGE_DETECTION_FAILED", "Unable to detect language")


def test_a_failure_to_score_is_an_error_and_no_score(shipped_scorer: Scorer) -> None:
    with connect(make_app(shipped_scorer, assessor=ChosenScores(shipped_scorer, {}, fails="soup"))) as client:
        answer = client.post(ANALYZE, json=FINE)

    assert answer.status_code == 500
    assert answer.json()["error"]["status"] == "INTERNAL"


def test_a_failure_to_score_one_sentence_is_an_error_too(shipped_scorer: Scorer) -> None:
    class OneSentenceFails(ChosenScores):
        def assess(self, items: Any, *, explain: bool = False) -> Any:
            self._fails = "" if len(items) > 1 else "choir"
            if len(items) > 1:
                raise RuntimeError
            return super().assess(items, explain=explain)

    body = {**FINE, "comment": {"text": "Bring soup. The choir sings."}, "spanAnnotations": True}
    with connect(make_app(shipped_scorer, assessor=OneSentenceFails(shipped_scorer, {}))) as client:
        assert client.post(ANALYZE, json=body).status_code == 500


def test_no_error_repeats_the_text(client: TestClient) -> None:
    for place in ("comment", "context", "languages", "spanAnnotations"):
        answer = client.post(ANALYZE, json={**FINE, place: [{"text": "Zorbian secrets"}, "Zorbian secrets"]})

        assert answer.status_code == 400
        assert "Zorbian" not in answer.text
