"""Columns and cells as the page shows them: written, and placed on their column's scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from tocsin.eval.page.figures import BETTER, NUMERIC, Scale, interval, number
from tocsin.eval.page.words import prose
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.tables import Column, Kind, Marked, Table, Value, bare

__all__ = ["CellView", "HeadView", "cell_view", "head_view", "scale_of"]


@dataclass(frozen=True, slots=True)
class HeadView:
    """Hold a column's head: its words, and the ends of the scale that its whiskers share."""

    text: Markup
    id: str
    about: Markup | None
    better: str | None
    numeric: bool
    key: bool
    scale: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class CellView:
    """Hold a cell as it is written.

    `whisker` places its interval, in percent of the scale. A mark on a count says how to read the row,
    one on a figure that it misses something: `misses`.
    """

    text: str
    interval: str | None
    whisker: str | None
    mark: str | None
    misses: bool
    code: bool
    numeric: bool
    key: bool


def scale_of(table: Table, column: Column) -> Scale | None:
    """Return the scale that the intervals of a column share, None where it has none."""
    values = [bare(row[column.name]) for row in table.rows]
    return Scale.over([value for value in values if isinstance(value, Estimate)], column.kind)


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
        whisker=_whisker(plain, scale) if scale and brackets and isinstance(plain, Estimate) else None,
        mark=value.mark if isinstance(value, Marked) else None,
        misses=column.kind is not Kind.COUNT,
        code=column.kind is Kind.CODE,
        numeric=column.kind in NUMERIC,
        key=column.key,
    )


def _whisker(estimate: Estimate, scale: Scale) -> str:
    """Return where a whisker stands, as CSS properties: its ends, its dot, and nought if that matters."""
    places: Mapping[str, float] = {
        "a": scale.at(estimate.low),
        "b": scale.at(estimate.high),
        "v": scale.at(estimate.value),
        **({"z": scale.at(0.0)} if scale.crosses_nought else {}),
    }
    return ";".join(f"--{name}:{place:g}" for name, place in places.items())
