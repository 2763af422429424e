"""What the review face takes: bodies of requests."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tocsin.service.review.decisions import Appeal, AppealSource, Said, answered
from tocsin.service.review.intake.bodies import Moment, Named, PolicyName, Words
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Automation, Extent, Ground, Measure, MeasureKind, MeasureSource
from tocsin.service.review.verdict import Verdict

__all__ = [
    "AppealBody",
    "AssignBody",
    "ClaimBody",
    "DecideBody",
    "DecideTogetherBody",
    "HoldTaking",
    "ItemsBody",
    "MeasureBody",
    "ResendBody",
    "ViewBody",
]

Number = Annotated[int, Field(ge=1, lt=2**63)]  # what a database holds

_MOST_POLICIES: Final = 1_000
_STRICT: Final = ConfigDict(extra="forbid", hide_input_in_errors=True)


class ItemsBody(BaseModel):
    """Texts for the queue; one that breaks a rule gets an error in its place, the others are taken."""

    model_config = _STRICT

    items: list[Any] = Field(min_length=1, description="The texts, answered in this order.")


class ClaimBody(BaseModel):
    """Which task to claim: the next one, of some queues, or a certain one."""

    model_config = _STRICT

    queues: list[Queue] = Field(default=[], max_length=len(Queue), description="Only these; none: any.")
    task: Number | None = Field(default=None, description="This very task.")

    @model_validator(mode="after")
    def _one_way(self) -> ClaimBody:
        if self.queues and self.task is not None:
            raise ValueError("queues or a task may be named, not both")
        return self


class DecideBody(BaseModel):
    """What you say of an item."""

    model_config = _STRICT

    verdict: Verdict = Field(description="What you say.")
    policy: PolicyName | None = Field(default=None, description="Which one it breaks, to confirm.")
    policies: list[PolicyName] = Field(
        default=[], max_length=_MOST_POLICIES, description="Of a sampled text: every one that it breaks."
    )
    unsure: list[PolicyName] = Field(
        default=[], max_length=_MOST_POLICIES, description="Of a sampled text: those that you leave open."
    )
    reason: Words | None = Field(default=None, max_length=10_000, description="Why, to escalate or skip.")
    note: Words | None = Field(default=None, max_length=10_000, description="For colleagues.")

    @model_validator(mode="after")
    def _one_or_all(self) -> DecideBody:
        if self.policy is not None and (self.policies or self.unsure):
            raise ValueError("a policy, or policies and unsure, may be named, not both")
        return self

    def said(self) -> Said:
        """Return what is said."""
        if self.policies or self.unsure:
            return answered(self.verdict, self.policies, self.unsure, self.reason, self.note)
        return Said(self.verdict, self.policy, self.reason, self.note)


class DecideTogetherBody(DecideBody):
    """What you say of an item and of near-copies that you were shown."""

    tasks: list[Number] = Field(min_length=1, max_length=200, description="The near-copies' tasks.")


class ViewBody(BaseModel):
    """How much of a text you look at, for the log."""

    model_config = _STRICT

    extent: Literal[Extent.WORD, Extent.SENTENCE, Extent.WHOLE] = Field(
        default=Extent.WHOLE, description="word, sentence or whole."
    )


class AssignBody(BaseModel):
    """Whom a task is given to."""

    model_config = _STRICT

    reviewer: Number = Field(description="The reviewer's number.")


class HoldTaking(BaseModel):
    """Which item must be kept, and why."""

    model_config = _STRICT

    item: Named = Field(description="The platform's id of it.")
    reason: Words = Field(min_length=1, max_length=500, description="Why.")


class ResendBody(BaseModel):
    """Which messages to send again."""

    model_config = _STRICT

    messages: list[Number] | None = Field(
        default=None, min_length=1, max_length=1_000, description="Their numbers; unset: all that are dead."
    )


class AppealBody(BaseModel):
    """Somebody objects to what was decided."""

    model_config = _STRICT

    id: Named = Field(description="The platform's own id of the appeal; the same one is taken once.")
    source: AppealSource = Field(description="Who objects: author or notifier.")
    decision: Number | None = Field(default=None, description="To which decision; unset: the latest.")
    statement: Words | None = Field(default=None, max_length=10_000, description="What they say.")
    received: Moment | None = Field(default=None, description="When; unset: now.")

    def appeal(self) -> Appeal:
        """Return the appeal."""
        return Appeal(self.id, self.source, self.decision, self.statement, self.received)


class MeasureBody(BaseModel):
    """What the platform did."""

    model_config = _STRICT

    id: Named = Field(description="The platform's own id of the measure; the same one is taken once.")
    kind: MeasureKind = Field(description="What was done.")
    other: Words | None = Field(default=None, max_length=500, description="What, for a kind of other.")
    ground: Ground = Field(description="illegal, or incompatible with the platform's terms.")
    ground_text: Words = Field(min_length=1, max_length=500, description="Which law or which term.")
    explanation: Words | None = Field(default=None, max_length=2_000, description="Why that applies.")
    source: MeasureSource = Field(description="How the platform came to it.")
    automation: Automation = Field(default=Automation.NONE, description="What a person had to do with it.")
    applied: Moment = Field(description="From when.")
    ends: Moment | None = Field(default=None, description="Until when; unset: for good.")
    territory: list[Annotated[str, Field(pattern="^[A-Z]{2}$")]] = Field(
        default=[], max_length=250, description="Countries (ISO 3166-1 alpha-2); none: everywhere."
    )
    decision: Number | None = Field(default=None, description="The reviewer's decision that it rests on.")

    @model_validator(mode="after")
    def _complete(self) -> MeasureBody:
        if self.kind.value.endswith("_other") != (self.other is not None):
            raise ValueError("other must say what a kind of other is, and only that")
        if self.ends is not None and self.ends <= self.applied:
            raise ValueError("ends must come after applied")
        return self

    def measure(self) -> Measure:
        """Return the measure."""
        return Measure(
            self.id,
            self.kind,
            self.ground,
            self.ground_text,
            self.source,
            self.automation,
            self.applied,
            self.ends,
            tuple(self.territory),
            self.explanation,
            self.other,
            self.decision,
        )


class MeasureView(BaseModel):
    """A measure as recorded."""

    id: str = Field(description="The platform's own id of it.")
    kind: MeasureKind = Field(description="What was done.")
    applied: datetime = Field(description="From when.")
    ends: datetime | None = Field(description="Until when.")
    decision: int | None = Field(description="The decision that it rests on.")
