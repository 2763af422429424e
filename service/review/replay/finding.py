"""Which item is meant: by the platform's id of it, or by the number of one of its tasks."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, select, union

from tocsin.errors import InputError
from tocsin.service.review.context import Context
from tocsin.service.review.errors import UnknownError
from tocsin.service.review.store.sample_tables import sampled
from tocsin.service.review.store.tables import items, tasks

__all__ = ["find_item"]

_DIGITS: Final = 18  # numbers that a column holds have no more


def find_item(tx: Connection, context: Context, name: str, *, by_task: bool = False) -> int:
    """Return the number of the item that `name` stands for: an id first, then a task's number.

    With `by_task` it is a task's number alone. Raises UnknownError where it stands for nothing, InputError
    where the id stands for several: a post that was handed in, and that a sample of an audit drew as well.
    """
    del context
    found = [] if by_task else _named(tx, name)
    if len(found) > 1:
        first = select(tasks.c.id).where(tasks.c.item.in_(found)).order_by(tasks.c.id)
        numbers = ", ".join(str(one) for one in tx.execute(first).scalars())
        raise InputError(f"an id must stand for one item, this one stands for {len(found)}: name one of the"
                         f" tasks {numbers} with --task")  # fmt: skip
    if not found and name.isascii() and name.isdecimal() and len(name) <= _DIGITS:
        found = list(tx.execute(select(tasks.c.item).where(tasks.c.id == int(name))).scalars())
    if not found:
        what = "no task of this number" if by_task else "no item with this id, and no task of this number"
        raise UnknownError(f"there is {what}")
    return found[0]


def _named(tx: Connection, name: str) -> list[int]:
    query = union(
        select(items.c.id).where(items.c.platform_id == name),
        select(sampled.c.item).where(sampled.c.own_id == name),
    )
    return sorted(tx.execute(query).scalars())
