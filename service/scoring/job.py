"""One request's items on their way through the core."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from tocsin.item import Item
    from tocsin.service.scoring.outcome import Outcome

__all__ = ["Job", "Part"]


@dataclass(frozen=True, slots=True)
class Part:
    """Name one item of a job by its place."""

    job: Job
    place: int

    @property
    def item(self) -> Item:
        """Return the item itself."""
        return self.job.items[self.place]


@dataclass(slots=True, eq=False)
class Job:
    """Hold a request's items, what came back so far, and who waits for it.

    `taken` counts the items that went into a batch, `left` those without an outcome.
    """

    items: Sequence[Item]
    explain: bool
    remember: bool
    done: asyncio.Future[None]
    taken: int = 0
    left: int = field(init=False)
    outcomes: list[Outcome | None] = field(init=False)

    def __post_init__(self) -> None:
        self.left = len(self.items)
        self.outcomes = [None] * len(self.items)

    @property
    def abandoned(self) -> bool:
        """Say whether nobody waits for this job any more."""
        return self.done.done()

    def take(self) -> Part:
        """Return the next item that no batch has taken."""
        part = Part(self, self.taken)
        self.taken += 1
        return part

    def settle(self, place: int, outcome: Outcome) -> None:
        """Keep the outcome of one item; wake who waits once it was the last."""
        self.outcomes[place] = outcome
        self.left -= 1
        if not self.left and not self.done.done():
            self.done.set_result(None)

    def fail(self, error: Exception) -> None:
        """Tell who waits that there will be no outcome."""
        if not self.done.done():
            self.done.set_exception(error)
