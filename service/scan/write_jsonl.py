"""JSON Lines for machines: one assessment a line, in input order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, BinaryIO

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
        record = row.assessment.to_dict()
        if self._show_text:
            record["text"] = row.item.text
        # Escaped to ASCII, no text can steer a terminal; parsers read the same.
        self._stream.write(json.dumps(record).encode() + b"\n")

    def finish(self) -> None:
        """Hand on what the stream still holds."""
        self._stream.flush()
