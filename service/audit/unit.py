"""A piece of work: some rows of one input that become one part, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tocsin.service.audit.layout import PartName
    from tocsin.service.audit.manifest import Counts
    from tocsin.service.scan.row import Row

__all__ = ["Done", "Part", "Unit"]


@dataclass(frozen=True, slots=True)
class Unit:
    """Hold the rows of one part; `first` rows of its input stand before them.

    `name` is the input's, and `read_bytes` is how much of it was read for them.
    """

    part: PartName
    name: str
    first: int
    rows: tuple[Row, ...]
    read_bytes: int

    def __str__(self) -> str:
        return f"{self.name}, records {self.first + 1:,} to {self.first + len(self.rows):,} ({self.part})"


@dataclass(frozen=True, slots=True)
class Done:
    """Say that a part is on the disk: all of it."""

    part: PartName
    first: int
    rows: int
    read_bytes: int
    counts: Counts


@dataclass(frozen=True, slots=True)
class Part:
    """Hold the files of a part as they will lie on the disk; `rejects` is None where no row was rejected."""

    done: Done
    scored: bytes
    rejects: bytes | None
