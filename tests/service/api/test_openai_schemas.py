from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tocsin.models import Scorer
from tocsin.service.api.openai.categories import CATEGORIES
from tocsin.service.api.openai.schemas import ModerationResponse
from tocsin.service.api.settings import ServeSettings
from tocsin.service.api.testing import connect, make_app

SOUP = "Everybody brings soup to the Zorbian choir on Friday."
GERMAN = "Heute kochen wir eine Suppe und gehen danach alle zusammen zum Chor."
FRENCH = "Demain nous préparons une soupe pour toute la chorale du village."

BODIES = [
    pytest.param({"input": SOUP}, id="one text"),
    pytest.param({"input": [SOUP, GERMAN]}, id="several texts"),
    pytest.param({"input": [{"type": "text", "text": SOUP}], "model": "any"}, id="parts"),
    pytest.param({"input": [SOUP, FRENCH]}, id="a text that cannot be judged"),
    pytest.param({"input": []}, id="no text"),
    pytest.param({"input": SOUP, "soup": 1}, id="a field that is unknown"),
]


@pytest.fixture(scope="module")
def schemas(corpora_folder: Path) -> dict[str, Any]:
    """Return the public schemas, which lie beside the corpora; skip without them, fail so in CI."""
    file = corpora_folder.parent / "reference" / "openai-moderations.schemas.json"
    if not file.is_file():
        reason = f"needs the public schemas of the format beside TOCSIN_DATA, at {file}"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    read: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return read


def validate(schemas: dict[str, Any], name: str, body: Any) -> None:
    jsonschema.Draft202012Validator({**schemas, "$ref": f"#/components/schemas/{name}"}).validate(body)


@pytest.mark.corpora
@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("unscorable", ["error", "clear"])
def test_every_answer_is_valid_by_the_formats_own_schemas(
    shipped_scorer: Scorer, schemas: dict[str, Any], unscorable: Any, body: Any
) -> None:
    with connect(make_app(shipped_scorer, ServeSettings(openai_unscorable=unscorable))) as client:
        answer = client.post("/v1/moderations", json=body)

    assert answer.status_code in {200, 400}
    name = "CreateModerationResponse" if answer.status_code == 200 else "ErrorResponse"
    validate(schemas, name, answer.json())


@pytest.mark.corpora
def test_the_formats_own_schemas_find_what_is_missing(schemas: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        validate(schemas, "ErrorResponse", {"error": {"message": "m", "type": "t", "param": None}})


@pytest.mark.corpora
def test_the_categories_are_those_of_the_formats_own_schemas(schemas: dict[str, Any]) -> None:
    response = schemas["components"]["schemas"]["CreateModerationResponse"]
    result = response["properties"]["results"]["items"]["properties"]

    for part in ("categories", "category_scores", "category_applied_input_types"):
        assert result[part]["required"] == list(CATEGORIES)


def test_every_answer_is_what_the_documentation_page_says(shipped_scorer: Scorer) -> None:
    with connect(make_app(shipped_scorer)) as client:
        body = client.post("/v1/moderations", json={"input": [SOUP, GERMAN]}).json()

    assert ModerationResponse.model_validate(body).model_dump(by_alias=True) == body
