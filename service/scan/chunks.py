"""The bytes of an input, unpacked, in chunks."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO, Final

from tocsin.errors import InputError
from tocsin.service.scan.expand import expand
from tocsin.service.scan.format import MAGIC_BYTES, sniff_compression

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from io import FileIO

    from tocsin.service.scan.input import Input
    from tocsin.service.scan.limits import Limits

__all__ = ["open_bytes", "open_chunks"]

CHUNK_BYTES: Final = 64 * 1024
UTF8_MARK: Final = b"\xef\xbb\xbf"
UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
MARK_BYTES: Final = 4


def open_chunks(source: Input, limits: Limits, on_read: Callable[[int], None]) -> Iterator[bytes]:
    """Yield the unpacked bytes of `source`, without a byte order mark; tell `on_read` of bytes read."""
    with _reader(source) as read:
        raw = _raw_chunks(source.name, read, on_read)
        start, raw = _peek(raw, MAGIC_BYTES)
        compression = source.compression or sniff_compression(start)
        chunks = expand(raw, compression, source.name, limits) if compression else raw
        start, chunks = _peek(chunks, MARK_BYTES)
        _check_encoding(source.name, start)
        if start.startswith(UTF8_MARK):
            chunks = _without_mark(chunks)
        yield from chunks


def open_bytes(source: Input) -> BinaryIO | FileIO:
    """Open an input that is not standard input; raise OSError where it cannot be opened."""
    if source.elsewhere is not None:
        return source.elsewhere.open()
    if source.path is None:
        raise OSError("standard input has no name")
    return source.path.open("rb", buffering=0)


@contextmanager
def _reader(source: Input) -> Iterator[Callable[[int], bytes]]:
    """Hand out a function that returns what has arrived, at most so many bytes."""
    if source.path is None and source.elsewhere is None:
        yield getattr(sys.stdin.buffer, "read1", sys.stdin.buffer.read)
        return
    try:
        handle = open_bytes(source)
    except OSError as error:
        raise InputError(f"{source.name}: must be readable: {error.strerror}") from error
    with handle:
        yield handle.read


def _raw_chunks(name: str, read: Callable[[int], bytes], on_read: Callable[[int], None]) -> Iterator[bytes]:
    while chunk := _read(name, read):
        on_read(len(chunk))
        yield chunk


def _read(name: str, read: Callable[[int], bytes]) -> bytes:
    try:
        return read(CHUNK_BYTES)
    except OSError as error:
        raise InputError(f"{name}: must be readable to its end: {error.strerror}") from error


def _peek(chunks: Iterator[bytes], size: int) -> tuple[bytes, Iterator[bytes]]:
    """Return the first `size` bytes, and all chunks as if none had been taken."""
    taken: list[bytes] = []
    while sum(map(len, taken)) < size and (chunk := next(chunks, b"")):
        taken.append(chunk)
    return b"".join(taken)[:size], chain(taken, chunks)


def _check_encoding(name: str, start: bytes) -> None:
    # Without a mark, UTF-16 still shows: every other byte of Latin text is NUL.
    unmarked = len(start) == MARK_BYTES and [bool(byte) for byte in start] in ([1, 0, 1, 0], [0, 1, 0, 1])
    if start.startswith(UTF16_MARKS) or unmarked:
        raise InputError(f"{name}: text must be UTF-8, was UTF-16 or UTF-32")


def _without_mark(chunks: Iterator[bytes]) -> Iterator[bytes]:
    unread = len(UTF8_MARK)
    for chunk in chunks:
        yield chunk[unread:]
        unread -= min(unread, len(chunk))
