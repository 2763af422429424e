"""The tables of a queue's file, made once in a process for all the tests that begin with them."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tocsin.service.keys.private import open_private
from tocsin.service.review.store import Store, parse_url, upgrade

__all__ = ["put_tables"]

_NAME: Final = "review.sqlite"


def put_tables(folder: Path) -> None:
    """Put this version's tables, empty, where a queue in `folder` keeps its own; leave those that it has.

    Migrations take a tenth of a second to make them, and a thousand tests begin with them.
    """
    path = folder / _NAME
    if path.exists():
        return
    with os.fdopen(open_private(path), "wb") as file:
        file.write(_tables())


@cache
def _tables() -> bytes:
    """Return the file of a database that was brought up to date, and closed."""
    with TemporaryDirectory() as folder:
        path = Path(folder, _NAME)
        store = Store(parse_url(f"sqlite:///{path}"))
        upgrade(store)
        store.close()
        return path.read_bytes()
