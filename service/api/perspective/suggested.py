"""What a request suggests, once it broke no rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tocsin.service.api.perspective.checks import (
    check_attribute,
    check_comment,
    check_context,
    check_score_type,
    check_text_type,
)
from tocsin.service.api.perspective.fault import ErrorType, Fault
from tocsin.service.api.perspective.reading import read
from tocsin.service.api.perspective.schemas import Score, SpanScore, SuggestCommentScoreRequest
from tocsin.service.api.perspective.utf16 import code_points, code_units
from tocsin.service.feedback import SpanSuggestion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tocsin.service.api.perspective.schemas import AttributeScores
    from tocsin.signals import Signal

__all__ = ["Suggested", "read_suggested"]

MOST_SPANS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Suggested:
    """Hold one request to suggest scores; its context is not among it."""

    text: str
    scores: Mapping[str, float]
    spans: Mapping[str, Sequence[SpanSuggestion]]
    languages: Sequence[str]
    community: str | None
    token: str


def read_suggested(body: Any, answered: Mapping[str, Signal], most_characters: int) -> Suggested:
    """Return what `body` suggests; raise Fault for the first rule that it breaks."""
    request = read(SuggestCommentScoreRequest, body)
    text = check_comment(request.comment, most_characters)
    given = request.attribute_scores
    if not given:
        raise Fault(ErrorType.INVALID_REQUEST, "Missing attribute_scores")
    for name in given:
        check_attribute(name, answered)
    if sum(len(one.span_scores or ()) for one in given.values()) > MOST_SPANS:
        raise Fault(ErrorType.INVALID_REQUEST, f"Spans must be at most {MOST_SPANS}")
    for name, scores in given.items():
        _check_scores(name, scores, text)
    check_text_type(request.comment)
    check_context(request.context)
    return Suggested(
        text=text,
        scores={name: _value(one.summary_score) for name, one in given.items() if one.summary_score},
        spans={name: _spans(one.span_scores, text) for name, one in given.items() if one.span_scores},
        languages=request.languages or (),
        community=request.community_id,
        token=request.client_token or "",
    )


def _check_scores(name: str, given: AttributeScores, text: str) -> None:
    spans = given.span_scores or []
    scores = [given.summary_score, *(span.score for span in spans)]
    check_score_type(name, [score.type for score in scores if score])
    if not given.summary_score and not spans:
        raise Fault(ErrorType.INVALID_REQUEST, f"Attribute {name} must have a summary or a span score")
    within = all(0 <= _value(score) <= 1 for score in scores if score)
    if not within or any(not span.score for span in spans):
        raise Fault(
            ErrorType.INVALID_REQUEST, f"Scores of attribute {name} must have a value between 0 and 1"
        )
    if spans:
        _check_places(name, spans, code_units(text))


def _check_places(name: str, spans: Sequence[SpanScore], units: int) -> None:
    if any(span.begin is None or span.end is None for span in spans):
        raise Fault(ErrorType.INVALID_REQUEST, f"Spans of attribute {name} must have begin and end")
    if not all(0 <= (span.begin or 0) < (span.end or 0) <= units for span in spans):
        raise Fault(
            ErrorType.INVALID_REQUEST,
            f"Spans of attribute {name} must lie within the comment's {units:,} UTF-16 code units",
        )


def _value(score: Score) -> float:
    return score.value or 0.0  # proto3's JSON leaves zeros out


def _spans(given: Sequence[SpanScore], text: str) -> list[SpanSuggestion]:
    starts = code_points(text, [span.begin or 0 for span in given])
    ends = code_points(text, [span.end or 0 for span in given])
    values = [_value(span.score) for span in given if span.score]  # each has one: it was checked
    return [SpanSuggestion(*one) for one in zip(starts, ends, values, strict=True)]
