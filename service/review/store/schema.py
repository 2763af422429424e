"""What every table of the review queue is made of."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    MetaData,
    text,
)

from tocsin.service.review.store.moment import Moment

__all__ = [
    "DONE",
    "DRAWN",
    "DUE",
    "ESCALATED",
    "GOLDEN",
    "HELD",
    "JSON_OR_NULL",
    "KEPT",
    "LIGHTER",
    "NUMBER",
    "OPEN",
    "PRESSING",
    "UNSENT",
    "URGENT",
    "id_column",
    "metadata",
    "moment_column",
    "ref_column",
]

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
NUMBER: Final = BigInteger().with_variant(Integer, "sqlite")  # what SQLite counts up by itself
JSON_OR_NULL: Final = JSON(none_as_null=True)
OPEN: Final = text("state = 'open'")
HELD: Final = text("state = 'open' AND claimed_by IS NOT NULL")
LIGHTER: Final = text("state = 'open' AND severity < 2")
PRESSING: Final = text("state = 'open' AND severity = 2 AND deadline IS NOT NULL")
URGENT: Final = text("state = 'open' AND deadline IS NOT NULL")
ESCALATED: Final = text("state = 'open' AND least_role > 1")
GOLDEN: Final = text("queue = 'golden'")
DONE: Final = text("state = 'done'")
DRAWN: Final = text("inclusion IS NOT NULL")
KEPT: Final = text("erased_at IS NULL")
DUE: Final = text("due_at IS NOT NULL")
UNSENT: Final = text("state IN ('waiting', 'sending')")


def id_column() -> Column[Any]:
    """Return the column of a row's own number."""
    return Column("id", NUMBER, primary_key=True, autoincrement=True)


def ref_column(name: str, target: str, *, nullable: bool = False, index: bool = False) -> Column[Any]:
    """Return a column that names a row of `target`."""
    return Column(name, NUMBER, ForeignKey(f"{target}.id"), nullable=nullable, index=index)


def moment_column(name: str, *, nullable: bool = False) -> Column[Any]:
    """Return a column that holds a moment."""
    return Column(name, Moment, nullable=nullable)
