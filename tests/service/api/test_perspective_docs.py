"""What this face takes, answers and refuses is in its reference."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.service.api.perspective.attributes import ATTRIBUTES
from tocsin.service.api.perspective.discovery import ANALYZE, DISCOVERY, SUGGEST, VERSION
from tocsin.service.api.perspective.fault import ErrorType
from tocsin.service.api.perspective.refusals import CANONICAL
from tocsin.service.api.perspective.schemas import (
    AnalyzeCommentRequest,
    AnalyzeCommentResponse,
    SuggestCommentScoreRequest,
    SuggestCommentScoreResponse,
)

REFERENCE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "perspective.md"
FIELDS = {
    field.alias or name
    for message in (
        AnalyzeCommentRequest,
        AnalyzeCommentResponse,
        SuggestCommentScoreRequest,
        SuggestCommentScoreResponse,
    )
    for name, field in message.model_fields.items()
}


@pytest.mark.parametrize(
    "name", [*ATTRIBUTES, *ErrorType, *sorted({status for _, status in CANONICAL.values()})]
)
def test_every_attribute_and_error_is_in_the_reference(name: str) -> None:
    assert f"`{name}`" in REFERENCE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_every_field_is_in_the_reference(name: str) -> None:
    text = REFERENCE.read_text(encoding="utf-8")

    assert f"`{name}`" in text or f"`{name}." in text or f'"{name}"' in text


@pytest.mark.parametrize("path", [ANALYZE, SUGGEST, f"{DISCOVERY}?version={VERSION}"])
def test_every_operation_is_in_the_reference(path: str) -> None:
    assert f"{path}`" in REFERENCE.read_text(encoding="utf-8")
