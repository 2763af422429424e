"""Filters that a reviewer saved under a name of their own; nobody else is shown them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from tocsin.errors import InputError
from tocsin.service.review.context import Context
from tocsin.service.review.errors import ConflictError, UnknownError
from tocsin.service.review.records.reviewers import Reviewer
from tocsin.service.review.records.searching import Filters
from tocsin.service.review.store.console_tables import filters as kept
from tocsin.service.review.store.tables import reviewers

__all__ = ["MOST_FILTERS", "SavedFilter", "delete_filter", "list_filters", "save_filter"]

MOST_FILTERS: Final = 50
_LONGEST_NAME: Final = 80


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """Hold one; `query` is what `Filters.parse` reads, which another version of this code may refuse."""

    number: int
    name: str
    query: Mapping[str, str]

    @classmethod
    def of(cls, row: Row[Any]) -> SavedFilter:
        """Return the saved filter that a row holds."""
        body = row.body if isinstance(row.body, dict) else {}
        return cls(row.id, row.name, {str(name): str(value) for name, value in body.items()})


def save_filter(tx: Connection, context: Context, reviewer: Reviewer, name: str, filters: Filters) -> int:
    """Return the number of filters saved under `name`; what was saved under it before is replaced.

    Raises InputError for a bad name, ForbiddenError where this reviewer may not search so, ConflictError
    where there are 50 already.
    """
    filters.check(reviewer.role)
    name = _checked(name)
    mine = kept.c.reviewer == reviewer.number
    # Or two at once would both find the name free, or room for one more.
    tx.execute(
        select(reviewers.c.id).where(reviewers.c.id == reviewer.number).with_for_update(key_share=True)
    )
    body, at = filters.to_query(), context.clock()
    known: int | None = tx.execute(select(kept.c.id).where(mine, kept.c.name == name)).scalar()
    if known is not None:
        tx.execute(update(kept).where(kept.c.id == known).values(body=body, made_at=at))
        return known
    if tx.execute(select(func.count()).where(mine)).scalar_one() >= MOST_FILTERS:
        raise ConflictError(f"a reviewer must have at most {MOST_FILTERS} saved filters: delete one")
    row = {"reviewer": reviewer.number, "name": name, "body": body, "made_at": at}
    number: int = tx.execute(insert(kept).returning(kept.c.id), row).scalar_one()
    return number


def list_filters(tx: Connection, context: Context, reviewer: Reviewer) -> list[SavedFilter]:
    """Return what a reviewer saved, by name."""
    del context
    found = tx.execute(select(kept).where(kept.c.reviewer == reviewer.number).limit(MOST_FILTERS))
    return sorted(map(SavedFilter.of, found), key=lambda one: one.name.casefold())


def delete_filter(tx: Connection, context: Context, reviewer: Reviewer, number: int) -> None:
    """Delete what a reviewer saved; raise UnknownError where it is not theirs."""
    del context
    mine = (kept.c.id == number, kept.c.reviewer == reviewer.number)
    if tx.execute(delete(kept).where(*mine)).rowcount != 1:
        raise UnknownError("there is no saved filter of yours with this number")


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise InputError(f"a filter's name must have 1 to {_LONGEST_NAME} printable characters")
    return name
