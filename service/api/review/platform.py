"""What the platform may ask: hand items in, hear what was decided, say what it did, have items erased."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, Field
from sqlalchemy import Connection

from tocsin.service.api.review.answers import DecisionBody, ErasedAnswer
from tocsin.service.api.review.asked import Asked
from tocsin.service.api.review.route import PLATFORM, Keeps, Route
from tocsin.service.api.review.takings import AppealBody, MeasureBody, MeasureView
from tocsin.service.review.context import Context
from tocsin.service.review.decisions import appeal, item_history
from tocsin.service.review.intake import Receipt, State
from tocsin.service.review.log import Actor
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import erase, list_measures, record

__all__ = ["PLATFORM_ROUTES", "ItemAnswer", "ReceiptBody"]

_ITEM: Final = {"item": "The platform's id of the item; a slash in it is written %2F."}


class ReceiptBody(BaseModel):
    """Where an item stands."""

    id: str = Field(description="The platform's id of it.")
    new: bool = Field(description="Whether it was not known before.")
    state: State = Field(description="waiting for a person, decided, or passed: nobody needs to look.")
    queue: Queue | None = Field(description="Where it waits.")
    priority: float | None = Field(description="Severity times score, of what waits.")
    deadline: datetime | None = Field(description="When it must be done.")

    @classmethod
    def of(cls, receipt: Receipt) -> ReceiptBody:
        """Return the body of a receipt."""
        return cls(
            id=receipt.id,
            new=receipt.new,
            state=receipt.state,
            queue=receipt.queue,
            priority=receipt.priority,
            deadline=receipt.deadline,
        )


class ItemAnswer(BaseModel):
    """Where an item stands, and what was decided: no text, and nobody's name."""

    item: ReceiptBody = Field(description="Where it stands.")
    decisions: list[DecisionBody] = Field(description="Every decision on it, oldest first.")
    notices: list[str] = Field(description="Ids of the notices and orders about it.")
    appeals: list[str] = Field(description="Ids of the appeals about it.")


class AppealAnswer(BaseModel):
    """Another reviewer decides anew."""

    task: int = Field(description="The task in which that is done.")


class MeasureAnswer(BaseModel):
    """The measure is recorded."""

    new: bool = Field(description="Whether it was not recorded before.")


class MeasuresAnswer(BaseModel):
    """Measures on an item, in the order in which they were recorded."""

    measures: list[MeasureView] = Field(description="The measures.")


def _item(tx: Connection, context: Context, asked: Asked) -> Any:
    found = item_history(tx, context, asked.parts["item"])
    return ItemAnswer(
        item=ReceiptBody.of(found.receipt),
        decisions=[DecisionBody.of(one, inside=False) for one in found.decisions],
        notices=list(found.notices),
        appeals=list(found.appeals),
    )


def _erase(tx: Connection, context: Context, asked: Asked) -> Any:
    return ErasedAnswer(state=erase(tx, context, asked.parts["item"], Actor.key(asked.key)))


def _appeal(tx: Connection, context: Context, asked: Asked) -> Any:
    body: AppealBody = asked.body
    return AppealAnswer(task=appeal(tx, context, asked.parts["item"], body.appeal(), asked.key))


def _record(tx: Connection, context: Context, asked: Asked) -> Any:
    body: MeasureBody = asked.body
    return MeasureAnswer(new=record(tx, context, asked.parts["item"], body.measure(), asked.key))


def _measures(tx: Connection, context: Context, asked: Asked) -> Any:
    found = list_measures(tx, context, asked.parts["item"])
    views = [
        MeasureView(
            id=one.reference, kind=one.kind, applied=one.applied_at, ends=one.ends_at, decision=one.decision
        )
        for one in found
    ]
    return MeasuresAnswer(measures=views)


PLATFORM_ROUTES: Final = (
    Route(
        "GET",
        "/v1/items/{item}",
        "item",
        "Tell where an item stands and what was decided",
        PLATFORM,
        _item,
        ItemAnswer,
        Keeps.NOTHING,
        parts=_ITEM,
    ),
    Route(
        "DELETE",
        "/v1/items/{item}",
        "erase",
        "Erase an item everywhere but in the log, or once no hold keeps it",
        PLATFORM,
        _erase,
        ErasedAnswer,
        parts=_ITEM,
    ),
    Route(
        "POST",
        "/v1/items/{item}/appeals",
        "appeal",
        "Have another reviewer decide anew",
        PLATFORM,
        _appeal,
        AppealAnswer,
        takes=AppealBody,
        parts=_ITEM,
    ),
    Route(
        "POST",
        "/v1/items/{item}/measures",
        "measure",
        "Record what the platform did",
        PLATFORM,
        _record,
        MeasureAnswer,
        takes=MeasureBody,
        parts=_ITEM,
    ),
    Route(
        "GET",
        "/v1/items/{item}/measures",
        "measures",
        "List what the platform did",
        PLATFORM,
        _measures,
        MeasuresAnswer,
        Keeps.NOTHING,
        parts=_ITEM,
    ),
)
