"""The columns of the inputs: which has the text, and which travel with a row's assessment."""

from __future__ import annotations

from pydantic import Field

from tocsin.service.audit.record import Record
from tocsin.service.scan.carried import CellKind

__all__ = ["CellKind", "ColumnRecord", "SchemaRecord"]


class ColumnRecord(Record):
    """Name a column of the inputs, what it is called beside the assessments, and what its cells hold.

    `name` and `column` differ only where an assessment has a field of that name already.
    """

    name: str = Field(min_length=1)
    column: str = Field(min_length=1)
    kind: CellKind


class SchemaRecord(Record):
    """Say which column of the inputs holds what.

    None for the id or the language means "id" or "language", where present; "" for the language means none.
    """

    text: str = "text"
    id: str | None = None
    language: str | None = None
    time: ColumnRecord | None = None
    community: ColumnRecord | None = None
    slices: tuple[ColumnRecord, ...] = ()
    weight: ColumnRecord | None = None

    @property
    def carried(self) -> tuple[ColumnRecord, ...]:
        """Return every column that travels with its row, in the order that the scored files have."""
        others = [one for one in (self.time, self.community, self.weight) if one is not None]
        return (*self.slices, *others)
