"""One run at a time in a folder."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tocsin.errors import InputError

if TYPE_CHECKING:
    from tocsin.service.audit.layout import AuditLayout

__all__ = ["locked"]


@contextmanager
def locked(layout: AuditLayout) -> Iterator[None]:
    """Hold the folder of an audit; the system lets go of it when this process ends, however it does.

    Raises InputError where another run holds it.
    """
    with layout.lock.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(f"{layout.root}: only one run may work in a folder, another one does") from None
        yield
