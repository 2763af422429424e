"""Lines cut out of a body as it arrives, none held beyond what may be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["Cutter", "Line"]


@dataclass(frozen=True, slots=True)
class Line:
    """Hold one line without its line feed; `content` is None where `size` is beyond the limit."""

    number: int
    content: bytes | None
    size: int


@dataclass(slots=True)
class Cutter:
    r"""Cut at line feeds (``\n``), as a scan does; number lines from 1.

    Of a line longer than `limit` bytes only its size is told: what it holds is thrown away.
    """

    limit: int
    number: int = 0
    _held: bytearray = field(default_factory=bytearray)
    _size: int = 0

    def feed(self, chunk: bytes) -> Iterator[Line]:
        """Yield the lines that end in `chunk`; keep what follows the last."""
        *heads, tail = chunk.split(b"\n")
        for head in heads:
            self._hold(head)
            yield self._line()
        self._hold(tail)

    def rest(self) -> Iterator[Line]:
        """Yield the last line where no line feed ended it."""
        if self._size:
            yield self._line()

    def _hold(self, part: bytes) -> None:
        self._size += len(part)
        if self._size <= self.limit:
            self._held += part
        else:
            self._held.clear()

    def _line(self) -> Line:
        self.number += 1
        line = Line(self.number, bytes(self._held) if self._size <= self.limit else None, self._size)
        self._held.clear()
        self._size = 0
        return line
