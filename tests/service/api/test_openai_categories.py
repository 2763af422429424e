"""Categories that say nothing: fitted on nothing, narrower than what is not there, or not scored at all."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tocsin.models import Scorer
from tocsin.policy import read_policy
from tocsin.service.api.chosen_scores import ChosenScores
from tocsin.service.api.openai.categories import CATEGORIES, SHIPPED
from tocsin.service.api.settings import ServeSettings
from tocsin.service.api.testing import connect, make_app
from tocsin.signals import Signal

SOUP = "Everybody brings soup to the Zorbian choir on Friday."
PLACELESS = "soup 12"
GERMAN = "Heute kochen wir eine Suppe und gehen danach alle zusammen zum Chor."

LOW: dict[Signal, float | None] = dict.fromkeys(Signal, 0.001)
PARTS = ("categories", "category_scores", "category_applied_input_types")
UNSCORED = [False, 0.0, []]

Chosen = Mapping[str, Mapping[Signal, float | None]]


def serve(
    scorer: Scorer, chosen: Chosen, file: Path | None = None, unscorable: Any = "error"
) -> AbstractContextManager[TestClient]:
    settings = ServeSettings(openai_categories=file, openai_unscorable=unscorable)
    return connect(make_app(scorer, settings, assessor=ChosenScores(scorer, chosen)))


def categories_file(folder: Path, **policies: str) -> Path:
    """Write a file of categories: a name (``__`` for ``/``) and what stands in its policy."""
    file = folder / "categories.toml"
    written = [
        f'[policies."{name.replace("__", "/")}"]\ntitle = "t"\nseverity = "low"\n{body}\n'
        for name, body in policies.items()
    ]
    file.write_text("\n".join(['version = "1"', *written]), encoding="utf-8")
    return file


def judged(client: TestClient, text: str) -> dict[str, list[Any]]:
    answer = client.post("/v1/moderations", json={"input": text})
    assert answer.status_code == 200, answer.text
    (result,) = answer.json()["results"]
    assert result["flagged"] == any(result["categories"].values())
    return {category: [result[part][category] for part in PARTS] for category in CATEGORIES}


def test_a_category_fitted_on_no_positive_row_of_the_language_is_not_scored_in_it(
    shipped_scorer: Scorer,
) -> None:
    fitted = {
        one.policy.name: one for one in Scorer(shipped_scorer.bundle, read_policy(SHIPPED)).policies("de")
    }
    assert fitted["hate/threatening"].review.whole.positives == 0, "or this test needs another category"
    assert fitted["hate"].review.whole.positives > 0

    chosen = {GERMAN: LOW | {Signal.HATE: 0.99, Signal.INCITEMENT: 0.99, Signal.THREAT: None}}
    with serve(shipped_scorer, chosen) as client:
        result = judged(client, GERMAN)

    assert result["hate/threatening"] == UNSCORED
    assert result["hate"] == [True, 0.99, ["text"]]


def test_a_threshold_that_somebody_chose_is_scored_without_a_positive_row(
    shipped_scorer: Scorer, tmp_path: Path
) -> None:
    when = 'when = { all = ["hate", "incitement"] }'
    file = categories_file(tmp_path, hate__threatening=f"{when}\nreview = 0.5\nurgent = 0.9")
    with serve(shipped_scorer, {GERMAN: LOW | {Signal.HATE: 0.6, Signal.INCITEMENT: 0.7}}, file) as client:
        assert judged(client, GERMAN)["hate/threatening"] == [True, 0.6, ["text"]]


def test_one_level_without_a_positive_row_is_enough_for_a_category_not_to_be_scored(
    shipped_scorer: Scorer, tmp_path: Path
) -> None:
    when = 'when = { all = ["hate", "incitement"] }'
    file = categories_file(
        tmp_path,
        hate='when = "hate"\nreview = 0.5\nurgent = 0.9',
        hate__threatening=f'{when}\nreview = 0.5\nurgent = "fpr 0.005"',
    )
    with serve(shipped_scorer, {GERMAN: LOW | {Signal.HATE: 0.6, Signal.INCITEMENT: 0.7}}, file) as client:
        assert judged(client, GERMAN)["hate/threatening"] == UNSCORED


@pytest.mark.parametrize(
    ("hate", "expected"),
    [
        pytest.param(0.4, False, id="below hate, above its own threshold"),
        pytest.param(0.6, True, id="above both"),
    ],
)
def test_hate_is_threatening_only_where_it_is_hate(
    shipped_scorer: Scorer, hate: float, expected: bool
) -> None:
    with serve(shipped_scorer, {SOUP: LOW | {Signal.HATE: hate, Signal.INCITEMENT: 0.9}}) as client:
        result = judged(client, SOUP)

    assert result["hate"][0] is expected
    assert result["hate/threatening"] == [expected, hate, ["text"]], "its score stays as it is"


def test_a_category_narrower_than_one_that_is_not_scored_stands_alone(
    shipped_scorer: Scorer, tmp_path: Path
) -> None:
    file = categories_file(tmp_path, violence__graphic='when = "threat"\nreview = 0.5\nurgent = 0.9')
    with serve(shipped_scorer, {SOUP: LOW | {Signal.THREAT: 0.6}}, file) as client:
        result = judged(client, SOUP)

    assert result["violence/graphic"][0] is True
    assert result["violence"] == UNSCORED


THREAT = 'when = "threat"\nreview = "fpr 0.05"\nurgent = "fpr 0.005"'  # null in German


@pytest.mark.parametrize(
    ("given", "param", "named"),
    [
        pytest.param(GERMAN, "input", "input (language: no category is scored in de)", id="one text"),
        pytest.param(
            [{"type": "text", "text": GERMAN}],
            "input",
            "input (language: no category is scored in de)",
            id="one text in parts",
        ),
        pytest.param(
            [SOUP, GERMAN], "input[1]", "input[1] (language: no category is scored in de)", id="one of two"
        ),
        pytest.param(
            [GERMAN] * 9,
            "input[0]",
            "input[7] (language: no category is scored in de), 1 more",
            id="more than are named",
        ),
    ],
)
def test_a_text_that_no_category_is_scored_for_is_not_cleared(
    shipped_scorer: Scorer, tmp_path: Path, given: Any, param: str, named: str
) -> None:
    file = categories_file(tmp_path, harassment__threatening=THREAT)
    with serve(shipped_scorer, {}, file) as client:
        answer = client.post("/v1/moderations", json={"input": given})

    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (400, "unscorable", param)
    assert error["message"].endswith(named)


def test_a_text_whose_signals_are_all_null_is_not_cleared(shipped_scorer: Scorer) -> None:
    with serve(shipped_scorer, {SOUP: dict.fromkeys(Signal)}) as client:
        answer = client.post("/v1/moderations", json={"input": SOUP})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "unscorable")
    assert "no category is scored in en" in answer.json()["error"]["message"]


def test_a_text_nobody_can_place_is_named_with_the_language_that_it_was_judged_as(
    shipped_scorer: Scorer, tmp_path: Path
) -> None:
    scorer = Scorer(shipped_scorer.bundle, shipped_scorer.policy, assume_language="de")
    with serve(scorer, {}, categories_file(tmp_path, harassment__threatening=THREAT)) as client:
        answer = client.post("/v1/moderations", json={"input": PLACELESS})

    assert answer.json()["error"]["message"].endswith("input (language: no category is scored in de)")


def test_an_operator_may_have_what_no_category_is_scored_for_answered_with_nothing_applied(
    shipped_scorer: Scorer, tmp_path: Path
) -> None:
    file = categories_file(tmp_path, harassment__threatening=THREAT)
    with serve(shipped_scorer, {}, file, unscorable="clear") as client:
        assert list(judged(client, GERMAN).values()) == [UNSCORED] * len(CATEGORIES)


def test_the_documentation_page_has_the_body_of_every_error(shipped_scorer: Scorer) -> None:
    with connect(make_app(shipped_scorer)) as client:
        document = client.get("/openapi.json").json()

    responses = document["paths"]["/v1/moderations"]["post"]["responses"]
    for status in set(responses) - {"200"}:
        schema = responses[status]["content"]["application/json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/ModerationFault"}, status
    assert {"400", "401", "429", "503"} <= set(responses)
