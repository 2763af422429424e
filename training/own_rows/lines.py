"""The lines of a text file, unpacked where it is packed."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, BinaryIO, Final

import zstandard

from tocsin.training.own_rows.faults import Fault

__all__ = ["PACKINGS", "check_size", "decode", "open_lines"]

PACKINGS: Final[Mapping[str, Callable[[], Any]]] = {
    ".gz": lambda: zlib.decompressobj(wbits=31),
    ".zst": lambda: zstandard.ZstdDecompressor().decompressobj(),
}
CHUNK_BYTES: Final = 4096  # so that what comes out of one packed chunk fits into memory
UTF8_MARK: Final = b"\xef\xbb\xbf"
UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


def open_lines(file: BinaryIO, packing: str | None, longest: int) -> Iterator[tuple[int, bytes]]:
    r"""Yield lines, numbered from 1, without their line feeds (``\n``) and a byte order mark.

    `packing` is one of `PACKINGS`. Raises Fault for a line of more than `longest` bytes, for UTF-16,
    and where packed data are damaged or end early.
    """
    chunks = iter(lambda: file.read(CHUNK_BYTES), b"")
    plain = _unpacked(chunks, packing) if packing else chunks
    for number, line in enumerate(_lines(plain, longest), start=1):
        if number == 1 and line.startswith(UTF16_MARKS):
            raise Fault("must be UTF-8, was UTF-16")
        yield number, line.removeprefix(UTF8_MARK) if number == 1 else line


def check_size(size: int, longest: int, row: int) -> None:
    """Refuse a record of `size` bytes that begins in `row` where it is too long."""
    if size > longest:
        raise Fault(f"a record must be at most {longest} bytes, that of row {row} was longer")


def decode(line: bytes) -> str:
    """Return a line as a string; raise Fault, with the first byte that is wrong, where it is not UTF-8."""
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise Fault(f"must be UTF-8, has the byte 0x{line[error.start]:02x}") from None


def _lines(chunks: Iterable[bytes], longest: int) -> Iterator[bytes]:
    held = bytearray()
    number = 1
    for chunk in chunks:
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            held += end
            check_size(len(held), longest, number)
            yield bytes(held)
            held.clear()
            number += 1
        held += rest
        check_size(len(held), longest, number)
    if held:
        yield bytes(held)


def _unpacked(chunks: Iterable[bytes], packing: str) -> Iterator[bytes]:
    """Yield what every member or frame of a packed file holds."""
    start = PACKINGS[packing]
    engine = start()
    for chunk in chunks:
        rest = chunk
        while rest:
            engine = start() if engine.eof else engine
            try:
                yield engine.decompress(rest)
            except (zlib.error, zstandard.ZstdError):
                raise Fault(f"must be a whole {packing} file, was damaged") from None
            rest = engine.unused_data
    if not engine.eof:
        raise Fault(f"must be a whole {packing} file, ended early")
