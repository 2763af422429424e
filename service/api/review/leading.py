"""What leads and admins may ask: pages, holds, the log's head, dead letters."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection

from tocsin.service.api.review import answers, lead_answers, takings
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
from tocsin.service.review.webhooks.delivering import list_dead, resend

__all__ = ["LEADING_ROUTES"]


def _pages(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    del reviewer, asked
    found = list_pages(tx, context)
    return lead_answers.PagesAnswer(pages=[lead_answers.PageBody.of(one) for one in found])


def _acknowledge(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    page = acknowledge(tx, context, reviewer, asked.number("page"))
    return lead_answers.PageAnswer(page=lead_answers.PageBody.of(page))


def _hold(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    body: takings.HoldTaking = asked.body
    return lead_answers.HoldAnswer(hold=hold(tx, context, reviewer, body.item, body.reason))


def _release_hold(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    release_hold(tx, context, reviewer, asked.number("hold"))
    return answers.NothingAnswer()


def _head(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    del reviewer, asked
    return lead_answers.HeadAnswer(head=read_head(tx).export(context.key, context.clock()))


def _reviewers(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    del reviewer, asked
    known = list_reviewers(tx, context)
    return lead_answers.ReviewersAnswer(reviewers=[answers.ReviewerBody.of(one) for one in known])


def _dead(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    del reviewer, asked
    return lead_answers.LettersAnswer(
        letters=[lead_answers.LetterBody.of(one) for one in list_dead(tx, context)]
    )


def _resend(tx: Connection, context: Context, reviewer: Reviewer, asked: Asked) -> Any:
    del reviewer
    body: takings.ResendBody = asked.body
    return lead_answers.ResentAnswer(messages=resend(tx, context, body.messages))


LEADING_ROUTES: Final = (
    Route(
        "GET",
        "/v1/review/pages",
        "pages",
        "List pages",
        Role.LEAD,
        _pages,
        lead_answers.PagesAnswer,
        Keeps.NOTHING,
    ),
    Route(
        "POST",
        "/v1/review/pages/{page}/acknowledge",
        "acknowledge",
        "Take a page on",
        Role.LEAD,
        _acknowledge,
        lead_answers.PageAnswer,
        parts={"page": "Number of the page."},
    ),
    Route(
        "POST",
        "/v1/review/holds",
        "hold",
        "Keep an item from being erased",
        Role.LEAD,
        _hold,
        lead_answers.HoldAnswer,
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
        lead_answers.HeadAnswer,
        Keeps.NOTHING,
    ),
    Route(
        "GET",
        "/v1/review/reviewers",
        "reviewers",
        "List those who review",
        Role.SENIOR,
        _reviewers,
        lead_answers.ReviewersAnswer,
        Keeps.NOTHING,
    ),
    Route(
        "GET",
        "/v1/review/dead-letters",
        "dead_letters",
        "List messages that could not be delivered",
        Role.LEAD,
        _dead,
        lead_answers.LettersAnswer,
        Keeps.NOTHING,
    ),
    Route(
        "POST",
        "/v1/review/dead-letters/resend",
        "resend",
        "Send dead messages again",
        Role.ADMIN,
        _resend,
        lead_answers.ResentAnswer,
        takes=takings.ResendBody,
    ),
)
