"""Inputs cut into pieces of work: the same pieces whenever and wherever that is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final

from tocsin.item import Item
from tocsin.service.audit.inputs import check_unchanged
from tocsin.service.audit.layout import PartName
from tocsin.service.audit.unit import Unit
from tocsin.service.scan.reader import read_rows

if TYPE_CHECKING:
    from tocsin.service.audit.inputs import AuditInput
    from tocsin.service.audit.journal import Journal
    from tocsin.service.scan.columns import Columns
    from tocsin.service.scan.limits import Limits
    from tocsin.service.scan.row import Row

__all__ = ["PART_CHARACTERS", "read_units", "rows_of_part"]

# Long texts fill a part before its rows are counted, so that memory stays bounded.
PART_CHARACTERS: Final = 16 * 1024 * 1024

# The first parts of an input are smaller, so that a small one keeps many processes busy too.
FIRST_ROWS: Final = 1000
GROWN_AFTER: Final = 16


def read_units(
    inputs: Sequence[AuditInput],
    columns: Columns,
    limits: Limits,
    part_rows: int,
    journal: Journal,
    on_skip: Callable[[int], None] = lambda _: None,
) -> Iterator[Unit]:
    """Yield every unit that is not done, and note in the journal where each input ends.

    `on_skip` is told how many bytes of inputs need no work any more. Raises InputError where an input cannot
    be read to its end, and where it has changed by then.
    """
    for number, one in enumerate(inputs):
        if journal.is_complete(number):
            on_skip(one.record.size)
            continue
        yield from _of_input(number, one, columns, limits, part_rows, journal, on_skip)


def _of_input(
    source: int,
    one: AuditInput,
    columns: Columns,
    limits: Limits,
    part_rows: int,
    journal: Journal,
    on_skip: Callable[[int], None],
) -> Iterator[Unit]:
    meter = _Meter()
    number, first = journal.start(source)
    rows = islice(read_rows([one.source], columns, limits, meter.add), first, None)
    for cut in _cut(rows, part_rows, number):
        unit = Unit(PartName(source, number), one.record.name, first, tuple(cut), meter.taken())
        if journal.is_done(unit.part):
            on_skip(unit.read_bytes)
        else:
            yield unit
        number, first = number + 1, first + len(cut)
    check_unchanged(one)
    journal.end(source, number, first)


class _Meter:
    """Count bytes read since they were taken last."""

    def __init__(self) -> None:
        self._bytes = 0

    def add(self, size: int) -> None:
        """Count some more."""
        self._bytes += size

    def taken(self) -> int:
        """Return what was counted, and begin anew."""
        found, self._bytes = self._bytes, 0
        return found


def rows_of_part(number: int, part_rows: int) -> int:
    """Return how many rows a part has at most: 1,000, twice as many after each 16, up to `part_rows`."""
    doubled = min(number // GROWN_AFTER, part_rows.bit_length())
    return min(part_rows, FIRST_ROWS << doubled)


def _cut(rows: Iterator[Row], part_rows: int, number: int) -> Iterator[list[Row]]:
    part: list[Row] = []
    characters = 0
    most = rows_of_part(number, part_rows)
    for row in rows:
        part.append(row)
        characters += len(row.text) if isinstance(row, Item) else 0
        if len(part) >= most or characters >= PART_CHARACTERS:
            yield part
            part, characters, number = [], 0, number + 1
            most = rows_of_part(number, part_rows)
    if part:
        yield part
