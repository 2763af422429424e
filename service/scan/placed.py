"""An item that knows where it stood, and what travels with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.item import Item

if TYPE_CHECKING:
    from tocsin.service.scan.carried import Cell

__all__ = ["Placed"]


@dataclass(frozen=True, slots=True)
class Placed(Item):
    """Add to an item its row or line in the input, from 1, and a cell for each column that travels."""

    place: int = 0
    carried: tuple[Cell, ...] = ()
