"""What leads and admins are answered with."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from tocsin.service.api.review.answers import ReviewerBody
from tocsin.service.review.records import Cause, Page
from tocsin.service.review.webhooks.delivering import Letter

__all__ = [
    "HeadAnswer",
    "HoldAnswer",
    "LetterBody",
    "LettersAnswer",
    "PageAnswer",
    "PageBody",
    "PagesAnswer",
    "ResentAnswer",
    "ReviewersAnswer",
]


class ReviewersAnswer(BaseModel):
    """Those who review."""

    reviewers: list[ReviewerBody] = Field(description="In the order in which they were made.")


class HoldAnswer(BaseModel):
    """The hold was placed."""

    hold: int = Field(description="Its number.")


class PageBody(BaseModel):
    """A page: a life may be in danger, or nobody took a task whose deadline is near."""

    number: int = Field(description="Its number.")
    item: str | None = Field(description="The platform's id of the item.")
    task: int = Field(description="The task, which leads may claim.")
    why: Cause = Field(description="life or deadline.")
    raised: datetime = Field(description="Since when.")
    acknowledged_by: int | None = Field(description="The lead who has it.")
    acknowledged: datetime | None = Field(description="Since when.")
    sampled_id: str | None = Field(description="The platform's id of a post that an audit's sample put in.")

    @classmethod
    def of(cls, page: Page) -> PageBody:
        """Return the body of a page."""
        return cls(
            number=page.number,
            item=page.item,
            task=page.task,
            why=page.why,
            raised=page.raised_at,
            acknowledged_by=page.acknowledged_by,
            acknowledged=page.acknowledged_at,
            sampled_id=page.own_id,
        )


class PageAnswer(BaseModel):
    """One page."""

    page: PageBody = Field(description="The page.")


class PagesAnswer(BaseModel):
    """Pages, those that nobody has acknowledged first."""

    pages: list[PageBody] = Field(description="At most 1,000.")


class HeadAnswer(BaseModel):
    """The log's head: keep it where whoever runs the database cannot reach."""

    head: str = Field(description="A line of JSON, signed, as 'tocsin review verify-log --since' reads it.")


class LetterBody(BaseModel):
    """A message that could not be delivered."""

    number: int = Field(description="Its number.")
    message: str = Field(description="The id under which it was sent, `webhook-id`.")
    webhook: str = Field(description="To whom.")
    event: str = Field(description="What it tells.")
    attempts: int = Field(description="How often it was tried.")
    fault: str | None = Field(description="What went wrong the last time.")

    @classmethod
    def of(cls, letter: Letter) -> LetterBody:
        """Return the body of a letter."""
        return cls(
            number=letter.number,
            message=letter.message,
            webhook=letter.endpoint,
            event=letter.event,
            attempts=letter.attempts,
            fault=letter.fault,
        )


class LettersAnswer(BaseModel):
    """Messages that could not be delivered, oldest first."""

    letters: list[LetterBody] = Field(description="At most 1,000.")


class ResentAnswer(BaseModel):
    """They are tried again from the beginning."""

    messages: int = Field(description="How many.")
