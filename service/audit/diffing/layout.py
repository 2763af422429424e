"""The folder of one diff: each file in it has its name from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["DiffLayout"]


@dataclass(frozen=True, slots=True)
class DiffLayout:
    """Know where everything of a diff lies in the folder `root`; only `flips` may hold texts."""

    root: Path

    @property
    def diff(self) -> Path:
        """Return the file with every figure."""
        return self.root / "diff.json"

    @property
    def flips(self) -> Path:
        """Return the sample of what flips, for people to fill in."""
        return self.root / "flips.csv"
