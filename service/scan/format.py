"""The formats and compressions of an input, and how a name or the first bytes tell them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import PurePath
from typing import Final

from tocsin.errors import InputError

__all__ = ["MAGIC_BYTES", "Compression", "Format", "format_of", "sniff_compression", "split_compression"]

MAGIC_BYTES: Final = 4


class Format(StrEnum):
    """Name how records are laid out in an input."""

    TXT = "txt"
    JSONL = "jsonl"
    CSV = "csv"
    TSV = "tsv"
    PARQUET = "parquet"


class Compression(StrEnum):
    """Name how the bytes of an input are packed."""

    GZIP = "gzip"
    ZSTD = "zstd"


FORMATS: Final = {
    ".txt": Format.TXT,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".csv": Format.CSV,
    ".tsv": Format.TSV,
    ".parquet": Format.PARQUET,
}
COMPRESSIONS: Final = {".gz": Compression.GZIP, ".zst": Compression.ZSTD}
# No valid UTF-8 text starts with either, so sniffing cannot mistake a text for a packed one.
MAGIC: Final = {b"\x1f\x8b": Compression.GZIP, b"\x28\xb5\x2f\xfd": Compression.ZSTD}


def split_compression(name: str) -> tuple[str, Compression | None]:
    """Return `name` without the suffix of its compression, and that compression."""
    path = PurePath(name)
    compression = COMPRESSIONS.get(path.suffix.lower())
    return (str(path.with_suffix("")) if compression else name), compression


def format_of(name: str) -> Format:
    """Return the format that the suffix of `name` stands for, compression aside."""
    bare, _ = split_compression(name)
    suffix = PurePath(bare).suffix.lower()
    if suffix not in FORMATS:
        known = ", ".join(FORMATS)
        raise InputError(f"{name}: a file name must end in one of {known}, or --format must say what it is")
    return FORMATS[suffix]


def sniff_compression(start: bytes) -> Compression | None:
    """Return the compression that the first `MAGIC_BYTES` bytes of an input announce."""
    return next((found for magic, found in MAGIC.items() if start.startswith(magic)), None)
