"""What a reader makes of one record of an input."""

from __future__ import annotations

from typing import TypeAlias

from tocsin.errors import MalformedRowError
from tocsin.item import Item

__all__ = ["Fault", "Row"]

Row: TypeAlias = Item | MalformedRowError


class Fault(Exception):  # noqa: N818 - it never leaves a reader, which turns it into a MalformedRowError
    """Carry why a record is malformed to where its place in the input is known."""
