"""A dot and its interval for each row of a table: of the first figure that says which way is better."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from tocsin.eval.page.figures import BETTER, interval, number, scale_over
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.tables import Better, Column, Kind, Marked, Plain, Row, Table, bare
from tocsin.page.dot_figure import Dot, dot_figure
from tocsin.page.svg import drawing, inline
from tocsin.page.words import clean

__all__ = ["draw_dots"]


def draw_dots(table: Table, name: str) -> tuple[str, Sequence[tuple[str, Markup]]]:
    """Return what the plot shows and its one picture, none where no row has the figure."""
    column = next((one for one in table.columns if one.better), None)
    dots = _dots(table, column) if column else []
    if column is None or not dots:
        return "", ()
    scale = scale_over([_estimate(dot) for dot in dots], column.kind)
    if scale is None:
        return "", ()
    with drawing():
        picture = inline(dot_figure(dots, scale), name, _told(dots, column))
    return _caption(table, dots, column), [("", picture)]


def _dots(table: Table, column: Column) -> list[Dot]:
    keys = table.keys or (table.columns[0].name,)
    firsts = [str(bare(row[keys[0]])) for row in table.rows]
    grouped = len(keys) > 1 and len(set(firsts)) < len(firsts)
    dots = []
    for first, row in zip(firsts, table.rows, strict=True):
        estimate = _drawable(bare(row[column.name]))
        if estimate is None:
            continue
        names = [clean(str(bare(row[key]))) for key in keys]
        dots.append(
            Dot(
                clean(first) if grouped else "",
                " · ".join(names[1:] if grouped else names),
                " · ".join(names),
                estimate.value,
                estimate.low,
                estimate.high,
                clean(_mark(row, table, column)),
            )
        )
    return dots


def _estimate(dot: Dot) -> Estimate:
    return Estimate(dot.value, dot.low, dot.high)


def _drawable(value: Plain) -> Estimate | None:
    """Return a figure with its interval, which is the figure itself where it has none."""
    exact = value.value if isinstance(value, Estimate) else value
    if not isinstance(exact, int | float) or not math.isfinite(exact):
        return None
    if isinstance(value, Estimate) and math.isfinite(value.low + value.high):
        return value
    return Estimate(float(exact), float(exact), float(exact))


def _mark(row: Row, table: Table, column: Column) -> str:
    """Return the marks that the dot must not be seen without: its own, and those of counts."""
    cells = [row[one.name] for one in table.columns if one is column or one.kind is Kind.COUNT]
    return ", ".join(dict.fromkeys(cell.mark for cell in cells if isinstance(cell, Marked)))


def _told(dots: Sequence[Dot], column: Column) -> str:
    """Return what a reader who does not see the plot should hear of it."""
    low, high = (choose(dots, key=lambda dot: dot.value) for choose in (min, max))
    ends = [
        f"{number(dot.value, column.kind)} {interval(_estimate(dot), column.kind) or ''} ({dot.whole})"
        for dot in (low, high)
    ]
    return clean(
        f"Dots with intervals: {column.head}, {_rows(len(dots))}, from {ends[0]} to {ends[1]}."
        " The table holds every figure."
    )


def _caption(table: Table, dots: Sequence[Dot], column: Column) -> str:
    marked = sorted({dot.mark for dot in dots if dot.mark})
    parts = [f"{column.head}, with its interval: {BETTER[column.better or Better.HIGHER]}."]
    parts += [f"Open diamonds are marked: {', '.join(marked)}."] if marked else []
    missing = len(table.rows) - len(dots)
    parts += [f"Not drawn, for want of a figure: {missing} of {len(table.rows)} rows."] if missing else []
    return " ".join(parts)


def _rows(count: int) -> str:
    return f"{count} {'row' if count == 1 else 'rows'}"
