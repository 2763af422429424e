"""What several pieces of work ask of the tables, said once."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, exists, false, select

from tocsin.service.review.errors import UnknownError
from tocsin.service.review.store.correction_tables import corrections
from tocsin.service.review.store.sample_tables import sampled as of_samples
from tocsin.service.review.store.tables import decisions, items
from tocsin.service.review.verdict import Verdict

__all__ = ["freed", "is_final", "is_standing", "item_number", "standing"]

_FINAL: Final = [verdict.value for verdict in Verdict if verdict.final]


def item_number(tx: Connection, platform_id: str, *, lock: bool = False, sampled: bool = False) -> int:
    """Return the number of an item that is not erased; raise UnknownError.

    One that an audit's sample or a correction put in is none of the platform's, and known where
    `sampled` says so alone. `lock` keeps others from changing what hangs on it until the transaction ends.
    """
    query = select(items.c.id).where(items.c.platform_id == platform_id)
    if not sampled:
        for others in (of_samples, corrections):
            query = query.where(~exists().where(others.c.item == items.c.id))
    if lock:
        query = query.with_for_update(key_share=True, of=items)
    number: int | None = tx.execute(query).scalar()
    if number is None:
        raise UnknownError("there is no item with this id")
    return number


def standing(item: int | ColumnElement[int]) -> tuple[ColumnElement[bool], ...]:
    """Return what holds of a decision on an item that `is_standing`."""
    return (decisions.c.item == item, *is_standing())


def is_standing() -> tuple[ColumnElement[bool], ...]:
    """Return what holds of a decision that is final, was not undone, and says what becomes of its item.

    One that was made aside does not, see `decisions.aside`: it is compared with others, and that is all.
    """
    return (*is_final(), decisions.c.aside.is_(false()))


def is_final() -> tuple[ColumnElement[bool], ...]:
    """Return what holds of a decision that is final and was not undone, made aside or not."""
    return (decisions.c.undone_at.is_(None), decisions.c.verdict.in_(_FINAL))


def freed(at: datetime) -> dict[str, Any]:
    """Return what makes a task nobody's, to be taken from `at` on."""
    return {"claim": None, "claimed_by": None, "claimed_at": None, "available_at": at}
