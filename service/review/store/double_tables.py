"""The table of double review: which items are decided twice, and in which tasks."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, Table

from tocsin.service.review.store.schema import DUE, NUMBER, metadata, moment_column, ref_column

__all__ = ["doubles"]

# One row for each item that was drawn to be decided twice: `first` is the decision that counts, `task` where
# another decides blind, `adjudication` where it is said which of both holds, if they differ. That is asked at
# `due_at`, null before the second is made and once both are compared. With which probability it was drawn
# stands with the first decision, as with all that might have been drawn.
doubles: Final = Table(
    "doubles",
    metadata,
    Column("item", NUMBER, ForeignKey("items.id"), primary_key=True, autoincrement=False),
    ref_column("first", "decisions"),
    Column("task", NUMBER, ForeignKey("tasks.id"), nullable=False, unique=True),
    Column("adjudication", NUMBER, ForeignKey("tasks.id"), unique=True),
    moment_column("due_at", nullable=True),
    Index("ix_doubles_due", "due_at", sqlite_where=DUE, postgresql_where=DUE),
)
