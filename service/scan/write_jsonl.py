"""JSON Lines for machines: one assessment a line, in input order."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from tocsin.service.scan.json_line import json_line

if TYPE_CHECKING:
    from tocsin.service.scan.outcome import Judged

__all__ = ["JsonLinesSink"]


class JsonLinesSink:
    """Write each assessment as soon as it is there, with its text where `show_text` asks for it."""

    def __init__(self, stream: BinaryIO, *, show_text: bool = False) -> None:
        self._stream = stream
        self._show_text = show_text

    def write(self, row: Judged) -> None:
        """Write one line."""
        # Escaped to ASCII, no text can steer a terminal; parsers read the same.
        line = json_line(row.assessment, row.item.text if self._show_text else None)
        self._stream.write(line.encode() + b"\n")

    def finish(self) -> None:
        """Hand on what the stream still holds."""
        self._stream.flush()
