"""What a scan makes of one row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from tocsin.errors import MalformedRowError

if TYPE_CHECKING:
    from tocsin.assessment import Assessment
    from tocsin.item import Item

__all__ = ["Judged", "Outcome"]


@dataclass(frozen=True, slots=True)
class Judged:
    """Pair an item with its assessment."""

    item: Item
    assessment: Assessment


Outcome: TypeAlias = Judged | MalformedRowError
