"""Tables of plain values on standard output."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from tocsin.service.scan import reveal, table_console

__all__ = ["print_table"]


def print_table(title: str, headings: Sequence[str], rows: Iterable[Sequence[object]], *notes: str) -> None:
    """Print rows under headings, then notes; only the widest columns fold, and markup is plain text."""
    console = table_console()
    table = Table(title=Text(title), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold", no_wrap=heading in _NAMES)
    for row in rows:
        table.add_row(*(Text(_shown(value)) for value in row))
    console.print(table)
    for note in notes:
        console.print(Text(note), soft_wrap=True)


# Columns that name something are copied from: they stay in one piece.
_NAMES = frozenset({"name", "corpus", "signal", "policy"})


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return reveal(str(value)) if "\n" not in str(value) else "\n".join(map(reveal, str(value).split("\n")))
