"""One perturbation across cells: never their mean, but the cells in the middle and at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from tocsin.eval.perturbations.effects import Attacked, Effect
from tocsin.eval.perturbations.perturbation import Perturbation

__all__ = ["Summary", "summaries"]

_Side: TypeAlias = Callable[[Attacked], Effect]


@dataclass(frozen=True, slots=True)
class Summary:
    """Hold what one perturbation does to each cell: `found` is in the order of falling losses."""

    way: Perturbation
    strength: float
    found: Sequence[Attacked]

    @property
    def worst(self) -> Attacked:
        """Return the cell that loses most."""
        return self.found[0]

    @property
    def middle(self) -> Attacked:
        """Return the cell than which as many lose more as lose less, of two such the one that loses more."""
        return _middle(self.found)

    @property
    def plain_middle(self) -> Attacked:
        """Return the same without the normaliser: that may be another cell."""
        return _middle(_falling(self.found, lambda one: one.plain))

    @property
    def most_flagged(self) -> Attacked:
        """Return the cell of whose perturbed negatives most are flagged."""
        return max(self.found, key=lambda one: one.normalised.fpr.value)

    @property
    def lost(self) -> float:
        """Return the share of positives that the middle cell loses."""
        return self.middle.normalised.lost.value

    @property
    def saved(self) -> float:
        """Return how much more the middle cell loses without the normaliser than with it."""
        return self.plain_middle.plain.lost.value - self.lost

    @property
    def told(self) -> str:
        """Return the perturbation's name with its strength."""
        return f"`{self.way.name}` ({self.way.told(self.strength)})"


def summaries(found: Iterable[Attacked]) -> list[Summary]:
    """Return a summary for each perturbation, those first that cost the middle cell most."""
    by_way: dict[tuple[str, float], list[Attacked]] = {}
    for one in found:
        by_way.setdefault((one.way.name, one.strength), []).append(one)
    every = [
        Summary(group[0].way, group[0].strength, _falling(group, lambda one: one.normalised))
        for group in by_way.values()
    ]
    return sorted(every, key=lambda one: (-one.lost, one.way.name, one.strength))


def _middle(falling: Sequence[Attacked]) -> Attacked:
    return falling[(len(falling) - 1) // 2]


def _falling(found: Iterable[Attacked], side: _Side) -> list[Attacked]:
    return sorted(found, key=lambda one: -side(one).lost.value)
