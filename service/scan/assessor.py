"""What a scan asks of a scorer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.assessment import Assessment
    from tocsin.item import Item

__all__ = ["Assessor"]


class Assessor(Protocol):
    """Answer every item, in order, with one assessment each."""

    def assess(self, items: Sequence[Item], *, explain: bool = False) -> list[Assessment]:
        """Return as many assessments as there are items; fill their spans where `explain` is true."""
        ...
