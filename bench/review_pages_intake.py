"""What the lists' indexes cost where items are handed in: with them, and without."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

from sqlalchemy import Index, Table

from tocsin.service.review.contract_testing import BY, judged
from tocsin.service.review.intake import take_in
from tocsin.service.review.store.tables import items, tasks

if TYPE_CHECKING:
    from tocsin.service.review.desk import Desk

__all__ = ["Cost", "intake_costs"]

_BATCH: Final = 100  # items in a request
_BATCHES: Final = 10
_ROUNDS: Final = 5
_OF_LISTS: Final = {
    items: ("ix_items_volume", "ix_items_prefix"),
    tasks: (
        "ix_tasks_oldest",
        "ix_tasks_deadline",
        "ix_tasks_escalated",
        "ix_tasks_done",
        "ix_tasks_golden",
        "ix_tasks_drawn",
    ),
}


@dataclass(frozen=True)
class Cost:
    """Hold the milliseconds that one item takes to be stored: with the lists' indexes, and without."""

    with_ms: float
    without_ms: float
    ratio: float


def intake_costs(desk: Desk) -> Cost:
    """Return the median of several rounds, in which both take turns; the indexes stand afterwards."""
    rounds = []
    for number in range(_ROUNDS):
        with_them = _handed_in(desk, f"with-{number}")
        _change(desk, make=False)
        try:
            without = _handed_in(desk, f"without-{number}")
        finally:
            _change(desk, make=True)
        rounds.append((with_them, without))
    return Cost(
        median(one for one, _ in rounds),
        median(other for _, other in rounds),
        median(one / other for one, other in rounds),
    )


def _handed_in(desk: Desk, name: str) -> float:
    """Return the milliseconds of an item, scored already, in requests of a hundred."""
    batches = [
        [judged(f"{name}-{batch}-{number}", level="urgent") for number in range(_BATCH)]
        for batch in range(_BATCHES)
    ]
    start = time.perf_counter()
    for batch in batches:
        desk.write(take_in, batch, BY)
    return (time.perf_counter() - start) * 1_000 / (_BATCH * _BATCHES)


def _change(desk: Desk, *, make: bool) -> None:
    for table, names in _OF_LISTS.items():
        for index in _indexes(table, names):
            if index.name == "ix_items_prefix" and desk.store.is_sqlite:
                continue
            work = index.create if make else index.drop
            desk.store.write(work)


def _indexes(table: Table, names: tuple[str, ...]) -> list[Index]:
    return [index for index in table.indexes if index.name in names]
