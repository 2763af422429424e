"""Whoever read our output has left: nothing is wrong, and nothing more is said."""

from __future__ import annotations

import os
import sys
from typing import Final

__all__ = ["EXIT_PIPE_CLOSED", "abandon_output"]

EXIT_PIPE_CLOSED: Final = 141  # what a shell reports of a program that SIGPIPE ended


def abandon_output() -> None:
    """Point standard output at nothing: Python flushes it once more on its way out."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
