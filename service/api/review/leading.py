"""What leads and admins may ask: pages, holds, the log's head, dead letters."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, Field
from sqlalchemy import Connection

from tocsin.service.api.review import answers, takings
from tocsin.service.api.review.asked import Asked
from tocsin.service.api.review.route import Keeps, Route
from tocsin.service.review.context import Context
from tocsin.service.review.log import read_head
from tocsin.service.review.records import (
    Reviewer,
    acknowledge,
    hold,
    list_pages,
    list_reviewers,
    release_hold,
)
from tocsin.service.review.role import Role
from tocsin.service.review.webhooks.delivering import Letter, list_dead, resend

__all__ = ["LEADING_ROUTES"]


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


def _pages(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    del reviewer, asked
    return answers.PagesAnswer(pages=[answers.PageBody.of(one) for one in list_pages(tx, context)])


def _acknowledge(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    page = acknowledge(tx, context, reviewer, asked.number("page"))
    return answers.PageAnswer(page=answers.PageBody.of(page))


def _hold(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    body: takings.HoldTaking = asked.body
    return answers.HoldAnswer(hold=hold(tx, context, reviewer, body.item, body.reason))


def _release_hold(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    release_hold(tx, context, reviewer, asked.number("hold"))
    return answers.NothingAnswer()


def _head(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    del reviewer, asked
    return answers.HeadAnswer(head=read_head(tx).export(context.key, context.clock()))


def _reviewers(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    del reviewer, asked
    known = list_reviewers(tx, context)
    return answers.ReviewersAnswer(reviewers=[answers.ReviewerBody.of(one) for one in known])


def _dead(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    del reviewer, asked
    return LettersAnswer(letters=[LetterBody.of(one) for one in list_dead(tx, context)])


def _resend(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    del reviewer
    body: takings.ResendBody = asked.body
    return ResentAnswer(messages=resend(tx, context, body.messages))


LEADING_ROUTES: Final = (
    Route(
        "GET",
        "/v1/review/pages",
        "pages",
        "List pages",
        Role.LEAD,
        _pages,
        answers.PagesAnswer,
        Keeps.NOTHING,
    ),
    Route(
        "POST",
        "/v1/review/pages/{page}/acknowledge",
        "acknowledge",
        "Take a page on",
        Role.LEAD,
        _acknowledge,
        answers.PageAnswer,
        parts={"page": "Number of the page."},
    ),
    Route(
        "POST",
        "/v1/review/holds",
        "hold",
        "Keep an item from being erased",
        Role.LEAD,
        _hold,
        answers.HoldAnswer,
        takes=takings.HoldTaking,
    ),
    Route(
        "DELETE",
        "/v1/review/holds/{hold}",
        "release_hold",
        "Release a hold; what was asked to be erased meanwhile is",
        Role.LEAD,
        _release_hold,
        answers.NothingAnswer,
        parts={"hold": "Number of the hold."},
    ),
    Route(
        "GET",
        "/v1/review/log/head",
        "log_head",
        "Export the log's head, signed",
        Role.LEAD,
        _head,
        answers.HeadAnswer,
        Keeps.NOTHING,
    ),
    Route(
        "GET",
        "/v1/review/reviewers",
        "reviewers",
        "List those who review",
        Role.SENIOR,
        _reviewers,
        answers.ReviewersAnswer,
        Keeps.NOTHING,
    ),
    Route(
        "GET",
        "/v1/review/dead-letters",
        "dead_letters",
        "List messages that could not be delivered",
        Role.LEAD,
        _dead,
        LettersAnswer,
        Keeps.NOTHING,
    ),
    Route(
        "POST",
        "/v1/review/dead-letters/resend",
        "resend",
        "Send dead messages again",
        Role.ADMIN,
        _resend,
        ResentAnswer,
        takes=takings.ResendBody,
    ),
)
