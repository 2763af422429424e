"""CSV for spreadsheets: one row an assessment, in input order."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from tocsin.service.scan.flat import Layout, policy_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.service.scan.outcome import Judged

__all__ = ["CsvSink", "csv_cell"]

# Spreadsheets skip blanks and fold full-width and small forms; a line end or a tab may start a new cell.
FORMULA: Final = re.compile(r"[\t\r\n]|\s*[=+@＝＋－＠﹦﹢﹣﹫-]")


class CsvSink:
    """Write each assessment as soon as it is there, no cell of it a formula."""

    def __init__(self, stream: BinaryIO, *, show_text: bool = False) -> None:
        self._stream = stream
        self._show_text = show_text
        self._layout: Layout | None = None
        self._line = io.StringIO(newline="")
        # RFC 4180 line ends; they also make the csv module quote a lone carriage return.
        self._writer = csv.writer(self._line, lineterminator="\r\n")

    def write(self, row: Judged) -> None:
        """Write one record, and the header before the first."""
        layout = self._layout or self._begin(policy_names(row))
        self._write(layout.cells(row))

    def finish(self) -> None:
        """Write the header where no row came, and hand on what the stream still holds."""
        if self._layout is None:
            self._begin(())
        self._stream.flush()

    def _begin(self, policies: tuple[str, ...]) -> Layout:
        self._layout = Layout(policies, self._show_text)
        self._write([column.name for column in self._layout.columns])
        return self._layout

    def _write(self, cells: Sequence[Any]) -> None:
        self._writer.writerow([csv_cell(value) for value in cells])
        self._stream.write(self._line.getvalue().encode())
        self._line.seek(0)
        self._line.truncate()


def csv_cell(value: Any) -> Any:
    """Return what a cell should hold: no spreadsheet must take it for a formula."""
    if isinstance(value, str):
        # A spreadsheet would run the text of a stranger as a formula.
        return f"'{value}" if FORMULA.match(value) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    return (json.dumps(value) if value else "[]") if isinstance(value, list) else value
