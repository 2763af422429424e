"""Tables drawn: dots with their intervals, and what came of each score."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from tocsin.eval.page.dots import draw_dots
from tocsin.eval.page.squares import draw_squares
from tocsin.eval.tables import Plot, Table

__all__ = ["Drawing", "draw"]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Hold a plot: what it shows in words, and one picture or several small ones with their names."""

    kind: str
    caption: str
    pictures: Sequence[tuple[str, Markup]]


_DRAWN: Final[Mapping[Plot, Callable[[Table, str], tuple[str, Sequence[tuple[str, Markup]]]]]] = {
    Plot.BARS: draw_dots,
    Plot.RELIABILITY: draw_squares,
}


def draw(table: Table, name: str) -> Drawing | None:
    """Return a table's plot, None where it asks for none or has nothing to draw.

    `name` starts every id in it.
    """
    if table.plot is None:
        return None
    caption, pictures = _DRAWN[table.plot](table, name)
    return Drawing(table.plot.value, caption, pictures) if pictures else None
