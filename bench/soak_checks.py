"""Promises that a soak holds a program to: said one by one, and the exit status of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console

__all__ = ["Check", "told"]


@dataclass(frozen=True)
class Check:
    """Say whether one promise held, with its figures."""

    held: bool
    words: str


def told(checks: Sequence[Check], console: Console) -> int:
    """Say each promise; return the exit status: 1 where one of them did not hold."""
    for check in checks:
        console.print(f"{'held ' if check.held else 'BROKEN'} {check.words}")
    return 0 if all(check.held for check in checks) else 1
