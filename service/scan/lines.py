"""The lines of an input, each held in memory only as far as it may be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.service.scan.chunks import open_chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tocsin.service.scan.input import Input
    from tocsin.service.scan.limits import Limits

__all__ = ["Line", "open_lines", "split_lines"]


@dataclass(frozen=True, slots=True)
class Line:
    """Hold one line without its line feed; `content` is cut short where `size` is beyond the limit."""

    number: int
    content: bytes
    size: int


def open_lines(source: Input, limits: Limits, on_read: Callable[[int], None]) -> Iterator[Line]:
    """Yield the lines of `source`, numbered from 1."""
    return split_lines(open_chunks(source, limits, on_read), limits.record_bytes)


def split_lines(chunks: Iterable[bytes], limit: int) -> Iterator[Line]:
    r"""Yield what stands between line feeds (``\n``); an empty last line is none.

    Of a line longer than `limit` bytes, only its size is told: what it holds is thrown away.
    """
    number, size, held = 1, 0, bytearray()
    for chunk in chunks:
        *heads, tail = chunk.split(b"\n")
        for head in heads:
            if not size:  # most lines lie in one chunk
                yield Line(number, head[:limit], len(head))
                number += 1
                continue
            held += head[: limit - len(held)]
            yield Line(number, bytes(held), size + len(head))
            number, size = number + 1, 0
            held.clear()
        held += tail[: limit - len(held)]
        size += len(tail)
    if size:
        yield Line(number, bytes(held), size)
