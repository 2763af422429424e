"""Where files can be had: the web, or a folder."""

from __future__ import annotations

from typing import Protocol

from tocsin.training.fetching.outcome import State
from tocsin.training.fetching.part import Part
from tocsin.training.fetching.wanted import Wanted, Watch

__all__ = ["Source"]


class Source(Protocol):
    """Bring files from somewhere."""

    @property
    def brings(self) -> State:
        """Return what a file is called that this has brought."""

    def lacks(self, wanted: Wanted) -> str | None:
        """Return why a file cannot be had here, None where it may be."""

    def fill(self, part: Part, wanted: Wanted, watch: Watch) -> None:
        """Bring `part` to the registered bytes; raise CorpusError where they cannot be had."""
