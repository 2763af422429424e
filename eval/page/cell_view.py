"""Columns and cells as the page shows them: written, and placed on their column's scale."""

from __future__ import annotations

from tocsin.eval.page.figures import BETTER, NUMERIC, interval, number, scale_over
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.tables import Column, Kind, Marked, Table, Value, bare
from tocsin.page.scale import Scale
from tocsin.page.views import CellView, HeadView
from tocsin.page.words import prose

__all__ = ["cell_view", "head_view", "scale_of"]


def scale_of(table: Table, column: Column) -> Scale | None:
    """Return the scale that the intervals of a column share, None where it has none."""
    values = [bare(row[column.name]) for row in table.rows]
    return scale_over([value for value in values if isinstance(value, Estimate)], column.kind)


def head_view(column: Column, scale: Scale | None, name: str) -> HeadView:
    """Return a column's head, `name` its id."""
    return HeadView(
        text=prose(column.head),
        id=name,
        about=prose(column.about) if column.about else None,
        better=BETTER[column.better] if column.better else None,
        numeric=column.kind in NUMERIC,
        key=column.key,
        scale=(scale.written(scale.low), scale.written(scale.high)) if scale else None,
    )


def cell_view(value: Value, column: Column, scale: Scale | None) -> CellView:
    """Return a cell as its column writes it, on the column's scale."""
    plain = bare(value)
    brackets = interval(plain, column.kind)
    return CellView(
        text=number(plain, column.kind),
        interval=brackets,
        whisker=scale.whisker(plain.low, plain.value, plain.high)
        if scale and brackets and isinstance(plain, Estimate)
        else None,
        mark=value.mark if isinstance(value, Marked) else None,
        misses=column.kind is not Kind.COUNT,
        code=column.kind is Kind.CODE,
        numeric=column.kind in NUMERIC,
        key=column.key,
    )
