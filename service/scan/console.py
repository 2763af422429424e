"""The console that a table is printed on."""

from __future__ import annotations

import io
import sys

from rich.console import Console

__all__ = ["table_console"]


class _TableConsole(Console):
    """Leave a closed pipe to the command, which knows the exit code."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def table_console() -> Console:
    """Return a console on standard output that no character and no closed pipe can break."""
    # A terminal that lacks a character shows its escape: a scan must not die of it.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    return _TableConsole(file=sys.stdout)
