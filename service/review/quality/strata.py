"""Items that had the same chance to be decided, and what each decided one of them stands for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from tocsin.assessment import Level
from tocsin.service.review.quality.arrivals import Fate, Flagged, Group

__all__ = ["FLAGGING", "Chance", "Stratum", "count_items", "is_quiet", "scale_of", "strata_of"]

FLAGGING: Final = (Level.REVIEW, Level.URGENT)

Chance: TypeAlias = tuple[Level | None, float | None]
"""A level, and with which probability the random audit draws from it; None where all are to be decided."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """Hold items that had the same chance to be decided; each decided one counts for `weight`.

    `confirmed` counts the decided ones by the policy that was confirmed, None for those that were dismissed.
    """

    flagged: bool
    weight: float
    decided: int
    waiting: int
    confirmed: Counter[str | None]

    @classmethod
    def of(cls, counted: Iterable[Group | Flagged], *, flagged: bool, weight: float | None = None) -> Stratum:
        """Return a stratum of items that are all to be decided; what is decided stands for all of it."""
        asked = decided = waiting = 0
        confirmed: Counter[str | None] = Counter()
        for one in counted:
            asked += one.items
            waiting += one.items if one.fate is Fate.WAITING else 0
            if one.fate is Fate.DECIDED:
                decided += one.items
                confirmed[one.confirmed] += one.items
        return cls(
            flagged, asked / max(decided, 1) if weight is None else weight, decided, waiting, confirmed
        )


def strata_of(groups: Sequence[Group], scale: float | None = None) -> Mapping[Chance, Stratum]:
    """Return what was flagged, what could not be judged, and what the audit drew, by its chance.

    Each decided item that was drawn counts for `scale` over its chance: unless said, so that together they
    count for as many as there are. Of a part whose items are not all known, it must be that of the whole.
    """
    found: dict[Chance, Stratum] = {}
    for level in (*FLAGGING, None):
        every = (one for one in groups if one.level is level)
        found[level, None] = Stratum.of(every, flagged=level is not None)
    scale = scale_of(groups) if scale is None else scale
    for chance, those in sorted(_drawn(groups).items()):
        found[Level.NONE, chance] = Stratum.of(those, flagged=False, weight=scale / chance)
    return found


def scale_of(groups: Sequence[Group]) -> float:
    """Return by how much 1 / chance is scaled, to stand for what there is: Hájek's estimate (1971)."""
    stand_for = sum(
        count_items(one for one in those if one.fate is Fate.DECIDED) / chance
        for chance, those in _drawn(groups).items()
    )
    there = count_items(one for one in groups if is_quiet(one) and one.chance)
    return there / stand_for if stand_for else 1.0


def _drawn(groups: Sequence[Group]) -> Mapping[float, Sequence[Group]]:
    found: dict[float, list[Group]] = defaultdict(list)
    for one in groups:
        if one.drawn and one.chance:
            found[one.chance].append(one)
    return found


def is_quiet(one: Group) -> bool:
    """Say whether the model judged these and flagged them for nothing."""
    return one.level is Level.NONE


def count_items(counted: Iterable[Group]) -> int:
    """Return how many items there are in all."""
    return sum(one.items for one in counted)
