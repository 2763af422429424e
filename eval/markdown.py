"""Tables as Markdown writes them: for cards and pages of documentation."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill

from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.tables import Column, Kind, Marked, Table, Value

__all__ = ["cell", "grid", "markdown", "paragraph"]


def markdown(table: Table) -> str:
    """Return a table with its words, paragraph by paragraph."""
    header = [column.head for column in table.columns]
    rows = [[cell(row[column.name], column) for column in table.columns] for row in table.rows]
    return "\n".join(
        [*map(paragraph, table.about), *([grid(header, rows)] if rows else []), *map(paragraph, table.notes)]
    )


def paragraph(words: str, indent: str = "") -> str:
    """Return a paragraph in lines of no more than 110 characters, those after the first behind `indent`."""
    return fill(words, 110, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) + "\n"


def grid(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table, line by line, with a line break at its end."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(_field, line)) + " |" for line in lines) + "\n"


def _field(words: str) -> str:
    """Return words as they may stand in a table: in one line, and none of their signs ends the field."""
    return " ".join(words.split()).replace("|", "\\|")


def cell(value: Value, column: Column) -> str:
    """Return a cell as its column writes it, its mark in bold behind it."""
    if isinstance(value, Marked):
        return f"{cell(value.value, column)} **{value.mark}**"
    if value is None:
        return "–"
    if isinstance(value, Estimate):
        low, high = (_number(end, column.kind) for end in (value.low, value.high))
        return f"{_number(value.value, column.kind)} [{low}, {high}]"
    if isinstance(value, str):
        return f"`{value}`" if column.kind is Kind.CODE else value
    return _number(value, column.kind)


def _number(value: float, kind: Kind) -> str:
    return _FORMS[kind].format(value * 100 if kind is Kind.POINTS else value)


_FORMS = {
    Kind.TEXT: "{}",
    Kind.CODE: "{}",
    Kind.COUNT: "{}",
    Kind.SHARE: "{:.1%}",
    Kind.SCORE: "{:.3f}",
    Kind.CHANGE: "{:+.3f}",
    Kind.POINTS: "{:+.1f}",
}
