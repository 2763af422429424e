"""A correction: a text, and what somebody would have scored it, as a line of the feedback box holds them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from tocsin.service.review.intake.bodies import Moment
from tocsin.service.review.intake.storable import storable
from tocsin.service.review.intake.submission import Submission
from tocsin.service.review.log import LogKey

__all__ = ["NAMED", "Correction", "CorrectionBody"]

NAMED: Final = "correction"
"""What ids of such items begin with, which are no platform's; and the kind of what is said of them."""
_STRICT: Final = ConfigDict(extra="forbid", hide_input_in_errors=True)
_LONGEST_COMMUNITY: Final = 512
_MOST_SPANS: Final = 1_000
_SPANS_SAID: Final = 20
_NAME_DIGITS: Final = 24
_ATTRIBUTE: Final = re.compile(r"[A-Z_]{1,64}")
_HINT: Final = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*")

Value = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, strict=True)]
Place = Annotated[int, Field(ge=0, strict=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction(Submission):
    """Hold a text as handed in with what somebody suggests of it, and when; never who.

    `mark` stands for all of it but the time, under the key of the log. `statement` has names and numbers.
    """

    mark: str
    suggested_at: datetime
    statement: str = field(repr=False)


class SpanBody(BaseModel):
    """A score of the characters from `start` to before `end`."""

    model_config = _STRICT

    start: Place
    end: Place
    value: Value


class ScoresBody(BaseModel):
    """Scores of one attribute: of the whole text, of spans, or both."""

    model_config = _STRICT

    value: Value | None
    spans: list[SpanBody] = Field(max_length=_MOST_SPANS)

    @model_validator(mode="after")
    def _says_something(self) -> ScoresBody:
        if self.value is None and not self.spans:
            raise ValueError("must have a value or a span")
        return self

    def told(self, name: str) -> Iterator[str]:
        """Yield what is suggested, in words and numbers."""
        if self.value is not None:
            yield f"{name} {self.value:.4g}"
        for span in self.spans[:_SPANS_SAID]:
            yield f"{name} {span.value:.4g} for characters {span.start:,} to {span.end:,}"
        if len(self.spans) > _SPANS_SAID:
            yield f"{name} for {len(self.spans) - _SPANS_SAID:,} more spans"


class CorrectionBody(BaseModel):
    """One line of the box."""

    model_config = _STRICT

    state: Literal["waiting"]
    time: Moment
    community: str | None
    languages: list[str] = Field(max_length=10_000)
    detected: str = Field(max_length=64)
    scores: dict[str, ScoresBody] = Field(min_length=1, max_length=100)
    text: str

    @field_validator("scores", mode="before")
    @classmethod
    def _named(cls, scores: Any) -> Any:
        if isinstance(scores, dict) and not all(_ATTRIBUTE.fullmatch(str(name)) for name in scores):
            raise ValueError("an attribute must be at most 64 capitals and underscores, one is not")
        return scores

    @model_validator(mode="after")
    def _within(self) -> CorrectionBody:
        spans = [span for one in self.scores.values() for span in one.spans]
        if not all(span.start < span.end <= len(self.text) for span in spans):
            raise ValueError(f"spans must lie within the text's {len(self.text):,} characters")
        return self

    def correction(self, key: LogKey) -> Correction:
        """Return the correction."""
        mark = key.mark(NAMED, json.dumps(self.model_dump(mode="json", exclude={"state", "time"}))).hex()
        hints = [one for one in self.languages if len(one) <= 64 and _HINT.fullmatch(one)]
        told = [words for name, scores in self.scores.items() for words in scores.told(name)]
        return Correction(
            id=f"{NAMED}:{mark[:_NAME_DIGITS]}",
            text=storable(self.text),
            language=hints[0] if len(hints) == 1 else None,
            community=storable(self.community)[:_LONGEST_COMMUNITY] if self.community else None,
            mark=mark,
            suggested_at=self.time,
            statement="Suggested: " + "; ".join(told) + ".",
        )
