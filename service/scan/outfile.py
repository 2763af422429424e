"""A file that appears under its name only when it is complete."""

from __future__ import annotations

import secrets
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Final

from tocsin.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["open_outfile"]

PERMISSIONS: Final = 0o777
PRIVATE: Final = 0o600


@contextmanager
def open_outfile(path: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """Hand out a file beside `path` that takes its name on success and is removed on failure.

    A file that is replaced hands its permissions on; at no moment does the new one have more. One that is
    `private` is its owner's alone, whatever was there.
    """
    if path.exists() and not path.is_file():
        raise InputError(f"an output must be a regular file, was {path}")
    final = path.resolve()  # a link stays a link
    part = final.with_name(f".{final.name}.{secrets.token_hex(4)}.part")
    try:
        stream = _opened(part, final, private=private)
    except OSError as error:
        raise InputError(f"an output must be writable, was {path}: {error.strerror}") from error
    try:
        with stream:
            yield stream
        part.replace(final)
    finally:
        part.unlink(missing_ok=True)


def _opened(part: Path, final: Path, *, private: bool) -> BinaryIO:
    """Open the new file `part`, with the permissions of `final` where that exists."""
    if not final.exists() and not private:
        return part.open("xb")
    part.touch(PRIVATE, exist_ok=False)
    stream = part.open("wb")
    if not private:
        part.chmod(stat.S_IMODE(final.stat().st_mode) & PERMISSIONS)
    return stream
