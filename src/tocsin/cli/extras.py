"""Optional dependencies: missing ones become the command that installs them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tocsin.errors import MissingExtraError

__all__ = ["needs"]


@contextmanager
def needs(extra: str, what: str) -> Iterator[None]:
    """Turn a missing third-party module within the block into a MissingExtraError for `extra`."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "tocsin").partition(".")[0] == "tocsin":
            raise
        raise MissingExtraError(what, extra) from error
