"""Plain text: every line is one text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.errors import MalformedRowError
from tocsin.item import Item
from tocsin.service.scan.lines import open_lines
from tocsin.service.scan.row import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tocsin.service.scan.columns import Columns
    from tocsin.service.scan.input import Input
    from tocsin.service.scan.limits import Limits
    from tocsin.service.scan.lines import Line
    from tocsin.service.scan.row import Row

__all__ = ["read_txt"]


def read_txt(
    source: Input, columns: Columns, limits: Limits, on_read: Callable[[int], None]
) -> Iterator[Row]:
    """Yield one row for every line, blank ones too."""
    del columns  # a line has none
    for line in open_lines(source, limits, on_read):
        try:
            yield Item(source.row_id(line.number), _text(line, limits))
        except Fault as fault:
            yield MalformedRowError(source.name, line.number, str(fault))


def _text(line: Line, limits: Limits) -> str:
    limits.check_record(line.size)
    try:
        return line.content.decode().removesuffix("\r")
    except UnicodeDecodeError as error:
        raise Fault(f"text must be valid UTF-8, byte {error.start + 1} is not") from None
