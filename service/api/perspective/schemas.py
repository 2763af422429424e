"""Bodies of the Perspective face; field names come in camelCase or, as in proto3, in snake_case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticKnownError

__all__ = [
    "AnalyzeCommentRequest",
    "AnalyzeCommentResponse",
    "AttributeParameters",
    "AttributeScores",
    "Context",
    "ErrorResponse",
    "Score",
    "SpanScore",
    "SuggestCommentScoreRequest",
    "SuggestCommentScoreResponse",
    "TextEntry",
]


def _no_bool(kind: Literal["float_type", "int_type", "string_type"]) -> Callable[[Any], Any]:
    """Return a check that fails as a value of another type does: pydantic would take true for 1."""

    def check(value: Any) -> Any:
        if isinstance(value, bool):
            raise PydanticKnownError(kind)
        return value

    return check


Number = Annotated[float, Field(allow_inf_nan=False), BeforeValidator(_no_bool("float_type"))]
Integer = Annotated[int, BeforeValidator(_no_bool("int_type"))]
EnumName = Annotated[str | int, BeforeValidator(_no_bool("string_type"))]


class _Message(BaseModel):
    """A message of proto3: null is unset, unknown fields are errors."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True)


class TextEntry(_Message):
    """A text."""

    text: str | None = Field(default=None, description="The text, UTF-8 without markup.")
    type: EnumName | None = Field(default=None, description="PLAIN_TEXT, which is also the default.")


class ArticleAndParentComment(_Message):
    """What a comment stands under."""

    article: TextEntry | None = Field(default=None, description="The article, as far as there is one.")
    parent_comment: TextEntry | None = Field(default=None, description="The comment that it replies to.")


class Context(_Message):
    """What a comment belongs to: one of the two. Accepted, but not used in scoring and never kept."""

    entries: list[TextEntry] | None = Field(default=None, description="Texts that came before.")
    article_and_parent_comment: ArticleAndParentComment | None = Field(
        default=None, description="The article and the comment that it replies to."
    )


class AttributeParameters(_Message):
    """How to answer for one attribute."""

    score_type: EnumName | None = Field(
        default=None, description="PROBABILITY, which is also the default; no other is supported."
    )
    score_threshold: Number | None = Field(
        default=None,
        description="From 0 to 1: leave out scores below this, but an attribute's summary only where"
        " all of its spans are below it too; by default none.",
    )


class AnalyzeCommentRequest(_Message):
    """A comment to score."""

    comment: TextEntry | None = Field(default=None, description="The comment.")
    context: Context | None = Field(default=None, description="What it belongs to; not used in scoring.")
    requested_attributes: dict[str, AttributeParameters] | None = Field(
        default=None, description="The attributes to score it for, by name; at least one."
    )
    span_annotations: StrictBool | None = Field(
        default=None, description="Score each sentence too; each counts as a text of its own."
    )
    languages: list[str] | None = Field(
        default=None,
        description="Languages of the comment, ISO 639 or BCP-47; none: detected. A comment that is"
        " certainly in another language is scored in that one, or refused.",
    )
    do_not_store: StrictBool | None = Field(
        default=None, description="Do not even remember the answer for texts that come again."
    )
    drop_unsupported_attributes: StrictBool | None = Field(
        default=None,
        description="Leave out attributes that know none of the language, instead of an error.",
    )
    client_token: str | None = Field(default=None, description="Comes back as it is.")
    session_id: str | None = Field(default=None, description="Not used.")
    community_id: str | None = Field(default=None, description="Not used in scoring.")


class Score(_Message):
    """One score."""

    value: Number | None = Field(default=None, description="From 0 to 1; unset is 0.")
    type: EnumName | None = Field(default=None, description="PROBABILITY, which is also the default.")


class SpanScore(_Message):
    """The score of a part of the text."""

    begin: Integer | None = Field(default=None, description="First character, in UTF-16 code units.")
    end: Integer | None = Field(default=None, description="One past the last.")
    score: Score | None = Field(default=None, description="Its score.")


class AttributeScores(_Message):
    """The scores of one attribute."""

    summary_score: Score | None = Field(default=None, description="Of the text as a whole.")
    span_scores: list[SpanScore] | None = Field(
        default=None, description="Of each sentence where asked for, else of the whole text once more."
    )


class AnalyzeCommentResponse(_Message):
    """The scores of a comment, for a person who looks at it."""

    attribute_scores: dict[str, AttributeScores] | None = Field(
        default=None,
        description="By the names that were asked for; left out where every score is below its threshold.",
    )
    languages: list[str] | None = Field(
        default=None, description="The language that it was scored in, by the tag that was asked for."
    )
    detected_languages: list[str] | None = Field(
        default=None, description='The language that it is certainly in, else "und".'
    )
    client_token: str | None = Field(default=None, description="As it was sent.")


class SuggestCommentScoreRequest(_Message):
    """What somebody thinks that a comment should have scored."""

    comment: TextEntry | None = Field(default=None, description="The comment.")
    context: Context | None = Field(default=None, description="What it belongs to; never kept.")
    attribute_scores: dict[str, AttributeScores] | None = Field(
        default=None, description="The scores that it should have had, by attribute; at least one."
    )
    languages: list[str] | None = Field(default=None, description="Languages of the comment.")
    community_id: str | None = Field(
        default=None, description="Whose opinion this is; kept with its URLs cut to their hosts."
    )
    client_token: str | None = Field(default=None, description="Comes back as it is; never kept.")
    session_id: str | None = Field(default=None, description="Not used, never kept.")


class SuggestCommentScoreResponse(_Message):
    """Say that a suggestion was heard. That it was kept, this does not say."""

    client_token: str | None = Field(default=None, description="As it was sent.")
    detected_languages: list[str] | None = Field(
        default=None, description='The language that it is certainly in, else "und".'
    )
    requested_languages: list[str] | None = Field(default=None, description="As they were sent.")


class RpcStatus(BaseModel):
    """Why there is no answer."""

    code: int = Field(description="The HTTP status.")
    status: str = Field(description="The status by its name, INVALID_ARGUMENT for one.")
    message: str = Field(description="For people.")
    details: list[dict[str, object]] | None = Field(
        default=None, description="For programs: of a 400, the first one has an errorType."
    )


class ErrorResponse(BaseModel):
    """An error: never a low score in its place."""

    error: RpcStatus = Field(description="Why there is no answer.")
