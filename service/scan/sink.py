"""What a scan asks of an output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tocsin.service.scan.outcome import Judged

__all__ = ["Sink"]


class Sink(Protocol):
    """Take judged rows in input order, then finish."""

    def write(self, row: Judged) -> None:
        """Take one row."""
        ...

    def finish(self) -> None:
        """Write what is still held back, so that the output is complete as it stands."""
        ...
