"""Gzip and Zstandard streams unpacked in bounded steps."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import zstandard

from tocsin.errors import InputError
from tocsin.service.scan.format import Compression

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tocsin.service.scan.limits import Limits

__all__ = ["expand"]

# What comes out of one step can be megabytes of line feeds, each of which becomes an object.
PIECE_BYTES: Final = 64 * 1024


class _Engine(Protocol):
    """Unpack one gzip member or one Zstandard frame."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class _Codec:
    """Start engines; feed them `stride` bytes at once, so that one step cannot exhaust the memory."""

    start: Callable[[], _Engine]
    stride: int
    error: type[Exception]


CODECS: Final[Mapping[Compression, _Codec]] = {
    # At most 1032 bytes come out of one.
    Compression.GZIP: _Codec(lambda: zlib.decompressobj(wbits=31), 4 * 1024, zlib.error),
    # At most 128 KiB come out of four bytes.
    Compression.ZSTD: _Codec(lambda: zstandard.ZstdDecompressor().decompressobj(), 256, zstandard.ZstdError),
}


def expand(chunks: Iterator[bytes], compression: Compression, name: str, limits: Limits) -> Iterator[bytes]:
    """Yield what `chunks` unpack to, every member or frame of it, at most `PIECE_BYTES` at once.

    Raises InputError where the stream is damaged, ends early or is followed by anything else, and
    LimitError where it grows beyond `limits`; both after everything before has been yielded.
    """
    codec = CODECS[compression]
    engine = codec.start()
    compressed = decompressed = 0
    for piece in _strides(chunks, codec.stride):
        compressed += len(piece)
        rest = piece
        while rest:
            if engine.eof:
                engine = codec.start()
            try:
                unpacked = engine.decompress(rest)
            except codec.error as error:
                raise InputError(f"{name}: must be whole {compression} data, was damaged: {error}") from error
            decompressed += len(unpacked)
            limits.check_expansion(name, compressed, decompressed)
            yield from _strides(iter([unpacked]), PIECE_BYTES)
            rest = engine.unused_data
    if not engine.eof:
        raise InputError(f"{name}: must be whole {compression} data, ended early")


def _strides(chunks: Iterator[bytes], stride: int) -> Iterator[bytes]:
    for chunk in chunks:
        for start in range(0, len(chunk), stride):
            yield chunk[start : start + stride]
