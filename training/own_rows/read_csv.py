"""CSV and TSV: a header, then records whose quoted fields may span lines (RFC 4180)."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from functools import partial
from typing import BinaryIO, Final

from tocsin.training.own_rows.columns import check_header
from tocsin.training.own_rows.faults import Fault
from tocsin.training.own_rows.lines import check_size, decode, open_lines
from tocsin.training.own_rows.record import Record
from tocsin.training.own_rows.terms import Terms

__all__ = ["read_csv", "read_tsv"]

# What the csv module says, in words of rule and value.
_WORDS: Final[Mapping[str, str]] = {
    "unexpected end of data": "a quote must be closed, was open at the end of the file",
    "expected after": "a closing quote must end its field, was followed by more",
    "new-line character": r"a line must end in \n or \r\n, has a \r within",
}


class _Feed:
    """Hand lines to the csv module, and know where the record in hand begins and whether it is UTF-8."""

    def __init__(self, lines: Iterator[tuple[int, bytes]], longest: int) -> None:
        self._lines = lines
        self._longest = longest
        self.begin()

    def begin(self) -> None:
        """Forget the last record."""
        self.row = self._size = 0
        self.flaw: Fault | None = None

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        number, line = next(self._lines)
        self.row = self.row or number
        self._size += len(line)
        check_size(self._size, self._longest, self.row)
        self._size += 1  # the line feed, where the record goes on
        return self._decoded(line) + "\n"

    def _decoded(self, line: bytes) -> str:
        try:
            return decode(line)
        except Fault as fault:
            # The quotes around a wrong byte still count, or one bad row would spoil the next.
            self.flaw = self.flaw or fault
            return line.decode(errors="replace")


def _read(delimiter: str, file: BinaryIO, packing: str | None, terms: Terms) -> Iterator[Record]:
    # The module's own limit is global and would cut records that are allowed: only ever raise it.
    csv.field_size_limit(max(csv.field_size_limit(), terms.record_bytes))
    feed = _Feed(open_lines(file, packing, terms.record_bytes), terms.record_bytes)
    parser = csv.reader(feed, delimiter=delimiter, strict=True)
    header = _next(parser, feed)
    if header is None:
        raise Fault("must begin with a header of column names, was empty")
    if isinstance(header, Fault):
        raise Fault(f"must begin with a header of column names: {header}")
    check_header([name for name in header if name not in terms.ignore])
    while (fields := _next(parser, feed)) is not None:
        if fields:  # a blank line is no record
            yield feed.row, _record(header, fields, terms)


def _next(parser: Iterator[list[str]], feed: _Feed) -> list[str] | Fault | None:
    """Return the fields of the next record or what is wrong with it, None after the last."""
    feed.begin()
    try:
        fields = next(parser, None)
    except csv.Error as error:
        return Fault(next((words for part, words in _WORDS.items() if part in str(error)), str(error)))
    return feed.flaw or fields


def _record(header: list[str], fields: list[str] | Fault, terms: Terms) -> Mapping[str, object] | Fault:
    if isinstance(fields, Fault):
        return fields
    if len(fields) != len(header):
        return Fault(f"a record must have as many fields as the header, {len(header)}, had {len(fields)}")
    return {name: value for name, value in zip(header, fields, strict=True) if name not in terms.ignore}


read_csv = partial(_read, ",")
read_tsv = partial(_read, "\t")
