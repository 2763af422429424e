"""What somebody decided last, for the banner that offers to undo it: see templates/undo.html."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from tocsin.service.review.context import Context
from tocsin.service.review.decisions import undoable
from tocsin.service.review.records import Reviewer

__all__ = ["last_decision"]


def last_decision(tx: Connection, context: Context, me: Reviewer) -> dict[str, Any]:
    """Return the values `undo` and `undo_until` of a template: None both where nothing can be undone."""
    made = undoable(tx, context, me)
    lasts = timedelta(seconds=context.settings.undo_seconds)
    return {"undo": made, "undo_until": None if made is None else made.made_at + lasts}
