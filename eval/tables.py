"""What suites measure, as tables: the one form that the page, the card, comparisons and gates read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from tocsin.eval.statistics.intervals import Estimate

__all__ = ["Better", "Column", "Kind", "Marked", "Plain", "Plot", "Row", "Table", "Value", "bare"]


class Kind(StrEnum):
    """Name what the cells of a column are, and so how they are written.

    A `SHARE` is written in percent, a `SCORE` with three decimals, a `CHANGE` likewise with its sign, a
    `POINTS` as a difference of shares, in percentage points with its sign.
    """

    TEXT = "text"
    CODE = "code"
    COUNT = "count"
    SHARE = "share"
    SCORE = "score"
    CHANGE = "change"
    POINTS = "points"


class Better(StrEnum):
    """Say which way a figure gets better."""

    HIGHER = "higher"
    LOWER = "lower"


class Plot(StrEnum):
    """Name how a table is drawn beside its figures."""

    RELIABILITY = "reliability"  # one small square for each group of rows: score against share
    BARS = "bars"  # one bar a row, of the first figure that says which way is better


Plain: TypeAlias = str | int | float | Estimate | None


@dataclass(frozen=True, slots=True)
class Marked:
    """Hold a cell that misses what it is held to, or must not be read without a word: that word."""

    value: Plain
    mark: str


Value: TypeAlias = Plain | Marked
Row: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Column:
    """Name a column for machines, give it a head for people.

    `key` columns say together which row it is: gates find their figure and comparisons its partner by
    them. `about` explains the column in one sentence, for whoever points at its head.
    """

    name: str
    head: str
    kind: Kind = Kind.TEXT
    key: bool = False
    better: Better | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Hold figures, a row for each thing measured, with the words that they must not be read without.

    `about` and `notes` are paragraphs, before and after the figures, in Markdown's smallest part:
    `code`, *emphasis*, **strong**. `card` says that the bundle's card shows it. Every row has every
    column's name; None is "–": not measured, and its neighbours or notes say why.
    """

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    about: Sequence[str] = ()
    notes: Sequence[str] = ()
    card: bool = False
    plot: Plot | None = None

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        for row in self.rows:
            if list(row) != names:
                raise ValueError(f"a row of {self.name} must have {', '.join(names)}; had {', '.join(row)}")

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the names of the columns that say which row it is."""
        return tuple(column.name for column in self.columns if column.key)

    def find(self, where: Mapping[str, str]) -> list[Row]:
        """Return the rows whose cells are what `where` says, by column name; a number as `str` writes it."""
        return [row for row in self.rows if all(str(bare(row[name])) == told for name, told in where.items())]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types; `from_dict` takes them back."""
        return {
            "name": self.name,
            "title": self.title,
            "about": list(self.about),
            "columns": [
                {
                    "name": column.name,
                    "head": column.head,
                    "kind": column.kind.value,
                    "key": column.key,
                    "better": column.better.value if column.better else None,
                    "about": column.about,
                }
                for column in self.columns
            ],
            "rows": [{name: _plain(value) for name, value in row.items()} for row in self.rows],
            "notes": list(self.notes),
            "card": self.card,
            "plot": self.plot.value if self.plot else None,
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Table:
        """Return the table that `to_dict` wrote; raise KeyError, TypeError or ValueError for others."""
        return cls(
            name=told["name"],
            title=told["title"],
            columns=tuple(
                Column(
                    column["name"],
                    column["head"],
                    Kind(column["kind"]),
                    key=column["key"],
                    better=Better(column["better"]) if column["better"] else None,
                    about=column["about"],
                )
                for column in told["columns"]
            ),
            rows=tuple({name: _value(value) for name, value in dict(row).items()} for row in told["rows"]),
            about=tuple(told["about"]),
            notes=tuple(told["notes"]),
            card=told["card"],
            plot=Plot(told["plot"]) if told["plot"] else None,
        )


def bare(value: Value) -> Plain:
    """Return a cell without its mark."""
    return value.value if isinstance(value, Marked) else value


def _plain(value: Value) -> Any:
    if isinstance(value, Marked):
        return {"marked": _plain(value.value), "mark": value.mark}
    if isinstance(value, Estimate):
        return {"value": value.value, "low": value.low, "high": value.high}
    return value


def _value(told: Any) -> Value:
    if isinstance(told, Mapping):
        if "mark" in told:
            return Marked(bare(_value(told["marked"])), str(told["mark"]))
        return Estimate(float(told["value"]), float(told["low"]), float(told["high"]))
    if told is not None and not isinstance(told, str | int | float):
        raise TypeError(f"a cell must be text, a number, an estimate or nothing, was {type(told).__name__}")
    return told
