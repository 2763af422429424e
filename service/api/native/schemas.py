"""Bodies of the native face: the fields of docs/reference/assessment.md on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tocsin.assessment import Level, Reason, Status
from tocsin.signals import Signal

__all__ = [
    "AssessRequest",
    "AssessResponse",
    "AssessmentBody",
    "ItemBody",
    "ItemError",
    "ModelResponse",
    "PoliciesResponse",
    "Problem",
]

_STRICT = ConfigDict(extra="forbid", strict=True)


class ItemBody(BaseModel):
    """One text to judge."""

    model_config = _STRICT

    id: str | None = Field(
        default=None, min_length=1, max_length=512, description="Comes back as it is; by default its place."
    )
    text: str = Field(description="The text.")
    language: str | None = Field(
        default=None,
        max_length=64,
        pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*$",
        description='The platform\'s own hint ("en", "en-GB"); wins over detection.',
    )
    time: datetime | None = Field(
        default=None, description="When it was posted; travels along, never scored."
    )
    community: str | None = Field(
        default=None, max_length=512, description="Where it was posted; travels along, never scored."
    )


class AssessRequest(BaseModel):
    """Texts to judge; one that breaks a rule gets an error in its place, the others are judged."""

    model_config = _STRICT

    items: list[ItemBody] = Field(min_length=1, description="The texts, answered in this order.")
    explain: bool = Field(
        default=False, description="Also say which words moved the scores; asks for the scope explain."
    )
    remember: bool = Field(
        default=True, description="Whether answers may be kept in memory for texts that come again."
    )


class SpanBody(BaseModel):
    """Characters that raise a signal."""

    start: int = Field(description="First character, in code points of the text as sent.")
    end: int = Field(description="One past the last character.")
    signal: Signal = Field(description="The signal that they raise.")
    weight: float = Field(description="What they add to the signal's log-odds.")


class PolicyBody(BaseModel):
    """What one policy makes of a text."""

    name: str = Field(description="The policy.")
    score: float | None = Field(description="An ordering from 0 to 1, no probability; null: not judged.")
    level: Level | None = Field(description="Where it goes; null: not judged.")
    certified: bool = Field(description="Whether every target of the policy carries its guarantee.")
    missing: list[Signal] = Field(description="Signals that the policy asks for and that are null.")


class ModelBody(BaseModel):
    """The bundle that scored."""

    name: str = Field(description="Its name.")
    version: str = Field(description="Its version.")
    digest: str = Field(description="SHA-256 over all of its files.")


class PolicyStampBody(BaseModel):
    """The policy file that judged."""

    version: str = Field(description="Its version, as its author wrote it.")
    digest: str = Field(description="SHA-256 of its rules.")


class AssessmentBody(BaseModel):
    """An opinion on one text, for a person."""

    id: str = Field(description="The id that was sent, or the place.")
    status: Status = Field(description="Whether the text could be judged at all.")
    reason: Reason | None = Field(description="Why it could not.")
    language: str = Field(description='ISO 639 code, "und" where it could not be told.')
    signals: dict[Signal, float | None] = Field(
        description="Calibrated probabilities; null: not trained and tested in this language."
    )
    policies: list[PolicyBody] = Field(description="One for each policy of the file.")
    priority: float | None = Field(description="Orders a queue, from 0 to 1.")
    tier: Literal["screen", "encoder"] | None = Field(description="The model that had the last word.")
    spans: list[SpanBody] = Field(description="What moved the scores, where it was asked for.")
    model: ModelBody = Field(description="The bundle that scored.")
    policy: PolicyStampBody = Field(description="The policy file that judged.")


class ErrorBody(BaseModel):
    """Why one text was not judged."""

    code: Literal[
        "bad_item", "scoring_failed", "conflict", "overloaded", "deadline_passed", "rate_limited", "stopping"
    ] = Field(description="For programs; conflict at the review queue alone, those after it in NDJSON.")
    message: str = Field(description="For people.")
    line: int | None = Field(default=None, description="In NDJSON: which line, from 1, blank ones counted.")


class ItemError(BaseModel):
    """What stands in the place of a text that was not judged: never a low score."""

    id: str = Field(description="The id that was sent, or the place.")
    error: ErrorBody = Field(description="Why.")


class AssessResponse(BaseModel):
    """One answer for each item, in order."""

    assessments: list[AssessmentBody | ItemError] = Field(description="As many as there were items.")


class GateBody(BaseModel):
    """One level of a policy in one language."""

    level: Level = Field(description="The level.")
    target: str = Field(description="What the policy file asks for.")
    certified: bool = Field(description="Whether enough labelled rows decide it to carry its guarantee.")
    confidence: float = Field(description="With which the guarantee holds.")
    threshold: float | None = Field(
        description="Of the policy's score; null: its members', or never reached."
    )
    members: dict[Signal, float | None] = Field(
        description="Thresholds of its members, where they have some."
    )


class FittedPolicyBody(BaseModel):
    """One policy in one language."""

    name: str = Field(description="The policy.")
    language: str = Field(description="The language.")
    severity: str = Field(description="How grave it is.")
    judged: bool = Field(description="Whether it can be judged in this language at all.")
    missing: list[Signal] = Field(description="Signals that it asks for and that are null in this language.")
    gates: list[GateBody] = Field(description="Its levels.")


class PoliciesResponse(BaseModel):
    """The policy file as fitted to the bundle."""

    policy: PolicyStampBody = Field(description="The policy file.")
    policies: list[FittedPolicyBody] = Field(description="Each policy in each language of the bundle.")


class SignalBody(BaseModel):
    """One signal of the bundle."""

    question: str = Field(description='Completes "the text …".')
    languages: list[str] = Field(description="Where it was trained and tested.")


class ModelResponse(BaseModel):
    """The bundle, and how texts are judged with it."""

    model: ModelBody = Field(description="The bundle.")
    recipe: str = Field(description="What it was made by.")
    signals: dict[Signal, SignalBody] = Field(description="What it judges.")
    assume_language: str | None = Field(description="Language to judge in where it cannot be told.")
    max_characters: int = Field(description="Longest text that is judged, in code points.")


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: Literal["about:blank"] = Field(description="What the status means is all there is to say of it.")
    title: str = Field(description="The status in words.")
    status: int = Field(description="The HTTP status.")
    code: str = Field(description="Which error, for programs.")
    detail: str = Field(description="The rule that was broken and by what, for people.")
    limit: int | None = Field(default=None, description="Texts a minute, where that limit was reached.")
