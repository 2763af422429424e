"""A submission as JSON: over HTTP, and in the files that `tocsin review import` reads."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from tocsin.service.review.intake.submission import Expected, Notice, NoticeKind, NoticeSource, Submission

__all__ = ["ExpectedBody", "Moment", "Named", "NoticeBody", "PolicyName", "SubmissionBody", "Words"]

_STRICT: Final = ConfigDict(extra="forbid", hide_input_in_errors=True)
_LONGEST_TEXT: Final = 1_048_576
_YEARS: Final = range(1900, 3000)


def _storable(text: str) -> str:
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("must hold neither NUL nor half a surrogate pair")
    return text


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must hold printable characters alone")
    return text


def _addressable(name: str) -> str:
    if name in {".", ".."}:  # clients take them out of a path
        raise ValueError("must not be . or ..")
    return name


def _reckonable(moment: datetime) -> datetime:
    # In UTC, and with a deadline's time added, it must still be a date that Python can hold.
    if moment.year not in _YEARS:
        raise ValueError(f"must lie in the years {_YEARS.start} to {_YEARS.stop - 1}")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_reckonable)]
Words = Annotated[str, AfterValidator(_storable)]
Named = Annotated[
    str, Field(min_length=1, max_length=512), AfterValidator(_printable), AfterValidator(_addressable)
]
PolicyName = Annotated[str, Field(min_length=1, max_length=256), AfterValidator(_printable)]
Text = Annotated[str, Field(max_length=_LONGEST_TEXT), AfterValidator(_storable)]


class NoticeBody(BaseModel):
    """A notice or an order about the item."""

    model_config = _STRICT

    id: Named = Field(description="The platform's own id of it; the same one is taken once.")
    kind: NoticeKind = Field(description="notice, or order: an authority's, to remove it.")
    source: NoticeSource = Field(description="user, trusted_flagger or authority.")
    received: Moment | None = Field(default=None, description="When it came; unset: now.")
    deadline: Moment | None = Field(
        default=None, description="By when it must be met; unset: of an order an hour from receipt."
    )
    policy: PolicyName | None = Field(default=None, description="Which policy it alleges.")
    statement: Words | None = Field(default=None, max_length=10_000, description="What it says.")
    threat_to_life: bool = Field(
        default=False, strict=True, description="Whether a lead must be paged at once."
    )

    @model_validator(mode="after")
    def _in_order(self) -> NoticeBody:
        if self.received and self.deadline and not self.received <= self.deadline:
            raise ValueError("deadline must not come before received")
        return self

    def notice(self) -> Notice:
        """Return the notice."""
        return Notice(
            self.id,
            self.kind,
            self.source,
            self.received,
            self.deadline,
            self.policy,
            self.statement,
            self.threat_to_life,
        )


class ExpectedBody(BaseModel):
    """The known answer of a golden item."""

    model_config = _STRICT

    policy: PolicyName | None = Field(description="The policy that it breaks; null: none.")


class SubmissionBody(BaseModel):
    """One text for the queue."""

    model_config = _STRICT

    id: Named = Field(description="The platform's own id of it; the same one is taken once.")
    text: Text = Field(description="The text.")
    language: str | None = Field(
        default=None,
        max_length=64,
        pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*$",
        description='The platform\'s own hint ("en", "en-GB"); wins over detection.',
    )
    time: Moment | None = Field(default=None, description="When it was posted; never scored.")
    community: Words | None = Field(
        default=None, max_length=512, description="Where it was posted; never scored."
    )
    reach: int | None = Field(
        default=None,
        strict=True,
        ge=0,
        lt=2**63,
        description="How many saw it, or may; see the setting reach_weight.",
    )
    thread: list[Text] = Field(
        default=[], max_length=50, description="The texts before it, oldest first; shown, never scored."
    )
    notice: NoticeBody | None = Field(default=None, description="Who complains of it.")
    expected: ExpectedBody | None = Field(
        default=None, description="Its known answer: a golden item, which measures reviewers."
    )

    @model_validator(mode="after")
    def _one_reason(self) -> SubmissionBody:
        if self.notice is not None and self.expected is not None:
            raise ValueError("a golden item must come without a notice")
        return self

    def submission(self) -> Submission:
        """Return the submission."""
        return Submission(
            id=self.id,
            text=self.text,
            language=self.language,
            posted_at=self.time,
            community=self.community,
            reach=self.reach,
            thread=tuple(self.thread),
            notice=None if self.notice is None else self.notice.notice(),
            expected=None if self.expected is None else Expected(self.expected.policy),
        )
