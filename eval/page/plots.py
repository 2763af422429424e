"""Tables drawn: dots with their intervals, and what came of each score."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from markupsafe import Markup

from tocsin.eval.page.dots import draw_dots
from tocsin.eval.page.squares import draw_squares
from tocsin.eval.tables import Plot, Table
from tocsin.page.views import Drawing

__all__ = ["draw"]


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
