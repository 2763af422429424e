"""The table of corrections: which items came of scores that clients of the server would have given."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ForeignKey, String, Table

from tocsin.service.review.store.schema import NUMBER, metadata

__all__ = ["corrections"]

# One row for each item that a correction put into the queue. `mark` stands for what was suggested, under the
# key of the log. It stays when the item is erased, so that the same line, read again, brings nothing back.
corrections: Final = Table(
    "corrections",
    metadata,
    Column("item", NUMBER, ForeignKey("items.id"), primary_key=True, autoincrement=False),
    Column("mark", String(64), nullable=False, unique=True),
)
