"""Who is told of what was scored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.assessment import Assessment
    from tocsin.item import Item

__all__ = ["Observer"]


class Observer(Protocol):
    """Be told of batches; must neither block nor raise.

    One that holds on to texts beyond the call says so by an attribute `keeps_texts` that is true: it
    is not shown the items of requests that asked not to be remembered.
    """

    def scored(self, items: Sequence[Item], assessments: Sequence[Assessment], seconds: float) -> None:
        """Hear of one batch that was scored in `seconds`, items and assessments in the same order."""
        ...

    def recalled(self, assessments: Sequence[Assessment]) -> None:
        """Hear of answers given from memory."""
        ...

    def failed(self, items: int) -> None:
        """Hear of items that could not be scored."""
        ...
