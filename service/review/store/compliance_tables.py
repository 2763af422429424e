"""The table of statements of reasons: one for each measure that restricts, and what became of it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Index, Integer, String, Table, UniqueConstraint

from tocsin.service.review.store.schema import (
    JSON_OR_NULL,
    UNSENT,
    id_column,
    metadata,
    moment_column,
    ref_column,
)

__all__ = ["statements"]

# `body` is the payload, null where none could be made (`faulty`, `left_out`: `fault` says why) and once its
# time is over; `puid` stays, so that none is ever sent twice. `uuid`, `permalink` and `stored_at` are the
# receipt, as the transparency database wrote it. In `sending` nobody knows yet whether it arrived.
statements: Final = Table(
    "statements",
    metadata,
    id_column(),
    ref_column("measure", "measures"),
    Column("puid", String(64), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("body", JSON_OR_NULL),
    Column("fault", String(500)),
    Column("attempts", Integer, nullable=False, server_default="0"),
    moment_column("made_at"),
    moment_column("due_at"),
    moment_column("settled_at", nullable=True),
    Column("uuid", String(64)),
    Column("permalink", String(500)),
    Column("stored_at", String(40)),
    UniqueConstraint("measure"),
    Index("ix_statements_unsent", "due_at", "id", sqlite_where=UNSENT, postgresql_where=UNSENT),
)
