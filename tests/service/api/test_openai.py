from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tocsin.errors import PolicyError
from tocsin.models import Scorer
from tocsin.policy import read_policy
from tocsin.service.api.chosen_scores import FAILING, ChosenScores
from tocsin.service.api.openai import OpenAIFace
from tocsin.service.api.openai.categories import CATEGORIES, SHIPPED
from tocsin.service.api.settings import ServeSettings
from tocsin.service.api.testing import connect, make_app
from tocsin.signals import Signal

SOUP = "Everybody brings soup to the Zorbian choir on Friday."
SONG = "The Zorbians sing two songs before the soup is served."
GERMAN = "Heute kochen wir eine Suppe und gehen danach alle zusammen zum Chor."
FRENCH = "Demain nous préparons une soupe pour toute la chorale du village."

LOW = dict.fromkeys(Signal, 0.001)
CHOSEN: dict[str, Mapping[Signal, float | None]] = {
    SOUP: LOW,
    "All of us meet at the pot": LOW | {Signal.HATE: 0.6},
    f"{SONG}\n{SOUP}": LOW | {Signal.HATE: 0.99},
    "soup 12": LOW | {Signal.HATE: 0.6},
    "All of us meet at the soup": LOW | {Signal.HATE: 0.99},
    "All of us meet at the song": LOW | {Signal.HATE: 0.97, Signal.THREAT: 0.96},
    "All of us meet at the choir": LOW | {Signal.HATE: 0.97, Signal.INCITEMENT: 0.95},
    "All of us meet at the door": LOW | {Signal.THREAT: 0.93},
    "All of us meet at the gate": dict.fromkeys(Signal, 0.99)
    | {Signal.HATE: 0.001, Signal.THREAT: 0.001, Signal.INCITEMENT: 0.99},
}
SCORED = {"hate", "hate/threatening", "harassment/threatening"}


@pytest.fixture
def client(shipped_scorer: Scorer) -> Iterator[TestClient]:
    with connect(make_app(shipped_scorer, assessor=ChosenScores(shipped_scorer, CHOSEN))) as client:
        yield client


def moderate(client: TestClient, given: Any) -> list[dict[str, Any]]:
    answer = client.post("/v1/moderations", json={"input": given})
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def true_categories(result: Mapping[str, Any]) -> set[str]:
    return {category for category, flag in result["categories"].items() if flag}


def test_an_answer_has_an_id_of_its_own_and_names_the_bundle_whatever_model_was_asked_for(
    client: TestClient, shipped_scorer: Scorer
) -> None:
    body = {"input": SOUP, "model": "omni-moderation-2024-09-26"}
    first, second = (client.post("/v1/moderations", json=body).json() for _ in range(2))

    assert set(first) == {"id", "model", "results"}
    assert re.fullmatch("modr-[0-9a-f]{32}", first["id"])
    assert first["id"] != second["id"]
    assert first["model"] == f"{shipped_scorer.model.name}-{shipped_scorer.model.version}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(SOUP, set(), id="nothing is high"),
        pytest.param("All of us meet at the pot", {"hate"}, id="hate at review"),
        pytest.param("All of us meet at the soup", {"hate"}, id="hate at urgent"),
        pytest.param("All of us meet at the song", SCORED, id="hate with a threat"),
        pytest.param("All of us meet at the choir", {"hate", "hate/threatening"}, id="hate with incitement"),
        pytest.param("All of us meet at the door", {"harassment/threatening"}, id="a threat without hate"),
        pytest.param("All of us meet at the gate", set(), id="signals that have no category here"),
    ],
)
def test_a_category_is_true_where_its_policy_reaches_a_level(
    client: TestClient, text: str, expected: set[str]
) -> None:
    (result,) = moderate(client, text)

    assert true_categories(result) == expected
    assert result["flagged"] == bool(expected)


def test_a_categorys_score_is_that_of_its_policy(client: TestClient) -> None:
    (result,) = moderate(client, "All of us meet at the song")

    assert {name: score for name, score in result["category_scores"].items() if score} == {
        "hate": 0.97,
        "hate/threatening": 0.96,
        "harassment/threatening": 0.96,
    }


def test_every_category_stands_in_every_part_and_those_not_scored_are_applied_to_nothing(
    client: TestClient,
) -> None:
    (result,) = moderate(client, SOUP)

    parts = ("categories", "category_scores", "category_applied_input_types")
    assert [list(result[part]) for part in parts] == [list(CATEGORIES)] * 3
    applied = result["category_applied_input_types"]
    assert [applied[category] for category in SCORED] == [["text"]] * len(SCORED)
    for category in set(CATEGORIES) - SCORED:
        assert [result[part][category] for part in parts] == [False, 0.0, []]


def test_a_category_that_is_null_in_the_texts_language_is_applied_to_nothing(client: TestClient) -> None:
    (result,) = moderate(client, GERMAN)

    applied = {name for name, types in result["category_applied_input_types"].items() if types}
    assert applied == {"hate"}, "there is no signal threat in German"
    assert result["category_scores"]["harassment/threatening"] == 0.0


def test_an_array_of_strings_has_one_result_each_in_order(client: TestClient) -> None:
    results = moderate(client, ["All of us meet at the door", SOUP, "All of us meet at the soup"])

    assert [true_categories(result) for result in results] == [{"harassment/threatening"}, set(), {"hate"}]


def test_parts_are_one_text_a_line_each(client: TestClient) -> None:
    (result,) = moderate(client, [{"type": "text", "text": text} for text in (SONG, SOUP)])

    assert true_categories(result) == {"hate"}


def test_an_operator_may_have_what_cannot_be_judged_answered_with_nothing_applied(
    shipped_scorer: Scorer,
) -> None:
    settings = ServeSettings(openai_unscorable="clear")
    with connect(make_app(shipped_scorer, settings)) as client:
        scored, unscorable = moderate(client, [SOUP, FRENCH])

    assert unscorable["flagged"] is False
    assert list(unscorable["category_applied_input_types"].values()) == [[]] * len(CATEGORIES)
    assert set(unscorable["category_scores"].values()) == {0.0}
    assert any(scored["category_applied_input_types"].values())


def test_a_failure_to_score_is_an_error_and_no_result(client: TestClient) -> None:
    answer = client.post("/v1/moderations", json={"input": [SOUP, FAILING]})

    assert answer.status_code == 500
    assert answer.json()["error"]["type"] == "server_error"


def test_categories_may_come_from_a_file_of_the_operators(shipped_scorer: Scorer, tmp_path: Path) -> None:
    file = tmp_path / "categories.toml"
    file.write_text(
        'version = "1"\n[policies."violence"]\ntitle = "v"\nwhen = "glorification"\nseverity = "low"\n'
        "review = 0.5\nurgent = 0.9\n",
        encoding="utf-8",
    )
    settings = ServeSettings(openai_categories=file)
    assessor = ChosenScores(shipped_scorer, CHOSEN)
    with connect(make_app(shipped_scorer, settings, assessor=assessor)) as client:
        (result,) = moderate(client, "All of us meet at the gate")

    assert true_categories(result) == {"violence"}
    assert result["category_applied_input_types"]["hate"] == []


def test_a_file_that_names_what_is_no_category_is_refused_at_the_start(
    shipped_scorer: Scorer, tmp_path: Path
) -> None:
    file = tmp_path / "categories.toml"
    file.write_text(
        'version = "1"\n[policies.soup]\ntitle = "v"\nwhen = "hate"\nseverity = "low"\n'
        "review = 1\nurgent = 1\n",
        encoding="utf-8",
    )

    with pytest.raises(PolicyError, match="must be named after a category: hate, hate/threatening"):
        OpenAIFace(shipped_scorer, ServeSettings(openai_categories=file))


@pytest.mark.parametrize(("assumed", "expected"), [("en", {"hate"}), ("de", set())])
def test_a_text_nobody_can_place_has_the_thresholds_of_the_language_that_the_server_assumes(
    shipped_scorer: Scorer, assumed: str, expected: set[str]
) -> None:
    scorer = Scorer(shipped_scorer.bundle, shipped_scorer.policy, assume_language=assumed)
    with connect(make_app(scorer, assessor=ChosenScores(scorer, CHOSEN))) as client:
        (result,) = moderate(client, "soup 12")

    assert result["category_scores"]["hate"] == 0.6
    assert true_categories(result) == expected


def test_review_is_promised_for_every_category_in_english(shipped_scorer: Scorer) -> None:
    fitted = Scorer(shipped_scorer.bundle, read_policy(SHIPPED)).policies("en")

    assert {policy.policy.name for policy in fitted} == SCORED
    assert all(policy.certified for policy in fitted)


def test_the_documentation_page_names_every_category_with_a_description(client: TestClient) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]

    for name in ("CategoryFlags", "CategoryScores", "CategoryAppliedInputTypes"):
        properties = schemas[name]["properties"]
        assert list(properties) == list(CATEGORIES)
        assert all(one["description"] for one in properties.values())
