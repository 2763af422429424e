"""What this face takes, answers and refuses is in its reference."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.models import Scorer
from tocsin.policy import read_policy
from tocsin.service.api.openai.categories import SHIPPED
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

DOCS = Path(__file__).resolve().parents[3] / "docs"
REFERENCE = DOCS / "reference" / "perspective.md"
HOW_TO = DOCS / "how-to" / "leave-perspective.md"
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


@pytest.mark.parametrize(
    ("attribute", "category"), [("THREAT", "harassment/threatening"), ("IDENTITY_ATTACK", "hate")]
)
def test_the_thresholds_of_an_attribute_are_those_of_its_signal_alone(
    shipped_scorer: Scorer, attribute: str, category: str
) -> None:
    scorer = Scorer(shipped_scorer.bundle, read_policy(SHIPPED))
    (policy,) = [one for one in scorer.policies("en") if one.policy.name == category]
    review, urgent = policy.records("en")
    row = f"| `{attribute}` | {review.threshold:.2f} | {urgent.threshold:.2f} | `{category}` |"

    assert (review.level, urgent.level) == ("review", "urgent")
    assert review.certified
    assert urgent.certified
    assert row in HOW_TO.read_text(encoding="utf-8")


def test_the_order_of_errors_ends_with_a_text_that_has_nothing_to_read() -> None:
    rows = [line for line in REFERENCE.read_text(encoding="utf-8").splitlines() if " | `Comment must" in line]
    table = REFERENCE.read_text(encoding="utf-8").partition("| `errorType`, with 400")[2].partition("\n\n")[0]

    assert len(rows) == 2
    assert table.splitlines()[-1] == rows[-1]
