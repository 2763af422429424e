"""A file that appears under its name only when it is complete."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from tocsin.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["open_outfile"]


@contextmanager
def open_outfile(path: Path) -> Iterator[BinaryIO]:
    """Hand out a file beside `path` that takes its name on success and is removed on failure."""
    if path.exists() and not path.is_file():
        raise InputError(f"an output must be a regular file, was {path}")
    final = path.resolve()  # a link stays a link
    part = final.with_name(f".{final.name}.{secrets.token_hex(4)}.part")
    try:
        stream = part.open("xb")
    except OSError as error:
        raise InputError(f"an output must be writable, was {path}: {error.strerror}") from error
    try:
        with stream:
            yield stream
        part.replace(final)
    finally:
        part.unlink(missing_ok=True)
