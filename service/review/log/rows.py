"""The log's rows, as they lie in the database: whoever tampered may have left anything in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Connection, LargeBinary, case, cast, func, select, type_coerce
from sqlalchemy.types import NullType

from tocsin.service.review.log.entry import Row
from tocsin.service.review.store.tables import log

__all__ = ["read_rows"]

_AT_A_TIME: Final = 5_000
_COLUMNS: Final = (log.c.at, log.c.actor, log.c.action, log.c.item, log.c.body, log.c.mac)


def read_rows(
    tx: Connection,
    progress: Callable[[int], None] = lambda _: None,
    *,
    since: int | None = None,
    most: int | None = None,
) -> Iterator[Row]:
    """Yield rows by their numbers; tell `progress` how many were read so far, now and then."""
    is_sqlite = tx.dialect.name == "sqlite"
    query = select(log.c.seq, *(_raw(column, is_sqlite) for column in _COLUMNS)).order_by(log.c.seq)
    query = query if since is None else query.where(log.c.seq >= since)
    # A server's cursor must be closed where whoever reads has seen enough.
    with tx.execute(query.limit(most), execution_options={"yield_per": most or _AT_A_TIME}) as rows:
        for count, (seq, at, actor, action, item, body, mac) in enumerate(rows, 1):
            if count % _AT_A_TIME == 0:
                progress(count)
            yield Row(seq, at, _text(actor), _text(action), item, _text(body), mac)


def _raw(column: Column[Any], is_sqlite: bool) -> ColumnElement[Any]:
    """Return a column's value without any conversion; on SQLite texts as bytes, which need not be UTF-8."""
    plain: ColumnElement[Any] = type_coerce(column, NullType())
    if not is_sqlite:
        return plain
    return case(
        (func.typeof(column) == "text", type_coerce(cast(column, LargeBinary), NullType())), else_=plain
    )


def _text(value: Any) -> Any:
    """Return the text; what is no UTF-8 becomes what no row of ours can hold."""
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value
