"""Figures kept from one time to the next: computed aside, by one process at a time."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, Row, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from tocsin.service.review.context import Context
from tocsin.service.review.records.figures.days import midnight, number_of
from tocsin.service.review.records.figures.drift import DRIFT_DAYS
from tocsin.service.review.records.figures.figures import Figures, figure_all
from tocsin.service.review.records.figures.volume import Days, count_days
from tocsin.service.review.store.console_tables import figures as kept

if TYPE_CHECKING:
    from tocsin.service.review.desk import Desk

__all__ = ["FRESH_S", "figures_now", "refresh_figures"]

FRESH_S: Final = 60.0
_REST: Final = 20  # times as long as they take is waited before they are computed again
_STALE: Final = timedelta(minutes=5)  # then whoever reads them computes them at once
_FIGURES: Final = "dashboard"
_DAYS: Final = "days"
_INSERTS: Final[Mapping[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_KEPT: Final = select(kept).where(kept.c.name == bindparam("name"))
_READ: Final = TypeAdapter(Figures)
_READ_DAYS: Final[TypeAdapter[Days]] = TypeAdapter(Days)


def refresh_figures(desk: Desk) -> int:
    """Compute and keep the figures where they are a minute old and no other process does; say whether (0, 1).

    The longer they take, the seldomer they are computed: for at most a twentieth of the time. Raises
    StoreError.
    """
    if not desk.read(_is_due) or not desk.jot(_claim):
        return 0
    figures, days = desk.read(_compute)
    desk.jot(_keep, figures, days)
    return 1


def figures_now(tx: Connection, context: Context) -> Figures:
    """Return the figures as they were kept, or computed now where nobody has kept any for some minutes."""
    row = _row(tx, _FIGURES)
    figures = None if row is None else _figures(row.body)
    if figures is not None and context.clock() - figures.as_of <= _STALE:
        return figures
    return _compute(tx, context)[0]


def _is_due(tx: Connection, context: Context) -> bool:
    row = _row(tx, _FIGURES)
    if row is None:
        return True
    figures = _figures(row.body)
    pause = max(FRESH_S, 0.0 if figures is None else figures.took_s * _REST)
    return bool(context.clock() - row.made_at >= timedelta(seconds=pause))


def _claim(tx: Connection, context: Context) -> bool:
    """Say whether these are ours to compute: whoever moves `made_at` first has them."""
    row, at = _row(tx, _FIGURES), context.clock()
    if row is None:
        begun = _INSERTS[tx.dialect.name](kept).values(name=_FIGURES, made_at=at, body={})
        ours = begun.on_conflict_do_nothing(index_elements=["name"]).returning(kept.c.name)
        return tx.execute(ours).first() is not None
    due = update(kept).where(kept.c.name == _FIGURES, kept.c.made_at == row.made_at)
    return _is_due(tx, context) and tx.execute(due.values(made_at=at)).rowcount == 1


def _compute(tx: Connection, context: Context) -> tuple[Figures, Days]:
    began, now = time.monotonic(), context.clock()
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql("SET LOCAL jit = off")  # to compile each query takes longer than it saves
    days = _days(tx, now)
    return figure_all(tx, days, now, began), days


def _days(tx: Connection, now: datetime) -> Days:
    """Return the counts of the days that drift looks at: of those that are over, as they were kept."""
    first = midnight(now) - timedelta(days=DRIFT_DAYS)
    row = _row(tx, _DAYS)
    known = {} if row is None else _read_days(row.body)
    if row is None or not known:
        return count_days(tx, first)
    # What was handed in around midnight may have been stored after: a day counts once it is over for long.
    since = max(first, midnight(row.made_at) - timedelta(days=1))
    fresh = count_days(tx, since)
    over = range(number_of(first.date()), number_of(since.date()))
    return {**{day: known[day] for day in over if day in known}, **fresh}


def _keep(tx: Connection, context: Context, figures: Figures, days: Days) -> None:
    del context
    for name, body in (
        (_FIGURES, _READ.dump_python(figures, mode="json")),
        (_DAYS, _READ_DAYS.dump_python(days, mode="json")),
    ):
        made = _INSERTS[tx.dialect.name](kept).values(name=name, made_at=figures.as_of, body=body)
        tx.execute(
            made.on_conflict_do_update(
                index_elements=["name"], set_={"made_at": made.excluded.made_at, "body": made.excluded.body}
            )
        )


def _row(tx: Connection, name: str) -> Row[Any] | None:
    return tx.execute(_KEPT, {"name": name}).first()


def _figures(body: Any) -> Figures | None:
    """Return what was kept, None where that is of another version or not there yet."""
    try:
        return _READ.validate_python(body)
    except ValidationError:
        return None


def _read_days(body: Any) -> Days:
    try:
        return _READ_DAYS.validate_python(body)
    except ValidationError:
        return {}
