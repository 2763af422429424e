"""The tables of double review: which items are decided twice, in which tasks, and who may know them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, Table

from tocsin.service.review.store.schema import DUE, NUMBER, metadata, moment_column

__all__ = ["doubles", "takers"]

# One row for each item that was drawn to be decided twice: `first` is the decision that counts, `task` where
# another decides blind, `adjudication` where it is said which of both holds, if they differ. That is asked at
# `due_at`, null before the second is made and once both are compared. With which probability it was drawn
# stands with the first decision, as with all that might have been drawn.
doubles: Final = Table(
    "doubles",
    metadata,
    Column("item", NUMBER, ForeignKey("items.id"), primary_key=True, autoincrement=False),
    Column("first", NUMBER, ForeignKey("decisions.id"), nullable=False, unique=True),
    Column("task", NUMBER, ForeignKey("tasks.id"), nullable=False, unique=True),
    Column("adjudication", NUMBER, ForeignKey("tasks.id"), unique=True),
    moment_column("due_at", nullable=True),
    Index("ix_doubles_due", "due_at", sqlite_where=DUE, postgresql_where=DUE),
)

# Who took a task of an item, decided or given back: they were shown what the model says of it.
takers: Final = Table(
    "takers",
    metadata,
    Column("item", NUMBER, ForeignKey("items.id"), primary_key=True, autoincrement=False),
    Column("reviewer", NUMBER, ForeignKey("reviewers.id"), primary_key=True, autoincrement=False),
)
