"""CSV and TSV: a header, then records whose quoted fields may span lines (RFC 4180)."""

from __future__ import annotations

import csv
from functools import partial
from typing import TYPE_CHECKING, Final

from tocsin.errors import InputError, MalformedRowError
from tocsin.service.scan.lines import open_lines
from tocsin.service.scan.record import to_item
from tocsin.service.scan.row import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tocsin.item import Item
    from tocsin.service.scan.columns import Columns
    from tocsin.service.scan.input import Input
    from tocsin.service.scan.limits import Limits
    from tocsin.service.scan.lines import Line
    from tocsin.service.scan.row import Row

__all__ = ["read_csv", "read_tsv"]

# What the csv module says, in words of rule and value.
FAULTS: Final[Mapping[str, str]] = {
    "unexpected end of data": "a quote must be closed, was still open at the end of the input",
    "expected after": "a closing quote must end its field, was followed by more",
    "new-line character": r"a line must end in \n or \r\n, has a \r within",
}


class _Feed:
    """Feed lines to the csv module, and know which of them the record in hand has taken."""

    def __init__(self, lines: Iterator[Line], limits: Limits) -> None:
        self._lines = lines
        self._limits = limits
        self.begin()

    def begin(self) -> None:
        """Forget the last record."""
        self.first = self.last = self._size = 0
        self.flaw: str | None = None

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.first, self.last = self.first or line.number, line.number
        self._size += line.size
        self._limits.check_record(self._size)
        return self._decoded(line.content) + "\n"

    def _decoded(self, content: bytes) -> str:
        # Flawed bytes must not hide the quotes around them, or one bad row would spoil the next.
        if b"\0" in content:
            self.flaw = "text must not hold NUL bytes"
        try:
            return content.decode()
        except UnicodeDecodeError:
            self.flaw = "text must be valid UTF-8"
            return content.decode(errors="surrogateescape")


def _read(
    delimiter: str, source: Input, columns: Columns, limits: Limits, on_read: Callable[[int], None]
) -> Iterator[Row]:
    records = _records(delimiter, source, limits, on_read)
    header = _header(source, columns, next(records, None))
    for first, last, fields in records:
        try:
            if item := _item(source, first, header, fields, columns):
                yield item
        except Fault as fault:
            yield MalformedRowError(source.name, first, str(fault), last)


def _records(
    delimiter: str, source: Input, limits: Limits, on_read: Callable[[int], None]
) -> Iterator[tuple[int, int, list[str] | Fault]]:
    """Yield the first and last line of each record with its fields, or with what is wrong with it."""
    # The module's own limit is global and would cut records that the operator allows: only ever raise it.
    csv.field_size_limit(max(csv.field_size_limit(), limits.record_bytes))
    feed = _Feed(open_lines(source, limits, on_read), limits)
    parser = csv.reader(feed, delimiter=delimiter, strict=True)
    fields: list[str] | Fault | None
    while (fields := _next_fields(parser, feed)) is not None:
        yield feed.first, feed.last, fields
        feed.begin()


def _next_fields(parser: Iterator[list[str]], feed: _Feed) -> list[str] | Fault | None:
    try:
        fields = next(parser, None)
    except Fault as fault:
        return fault
    except csv.Error as error:
        return Fault(_in_words(str(error)))
    return Fault(feed.flaw) if feed.flaw else fields


def _in_words(message: str) -> str:
    return next((words for part, words in FAULTS.items() if part in message), message)


def _header(
    source: Input, columns: Columns, record: tuple[int, int, list[str] | Fault] | None
) -> Sequence[str]:
    header = record[2] if record else []
    if isinstance(header, Fault):
        raise InputError(f"{source.name}: must begin with a header of column names: {header}")
    columns.check_header(source.name, header)
    return header


def _item(
    source: Input, row: int, header: Sequence[str], fields: list[str] | Fault, columns: Columns
) -> Item | None:
    if isinstance(fields, Fault):
        raise fields
    if not fields and len(header) > 1:
        return None  # a blank line between records
    fields = fields or [""]
    if len(fields) != len(header):
        raise Fault(f"a record must have as many fields as the header, {len(header)}, was {len(fields)}")
    return to_item(source, row, dict(zip(header, fields, strict=True)), columns)


read_csv = partial(_read, ",")
read_tsv = partial(_read, "\t")
