"""Bodies of the moderations face, for the documentation page."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from tocsin.service.api.openai.categories import CATEGORIES

__all__ = ["ModerationFault", "ModerationRequest", "ModerationResponse"]


class TextPart(BaseModel):
    """A part of one text."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["text"] = Field(description="Text alone can be scored: an image_url is refused.")
    text: str = Field(description="The part's text.")


class ModerationRequest(BaseModel):
    """What to judge."""

    model_config = ConfigDict(extra="forbid")

    input: str | list[str] | list[TextPart] = Field(
        description="One text; several, each with a result of its own; or the parts of one."
    )
    model: str = Field(
        default="omni-moderation-latest", description="Any string: the server's own bundle judges."
    )


def _by_category(name: str, kind: Any, meaning: str) -> type[BaseModel]:
    """Return a model with a field for each category."""
    fields: dict[str, Any] = {
        category.replace("/", "_").replace("-", "_"): (
            kind,
            Field(alias=category, description=f"{description} {meaning}"),
        )
        for category, description in CATEGORIES.items()
    }
    return create_model(name, __doc__=f"One for each category. {meaning}", **fields)


CategoryFlags = _by_category("CategoryFlags", bool, "Whether its policy reached a level.")
CategoryScores = _by_category("CategoryScores", float, "Score of its policy, an ordering; 0.0 if not scored.")
CategoryAppliedInputTypes = _by_category(
    "CategoryAppliedInputTypes", list[Literal["text"]], "What was scored; empty: nothing was."
)


class Moderation(BaseModel):
    """What the categories make of one text."""

    flagged: bool = Field(description="Whether any category is true.")
    categories: CategoryFlags = Field(description="Whether each category's policy reached a level.")  # type: ignore[valid-type]
    category_scores: CategoryScores = Field(description="The score of each category's policy.")  # type: ignore[valid-type]
    category_applied_input_types: CategoryAppliedInputTypes = Field(  # type: ignore[valid-type]
        description="Which categories were scored at all."
    )


class ModerationResponse(BaseModel):
    """One result for each text, in order."""

    id: str = Field(description="Made anew for each request.")
    model: str = Field(description="Name and version of the bundle that judged.")
    results: list[Moderation] = Field(description="As many as there were texts.")


class ModerationFaultBody(BaseModel):
    """What went wrong; all four are always there."""

    message: str = Field(description="The rule, then what broke it; no text is quoted.")
    type: Literal["invalid_request_error", "requests", "server_error"] = Field(
        description="Whose fault it is: the request's, its number, or the server's."
    )
    param: str | None = Field(description="Where in the body, null where nowhere.")
    code: str | None = Field(description="Which error, for programs; null where it has no name.")


class ModerationFault(BaseModel):
    """An error."""

    error: ModerationFaultBody = Field(description="The error.")
