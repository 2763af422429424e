"""Intake over HTTP: each text checked, scored and taken in; one spoils none of the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, Field, ValidationError

from tocsin.assessment import Assessment, Level
from tocsin.errors import ScoringError
from tocsin.item import Item
from tocsin.service.api.native.schemas import ErrorBody
from tocsin.service.api.refusal import Refusal, Why
from tocsin.service.api.review.platform import ReceiptBody
from tocsin.service.api.review.refusing import refusing
from tocsin.service.api.review.takings import ItemsBody
from tocsin.service.api.validation import first_fault
from tocsin.service.review.errors import ReviewError
from tocsin.service.review.intake import Judged, Receipt, Submission, take_in
from tocsin.service.review.intake.bodies import SubmissionBody
from tocsin.service.scoring import DeadlinePassedError, OverloadedError, StoppingError

if TYPE_CHECKING:
    from tocsin.service.api.call import Call
    from tocsin.service.review import Desk
    from tocsin.service.scoring import Outcome

__all__ = ["ItemsAnswer", "take_items"]

_FLAGGED: Final = {Level.REVIEW, Level.URGENT}


class NotTaken(BaseModel):
    """What stands in the place of a text that was not taken in."""

    id: str = Field(description="The id that was sent, or the place.")
    error: ErrorBody = Field(description="Why.")


class ItemsAnswer(BaseModel):
    """One answer for each item, in order."""

    items: list[ReceiptBody | NotTaken] = Field(description="As many as there were items.")


async def take_items(call: Call, desk: Desk) -> ItemsAnswer:
    """Return one answer for each item of a body; raise Refusal where none comes."""
    bodies = await _bodies(call)
    read = [_read(body, place) for place, body in enumerate(bodies)]
    submissions = [one for one in read if isinstance(one, Submission)]
    outcomes = await _judged(call, submissions) if submissions else []
    scored = [
        Judged(submission, outcome)
        for submission, outcome in zip(submissions, outcomes, strict=True)
        if isinstance(outcome, Assessment)
    ]
    with refusing():
        receipts = await desk.aside(lambda: desk.write(take_in, scored, call.key.id)) if scored else []
    taken = iter(receipts)
    told = iter(
        _answer(submission, next(taken) if isinstance(outcome, Assessment) else outcome)
        for submission, outcome in zip(submissions, outcomes, strict=True)
    )
    return ItemsAnswer(items=[next(told) if isinstance(one, Submission) else one for one in read])


async def _bodies(call: Call) -> list[Any]:
    most = call.service.settings.max_items
    try:
        bodies = ItemsBody.model_validate(await call.json()).items
    except ValidationError as error:
        raise Refusal(Why.BAD_REQUEST, first_fault(error)) from None
    if len(bodies) > most:
        raise Refusal(Why.BAD_REQUEST, f"items must be 1 to {most:,}, was {len(bodies):,}")
    return bodies


def _read(body: Any, place: int) -> Submission | NotTaken:
    try:
        return SubmissionBody.model_validate(body, strict=False).submission()
    except ValidationError as error:
        name = body.get("id") if isinstance(body, dict) else None
        shown = name[:512] if isinstance(name, str) and name else str(place)
        return _not_taken(shown, "bad_item", first_fault(error))


async def _judged(call: Call, submissions: Sequence[Submission]) -> list[Outcome]:
    """Return one outcome a submission; what a level was reached by is explained, for reviewers see where."""
    items = [Item(one.id, one.text, one.language, one.posted_at, one.community) for one in submissions]
    outcomes = await call.assess(items, remember=False)
    flagged = [
        place for place, one in enumerate(outcomes) if isinstance(one, Assessment) and one.level in _FLAGGED
    ]
    seconds = call.service.settings.deadline_ms / 1000
    try:
        explained = await call.service.engine.assess(
            [items[place] for place in flagged], deadline_s=seconds, explain=True, remember=False
        )
    except (DeadlinePassedError, OverloadedError, StoppingError):
        return outcomes  # an item without its spans is better than none
    for place, one in zip(flagged, explained, strict=True):
        if isinstance(one, Assessment):
            outcomes[place] = one
    return outcomes


def _answer(submission: Submission, outcome: Receipt | ReviewError | ScoringError) -> ReceiptBody | NotTaken:
    if isinstance(outcome, Receipt):
        return ReceiptBody.of(outcome)
    code = "conflict" if isinstance(outcome, ReviewError) else "scoring_failed"
    return _not_taken(submission.id, code, str(outcome))


def _not_taken(name: str, code: Any, message: str) -> NotTaken:
    return NotTaken(id=name, error=ErrorBody(code=code, message=message))
