"""Tables as a page shows them: every cell written, every interval placed on its column's scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

__all__ = ["NOTHING", "CellView", "Drawing", "HeadView", "TableView"]

NOTHING: Final = "–"


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


@dataclass(frozen=True, slots=True)
class Drawing:
    """Hold a plot: what it shows in words, and one picture or several small ones with their names."""

    kind: str
    caption: str
    pictures: Sequence[tuple[str, Markup]]


@dataclass(frozen=True, slots=True)
class TableView:
    """Hold a table as it is shown: `starts` are the rows that begin a group."""

    id: str
    title: Markup
    about: Sequence[Markup]
    notes: Sequence[Markup]
    heads: Sequence[HeadView]
    rows: Sequence[Sequence[CellView]]
    starts: frozenset[int]
    marks: Sequence[tuple[str, int]]
    missed: int
    folded: bool
    printed: bool
    wide: bool
    long: bool
    drawing: Drawing | None
    tall: bool
