"""Outputs that would overwrite what is read, or each other."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

__all__ = ["find_overwritten"]


def find_overwritten(outputs: Sequence[Path], kept: Iterable[Path]) -> Path | None:
    """Return the first output that is a file of `kept` or an output before it, None where all may be written.

    Links, symbolic and hard, are followed to the file that they stand for.
    """
    taken = list(kept)
    for path in outputs:
        if any(_is_same(path, other) for other in taken):
            return path
        taken.append(path)
    return None


def _is_same(path: Path, other: Path) -> bool:
    if os.path.realpath(path) == os.path.realpath(other):
        return True
    try:
        return path.samefile(other)
    except OSError:
        return False  # one of them does not exist yet
