from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from starlette.testclient import TestClient

from tocsin.models import Scorer
from tocsin.service.api.chosen_scores import FAILING, ChosenScores
from tocsin.service.api.refusal import Refusal, Why
from tocsin.service.api.settings import ServeSettings
from tocsin.service.api.tei import TeiFace
from tocsin.service.api.tei.predictions import log_odds
from tocsin.service.api.tei.schemas import InfoResponse, PredictRequest, PredictResponse
from tocsin.service.api.testing import MemoryKeys, NoLimit, connect, make_app
from tocsin.service.keys import Key
from tocsin.signals import Signal

SOUP = "Everybody brings soup to the Zorbian choir on Friday."
SONG = "The Zorbians sing two songs before the soup is served."
CERTAIN = "All of us meet at the soup"
GERMAN = "Heute kochen wir eine Suppe und gehen danach alle zusammen zum Chor."
FRENCH = "Demain nous préparons une soupe pour toute la chorale du village."
NULL_IN_GERMAN = {"threat", "grievance", "dehumanisation"}

CHOSEN: dict[str, Mapping[Signal, float | None]] = {
    SONG: dict.fromkeys(Signal, 0.25) | {Signal.HATE: 0.5, Signal.EXTREMISM: None},
    CERTAIN: dict.fromkeys(Signal, 0.0) | {Signal.HATE: 1.0},
}


@pytest.fixture
def client(shipped_scorer: Scorer) -> Iterator[TestClient]:
    with connect(make_app(shipped_scorer, assessor=ChosenScores(shipped_scorer, CHOSEN))) as client:
        yield client


def predict(client: TestClient, inputs: Any, **more: Any) -> Any:
    answer = client.post("/predict", json={"inputs": inputs, **more})
    assert answer.status_code == 200, answer.text
    PredictResponse.model_validate(answer.json())
    return answer.json()


def fault(answer: Any) -> tuple[int, str]:
    body = answer.json()
    assert list(body) == ["error", "error_type"]
    return answer.status_code, body["error_type"]


def test_a_text_has_a_label_for_each_signal_highest_first(client: TestClient, shipped_scorer: Scorer) -> None:
    answer = predict(client, SOUP)

    (assessment,) = shipped_scorer.assess([SOUP])
    scores = {signal.value: round(score or 0, 6) for signal, score in assessment.signals.items()}
    assert {one["label"]: one["score"] for one in answer} == scores
    assert [one["score"] for one in answer] == sorted(scores.values(), reverse=True)
    assert all(list(one) == ["label", "score"] for one in answer)


def test_a_signal_that_is_null_has_no_label(client: TestClient) -> None:
    assert "extremism" not in {one["label"] for one in predict(client, SONG)}
    assert {one["label"] for one in predict(client, GERMAN)} == set(Signal) - NULL_IN_GERMAN


@pytest.mark.parametrize(
    ("inputs", "lengths"),
    [
        pytest.param([[SOUP], [SONG], [GERMAN]], [8, 7, 5], id="three texts, in order"),
        pytest.param([[SONG]], [7], id="one text, a list of one list"),
    ],
)
def test_a_batch_has_a_list_for_each_text(client: TestClient, inputs: Any, lengths: list[int]) -> None:
    assert [len(labels) for labels in predict(client, inputs)] == lengths


def test_a_flat_list_of_one_text_is_that_text(client: TestClient) -> None:
    assert predict(client, [SONG]) == predict(client, SONG)


def test_raw_scores_are_log_odds(client: TestClient) -> None:
    scores = {one["label"]: one["score"] for one in predict(client, SONG, raw_scores=True)}

    assert scores.pop("hate") == 0.0
    assert set(scores.values()) == {round(math.log(1 / 3), 6)}


def test_raw_scores_of_what_is_certain_are_numbers_all_the_same(client: TestClient) -> None:
    scores = [one["score"] for one in predict(client, CERTAIN, raw_scores=True)]

    assert [round(score, 1) for score in scores] == [36.7] + [-36.7] * 7


@pytest.mark.parametrize("odds", [-30.0, -0.5, 0.0, 3.0, 20.0])
def test_log_odds_undo_the_logistic_function(odds: float) -> None:
    assert log_odds(1 / (1 + math.exp(-odds))) == pytest.approx(odds, abs=1e-6)


def test_what_is_too_long_is_cut_where_that_is_asked_for(shipped_scorer: Scorer) -> None:
    scorer = Scorer(shipped_scorer.bundle, shipped_scorer.policy, max_characters=len(SOUP))
    with connect(make_app(scorer)) as client:
        cut = predict(client, f"{SOUP} {SONG}", truncate=True)
        whole = predict(client, SOUP)
        refused = client.post("/predict", json={"inputs": f"{SOUP} {SONG}"})

    assert cut == whole
    assert fault(refused) == (422, "Validation")
    assert f"inputs (too_long: more than {len(SOUP)} characters)" in refused.json()["error"]


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        pytest.param(" ", "inputs (empty: nothing to read)", id="nothing"),
        pytest.param(FRENCH, "inputs (language: fr is none of de, en)", id="another language"),
        pytest.param([[SOUP], [""]], "inputs[1] (empty: nothing to read)", id="one of a batch"),
    ],
)
def test_a_text_that_cannot_be_judged_is_an_error_that_says_which_and_why(
    client: TestClient, inputs: Any, said: str
) -> None:
    answer = client.post("/predict", json={"inputs": inputs})

    assert fault(answer) == (422, "Validation")
    assert answer.json()["error"].endswith(said)


SHAPE = 'inputs must be a string or a batch [["…"], ["…"]]'


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param([SOUP], 'the body must be an object with "inputs"', id="no object"),
        pytest.param({}, 'the body must be an object with "inputs"', id="no inputs"),
        pytest.param({"inputs": None}, SHAPE, id="null"),
        pytest.param({"inputs": {"a": SOUP}}, SHAPE, id="an object"),
        pytest.param({"inputs": [SOUP, SONG]}, "was a pair of texts: single texts are judged", id="a pair"),
        pytest.param({"inputs": [[SOUP, SONG]]}, "was a pair of texts", id="a batch of a pair"),
        pytest.param({"inputs": [[SOUP], [SOUP, SONG]]}, "was a pair of texts", id="a pair in a batch"),
        pytest.param({"inputs": [[SOUP] * 3]}, SHAPE, id="three texts in one"),
        pytest.param({"inputs": [SOUP] * 3}, "was a flat list of 3 texts", id="a flat list is no batch"),
        pytest.param({"inputs": [[SOUP], SONG]}, SHAPE, id="a mixed batch"),
        pytest.param({"inputs": [SOUP, [SONG]]}, SHAPE, id="mixed the other way round"),
        pytest.param({"inputs": [[7]]}, SHAPE, id="numbers"),
        pytest.param({"inputs": [[]]}, SHAPE, id="an empty text list"),
        pytest.param({"inputs": []}, "a batch must hold 1 to 3 texts, was 0", id="an empty batch"),
        pytest.param({"inputs": [[SOUP]] * 4}, "a batch must hold 1 to 3 texts, was 4", id="too many"),
        pytest.param(
            {"inputs": SOUP, "raw_scores": "no"}, "raw_scores must be true or false", id="a flag that is text"
        ),
        pytest.param(
            {"inputs": SOUP, "truncate": 1}, "truncate must be true or false", id="a flag that is a number"
        ),
    ],
)
def test_a_body_that_breaks_a_rule_is_told_which(shipped_scorer: Scorer, body: Any, said: str) -> None:
    with connect(make_app(shipped_scorer, ServeSettings(max_items=3))) as client:
        answer = client.post("/predict", json=body)

    assert fault(answer) == (422, "Validation")
    assert said in answer.json()["error"]
    assert SOUP not in answer.text


def test_fields_that_the_format_lacks_are_passed_over_and_null_flags_are_unset(client: TestClient) -> None:
    more = {"parameters": {"top_k": 1}, "truncate": None, "raw_scores": None}

    assert predict(client, SONG, **more) == predict(client, SONG)


def test_a_failure_to_score_is_an_error_for_the_whole_batch(client: TestClient) -> None:
    answer = client.post("/predict", json={"inputs": [[SOUP], [FAILING]]})

    assert fault(answer) == (424, "Backend")


# What refuses a key or a path is no matter of the format: there the status is HTTP's own.
FORMATS_OWN = {
    Why.BAD_REQUEST: (422, "Validation"),
    Why.SCORING_FAILED: (424, "Backend"),
    Why.INTERNAL: (500, "Backend"),
    Why.RATE_LIMITED: (429, "Overloaded"),
    Why.OVERLOADED: (429, "Overloaded"),
    Why.DEADLINE_PASSED: (429, "Overloaded"),
    Why.STOPPING: (503, "Unhealthy"),
    Why.STORAGE_FULL: (507, "Backend"),
    Why.STORE_AWAY: (503, "Unhealthy"),
}


@pytest.mark.parametrize("why", list(Why))
def test_every_refusal_has_its_error(shipped_scorer: Scorer, why: Why) -> None:
    face = TeiFace(shipped_scorer, ServeSettings())
    answer = face.refuse(Refusal(why, "the rule", retry_after=1.2, allowed=("POST",)))

    status, kind = FORMATS_OWN.get(why, (why.status, "Validation"))
    assert answer.status_code == status
    assert json.loads(bytes(answer.body)) == {"error": "the rule", "error_type": kind}
    assert (answer.headers["retry-after"], answer.headers["allow"]) == ("2", "POST")


class _Limit(NoLimit):
    def take(self, key: Key, texts: int) -> float:
        del key
        return 2.5 if texts else 0.0


def test_a_limit_that_is_reached_says_when_to_come_back(shipped_scorer: Scorer) -> None:
    with connect(make_app(shipped_scorer, limiter=_Limit())) as client:
        answer = client.post("/predict", json={"inputs": SOUP})

    assert fault(answer) == (429, "Overloaded")
    assert answer.headers["retry-after"] == "3"


@pytest.mark.parametrize(("method", "path"), [("POST", "/predict"), ("GET", "/info")])
def test_a_key_that_may_not_score_is_refused(shipped_scorer: Scorer, method: str, path: str) -> None:
    app = make_app(shipped_scorer, keys=MemoryKeys({"scopeless": Key("k", "k", frozenset(), digest="x")}))
    with connect(app, "scopeless") as client:
        assert fault(client.request(method, path)) == (403, "Validation")
    with connect(app, None) as client:
        assert fault(client.request(method, path)) == (401, "Validation")


def test_health_asks_for_no_key_and_says_when_requests_are_no_longer_taken(shipped_scorer: Scorer) -> None:
    app = make_app(shipped_scorer)
    with connect(app, None) as client:
        well = client.get("/health")
    stopped = TestClient(app).get("/health")  # without its lifespan the scoring core does not run

    assert (well.status_code, well.content) == (200, b"")
    assert fault(stopped) == (503, "Unhealthy")


def test_info_has_the_formats_fields_with_the_servers_own_limits(shipped_scorer: Scorer) -> None:
    settings = ServeSettings(max_items=7, max_requests=9, workers=3)
    with connect(make_app(shipped_scorer, settings)) as client:
        info = client.get("/info").json()

    labels = [signal.value for signal in Signal]
    assert InfoResponse.model_validate(info).model_dump() == info
    assert set(info) == {
        "model_id",
        "model_sha",
        "model_dtype",
        "served_model_name",
        "model_type",
        "max_concurrent_requests",
        "max_input_length",
        "max_batch_tokens",
        "max_client_batch_size",
        "auto_truncate",
        "tokenization_workers",
        "version",
    }
    assert (info["model_id"], info["model_sha"]) == ("default", shipped_scorer.model.digest)
    assert (info["max_client_batch_size"], info["max_concurrent_requests"]) == (7, 9)
    assert (info["max_input_length"], info["auto_truncate"], info["tokenization_workers"]) == (
        20_480,
        False,
        3,
    )
    assert info["model_dtype"] == "int16"
    classifier = info["model_type"]["classifier"]
    assert [classifier["id2label"][str(place)] for place in range(len(labels))] == labels
    assert [classifier["label2id"][label] for label in labels] == list(range(len(labels)))


@pytest.mark.parametrize("inputs", [SOUP, [[SOUP], [SONG]]])
def test_what_the_documentation_page_allows_is_answered(client: TestClient, inputs: Any) -> None:
    PredictRequest.model_validate({"inputs": inputs})

    assert predict(client, inputs)
