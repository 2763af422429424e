"""What is wrong with a file: gathered, and said in one line that never shows a text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from tocsin.errors import InputError

__all__ = ["KINDS_SHOWN", "ROWS_SHOWN", "Fault", "Faults", "told"]

KINDS_SHOWN: Final = 10
ROWS_SHOWN: Final = 3
# A post that stands in the wrong column must not be shown: most have a blank or are longer.
_WORD: Final = re.compile(r"[!-~]{0,30}")
_KINDS: Final[Mapping[type, str]] = {type(None): "null", list: "a list", dict: "an object"}


class Fault(Exception):  # noqa: N818 - it never leaves this package, which turns it into an InputError
    """Carry what is wrong with a row, or with a whole file, to where its place is known.

    Its arguments are messages, each a rule and the value that broke it.
    """


class Faults:
    """Gather what is wrong with the rows of one file, rows with the same fault together."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._rows: dict[str, list[int]] = {}
        self._more = 0

    def add(self, row: int, fault: Fault) -> None:
        """Note what is wrong with one row."""
        for why in fault.args:
            if why in self._rows or len(self._rows) < KINDS_SHOWN:
                self._rows.setdefault(why, []).append(row)
            else:
                self._more += 1

    def check(self, stopped: Fault | None = None) -> None:
        """Raise InputError where anything was wrong; `stopped` is what ended the reading early."""
        parts = [str(why) for why in stopped.args] if stopped else []
        parts += [f"{_places(rows)}: {why}" for why, rows in self._rows.items()]
        if not parts:
            return
        if len(parts) == 1 and not stopped:
            raise InputError(f"{self._source}, {parts[0]}")
        more = f"; … and {self._more} more" if self._more else ""
        raise InputError(f"{self._source}: {'; '.join(parts)}{more}")


def told(value: object) -> str:
    """Return `value` for an error message: a number or one short word; of all else only what it is."""
    if isinstance(value, bool | int | float):
        return str(value)
    if isinstance(value, str):
        return repr(value) if _WORD.fullmatch(value) else f"{len(value)} characters"
    return _KINDS.get(type(value), type(value).__name__)


def _places(rows: list[int]) -> str:
    if len(rows) == 1:
        return f"row {rows[0]}"
    first = ", ".join(map(str, rows[:ROWS_SHOWN]))
    return f"rows {first}" + (f" and {len(rows) - ROWS_SHOWN} more" if len(rows) > ROWS_SHOWN else "")
