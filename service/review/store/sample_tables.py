"""The tables of samples: which stored posts are in the queue to be labelled, and how probable each was."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Integer, String, Table, UniqueConstraint

from tocsin.service.review.store.schema import (
    JSON_OR_NULL,
    NUMBER,
    id_column,
    metadata,
    moment_column,
    ref_column,
)

__all__ = ["sampled", "samples"]

# One row for each sample of an audit: `design` is the digest of the file that says how it was drawn, `audit`
# that of the audit's manifest. `policies` are those that each decision answers, all of them.
samples: Final = Table(
    "samples",
    metadata,
    id_column(),
    Column("design", String(71), nullable=False, unique=True),
    Column("audit", String(71), nullable=False),
    Column("policies", JSON_OR_NULL, nullable=False),
    moment_column("put_at"),
)

# One row for each item that a sample put into the queue. Nothing of what the model says of it is in any
# table: who labels must not see it, and what is not there nobody can. `own_id` is the platform's id of the
# post, null once it is erased; the place in the audited files stays, or its label would be nobody's.
sampled: Final = Table(
    "sampled",
    metadata,
    Column("item", NUMBER, ForeignKey("items.id"), primary_key=True, autoincrement=False),
    ref_column("sample", "samples"),
    Column("source", Integer, nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("probability", Float, nullable=False),
    Column("own_id", String(512), index=True),
    UniqueConstraint("sample", "source", "place"),
)
