"""The console that a table is printed on."""

from __future__ import annotations

import io
import os
import sys
from typing import Final

from rich.console import Console

__all__ = ["table_console"]

PIPED_WIDTH: Final = 120  # a file or a pipe has no width of its own


class _TableConsole(Console):
    """Leave a closed pipe to the command, which knows the exit code."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def table_console() -> Console:
    """Return a console on standard output that no character and no closed pipe can break."""
    # A terminal that lacks a character shows its escape: a scan must not die of it.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    console = _TableConsole(file=sys.stdout)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = PIPED_WIDTH
    return console
