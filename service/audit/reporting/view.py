"""Figures and counts as tables that the page shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tocsin.page.scale import Scale
from tocsin.page.views import NOTHING, CellView, Drawing, HeadView, TableView
from tocsin.page.words import Ids, prose
from tocsin.service.audit.reporting.wording import percent

if TYPE_CHECKING:
    from tocsin.service.audit.estimating import FigureRecord, Figures

__all__ = ["Cell", "Head", "count", "figure", "share", "table_view", "words"]

_FOLDED_FROM: Final = 13  # rows
_LONG_FROM: Final = 60  # rows that paper is not filled with
_WIDE_FROM: Final = 7  # columns beside the keys
_DIGITS: Final = 3


@dataclass(frozen=True, slots=True)
class Head:
    """Name a column: its words, whether it says which row it is, and what explains it."""

    text: str
    key: bool = False
    numeric: bool = True
    about: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """Hold a cell as it is written, with its figure where it has an interval, and its mark."""

    text: str
    numeric: bool = True
    figure: FigureRecord | None = None
    mark: str | None = None
    code: bool = False


def words(text: str, *, mark: str | None = None, code: bool = False) -> Cell:
    """Return a cell of words."""
    return Cell(text, numeric=False, mark=mark, code=code)


def count(value: int | None) -> Cell:
    """Return a cell of a count."""
    return Cell(NOTHING if value is None else f"{value:,}")


def share(part: int, whole: int) -> Cell:
    """Return a cell of what part of the whole some rows are."""
    return Cell(percent(part / whole, _DIGITS) if whole else NOTHING)


def figure(found: FigureRecord | None, told: Figures, mark: str | None = None) -> Cell:
    """Return a cell of a figure with its interval, or of why there is none."""
    if found is None:
        return words(told.why or NOTHING)
    return Cell(percent(found.value, _DIGITS), figure=found, mark=mark)


def table_view(
    ids: Ids,
    name: str,
    title: str,
    heads: Sequence[Head],
    rows: Sequence[Sequence[Cell]],
    *,
    about: Sequence[str] = (),
    notes: Sequence[str] = (),
    drawing: Drawing | None = None,
    tall: bool = False,
) -> TableView:
    """Return a table as it is shown; the first head is a key, and intervals of a column share a scale.

    A `tall` drawing is folded with its table.
    """
    scales = [_scale([row[place] for row in rows]) for place in range(len(heads))]
    own = ids.of(name)
    return TableView(
        id=own,
        title=prose(title),
        about=[prose(one) for one in about],
        notes=[prose(one) for one in notes],
        heads=[_head(one, scale, ids.of(name, one.text)) for one, scale in zip(heads, scales, strict=True)],
        rows=[
            [_cell(cell, head, scale) for cell, head, scale in zip(row, heads, scales, strict=True)]
            for row in rows
        ],
        starts=_starts(heads, rows),
        marks=(),
        missed=0,
        folded=tall or len(rows) >= _FOLDED_FROM,
        printed=len(rows) < _LONG_FROM,
        wide=sum(not one.key for one in heads) >= _WIDE_FROM,
        long=len(rows) >= _LONG_FROM,
        drawing=drawing,
        tall=tall and drawing is not None,
    )


def _scale(cells: Sequence[Cell]) -> Scale | None:
    ends = [end for cell in cells if cell.figure for end in (cell.figure.low, cell.figure.high)]
    return Scale.over([0.0, *ends], factor=100.0, unit="%") if ends else None


def _head(head: Head, scale: Scale | None, name: str) -> HeadView:
    return HeadView(
        text=prose(head.text),
        id=name,
        about=prose(head.about) if head.about else None,
        better=None,
        numeric=head.numeric,
        key=head.key,
        scale=(scale.written(scale.low), scale.written(scale.high)) if scale else None,
    )


def _cell(cell: Cell, head: Head, scale: Scale | None) -> CellView:
    found = cell.figure
    return CellView(
        text=cell.text,
        interval=f"[{percent(found.low, _DIGITS)}, {percent(found.high, _DIGITS)}]" if found else None,
        whisker=scale.whisker(found.low, found.value, found.high) if scale and found else None,
        mark=cell.mark,
        misses=False,
        code=cell.code,
        numeric=cell.numeric,
        key=head.key,
    )


def _starts(heads: Sequence[Head], rows: Sequence[Sequence[Cell]]) -> frozenset[int]:
    """Return the rows where the first of several keys changes."""
    if sum(one.key for one in heads) < 2:
        return frozenset()
    return frozenset(place for place in range(1, len(rows)) if rows[place][0].text != rows[place - 1][0].text)
