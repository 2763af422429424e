"""Messages for the platform, put into the database in the transaction that they tell of."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert

from tocsin.service.review.context import Context
from tocsin.service.review.store.tables import outbox

__all__ = ["Event", "post"]


class Event(StrEnum):
    """Name what a message tells."""

    DECISION_MADE = "decision.made"
    DECISION_REVERSED = "decision.reversed"
    LEAD_PAGED = "lead.paged"


def post(tx: Connection, context: Context, event: Event, item: int, data: Mapping[str, Any]) -> None:
    """Put a message about `item` into the outbox, once for each endpoint that wants to hear of `event`.

    `data` holds plain JSON types and no text. The body is kept as it will be signed and sent.
    """
    at = context.clock()
    wanting = [one.name for one in context.endpoints if event in one.events]
    if not wanting:
        return
    body = {"type": event.value, "timestamp": _written(at), "data": dict(data)}
    rows = [
        {
            "message": f"msg_{uuid.uuid4().hex}",
            "endpoint": name,
            "event": event.value,
            "item": item,
            "body": json.dumps(body, separators=(",", ":")),
            "state": "waiting",
            "attempts": 0,
            "created_at": at,
            "due_at": at,
        }
        for name in wanting
    ]
    tx.execute(insert(outbox), rows)


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
