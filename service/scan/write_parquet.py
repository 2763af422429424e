"""Parquet for analysis: one typed row an assessment, in input order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, Final, Protocol

from tocsin.service.scan.arrow import import_arrow
from tocsin.service.scan.flat import Kind, Layout, policy_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tocsin.service.scan.outcome import Judged

__all__ = ["Beside", "ParquetSink"]

GROUP_ROWS: Final = 8192
# Long texts fill a row group before its rows are counted, so that memory stays bounded.
GROUP_CHARACTERS: Final = 32 * 1024 * 1024

ARROW_TYPES: Final[Mapping[Kind, Callable[[Any], Any]]] = {
    Kind.STRING: lambda arrow: arrow.string(),
    Kind.NUMBER: lambda arrow: arrow.float64(),
    Kind.FLAG: lambda arrow: arrow.bool_(),
    Kind.NAMES: lambda arrow: arrow.list_(arrow.string()),
    Kind.SPANS: lambda arrow: arrow.list_(
        arrow.struct(
            {
                "start": arrow.int64(),
                "end": arrow.int64(),
                "signal": arrow.string(),
                "weight": arrow.float64(),
            }
        )
    ),
}


class Beside(Protocol):
    """Say which columns stand behind those of an assessment."""

    @property
    def fields(self) -> Sequence[tuple[str, Any]]:
        """Return the name and the Arrow type of each."""
        ...

    def cells(self, row: Judged) -> Sequence[Any]:
        """Return the cells of one row, in their order."""
        ...


class ParquetSink:
    """Write assessments in row groups, and what stands `beside` them.

    Where `policies` are given, a file without a row has their columns too.
    """

    def __init__(
        self,
        stream: BinaryIO,
        *,
        show_text: bool = False,
        policies: tuple[str, ...] | None = None,
        beside: Beside | None = None,
    ) -> None:
        self._arrow, self._parquet = import_arrow()
        self._stream = stream
        self._show_text = show_text
        self._beside = beside
        self._layout = Layout()
        self._writer: Any = None
        if policies is not None:
            self._begin(policies)
        self._rows: list[list[Any]] = []
        self._characters = 0

    def write(self, row: Judged) -> None:
        """Hold one row back until its row group is full."""
        if self._writer is None:
            self._begin(policy_names(row))
        cells = self._layout.cells(row)
        self._rows.append(cells if self._beside is None else [*cells, *self._beside.cells(row)])
        self._characters += len(row.item.text) if self._show_text else 0
        if len(self._rows) >= GROUP_ROWS or self._characters >= GROUP_CHARACTERS:
            self._write_group()

    def finish(self) -> None:
        """Write the last row group and the footer, without which the file cannot be read."""
        if self._writer is None:
            self._begin(())
        self._write_group()
        self.close()

    def close(self) -> None:
        """Let go of the stream, whatever is held back: what has not been finished is no table."""
        if self._writer is not None:
            self._writer.close()

    def _begin(self, policies: tuple[str, ...]) -> None:
        self._layout = Layout(policies, self._show_text)
        fields = [(column.name, ARROW_TYPES[column.kind](self._arrow)) for column in self._layout.columns]
        schema = self._arrow.schema([*fields, *(self._beside.fields if self._beside else ())])
        self._writer = self._parquet.ParquetWriter(self._stream, schema, compression="zstd")

    def _write_group(self) -> None:
        if not self._rows:
            return
        schema = self._writer.schema
        cells = zip(*self._rows, strict=True)
        arrays = [self._arrow.array(values, field.type) for values, field in zip(cells, schema, strict=True)]
        self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=schema))
        self._rows, self._characters = [], 0
