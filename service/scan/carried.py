"""Columns that travel with a row and are never scored: what their cells hold, and how each is read."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Final, TypeAlias

from tocsin.service.scan.row import Fault

__all__ = ["LONGEST_STRING", "Carried", "Cell", "CellKind"]

# What is longer is no slice of a platform but somebody's text, and that must not travel.
LONGEST_STRING: Final = 200
WHOLE: Final = re.compile(r"[-+]?[0-9]{1,19}")
INT64: Final = range(-(2**63), 2**63)
FLAGS: Final = {"true": True, "false": False}

Cell: TypeAlias = str | int | float | bool | date | datetime | None


class CellKind(StrEnum):
    """Name what the cells of a column hold that travels with its row; any of them may be null."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"


@dataclass(frozen=True, slots=True)
class Carried:
    """Name a column that travels with its row; numbers must be at least `least`, where that is given."""

    name: str
    kind: CellKind
    least: float | None = None

    def cell(self, value: object) -> Cell:
        """Return a value as this column's kind; raise Fault, without the value, where it is none.

        Null stays null, and so are a number that is none (NaN) and, but for strings, an empty string. Strings
        that spell the kind are read. A string column takes numbers and booleans too, as JSON writes them.
        Times without a zone are UTC.
        """
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return None
        if value == "" and self.kind is not CellKind.STRING:
            return None
        try:
            found = READ[self.kind](value)
        except (ValueError, OverflowError):
            raise Fault(f"{self.name!r} must be {ARTICLES[self.kind]}, was {_kind_of(value)}") from None
        if self.least is not None and isinstance(found, (int, float)) and found < self.least:
            raise Fault(f"{self.name!r} must be at least {self.least:g}, was less")
        if isinstance(found, str) and len(found) > LONGEST_STRING:
            raise Fault(f"{self.name!r} must have at most {LONGEST_STRING} characters, had {len(found)}")
        return found


def _kind_of(value: object) -> str:
    return "a string that is none" if isinstance(value, str) else type(value).__name__


def _string(value: object) -> str:
    if isinstance(value, str):
        value.encode()  # a lone surrogate is no Unicode: the error is a ValueError
        return value
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    if isinstance(value, date):
        return value.isoformat()
    raise ValueError


def _integer(value: object) -> int:
    if isinstance(value, str) and WHOLE.fullmatch(value.strip()):
        value = int(value)
    if isinstance(value, float) and value.is_integer():  # how tools write whole numbers beside nulls
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value in INT64:
        return value
    raise ValueError


def _number(value: object) -> float:
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        found = float(value)
        if math.isfinite(found):
            return found
    raise ValueError


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in FLAGS:
        return FLAGS[value.lower()]
    raise ValueError


def _date(value: object) -> date:
    if isinstance(value, str):
        return date.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ValueError


def _timestamp(value: object) -> datetime:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC)
    raise ValueError


READ: Final[Mapping[CellKind, Callable[[object], Cell]]] = {
    CellKind.STRING: _string,
    CellKind.INTEGER: _integer,
    CellKind.NUMBER: _number,
    CellKind.BOOLEAN: _boolean,
    CellKind.DATE: _date,
    CellKind.TIMESTAMP: _timestamp,
}
ARTICLES: Final[Mapping[CellKind, str]] = {
    CellKind.STRING: "a string",
    CellKind.INTEGER: "a whole number of 64 bits",
    CellKind.NUMBER: "a finite number",
    CellKind.BOOLEAN: "a boolean",
    CellKind.DATE: "a date such as 2031-05-17",
    CellKind.TIMESTAMP: "a time such as 2031-05-17T09:00:00Z",
}
