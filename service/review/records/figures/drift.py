"""Whether what comes in looks as it did: the last seven whole days beside the 28 before them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from tocsin.service.review.records.figures.days import midnight, number_of
from tocsin.service.review.records.figures.volume import BINS, LEVELS, Days, level_totals

__all__ = ["DRIFT_DAYS", "FEWEST_ITEMS", "Drift", "Moved", "Shift", "drift", "stability_index"]

RECENT: Final = 7
BEFORE: Final = 28
DRIFT_DAYS: Final = RECENT + BEFORE
FEWEST_ITEMS: Final = 500
"""On each side: with fewer, chance alone moves the index by more than the rule of thumb would tell."""
_GROUPS: Final = 10


class Moved(StrEnum):
    """Say how far a distribution moved, by a rule of thumb of credit scoring: no test, and no law."""

    STABLE = "stable"  # under 0.1
    MOVED = "moved"  # 0.1 to 0.25
    MUCH = "much"  # above


@dataclass(frozen=True, slots=True)
class Shift:
    """Hold one distribution's population stability index, and what the rule of thumb says of it."""

    index: float
    moved: Moved


@dataclass(frozen=True, slots=True)
class Drift:
    """Hold both sides' items by level, and how far levels and priorities moved; None where too few came."""

    recent: Mapping[str, int]
    before: Mapping[str, int]
    levels: Shift | None
    priorities: Shift | None


def drift(days: Days, now: datetime) -> Drift:
    """Return how the last 7 whole days differ from the 28 before them."""
    today = number_of(midnight(now).date())
    late, early = range(today - RECENT, today), range(today - DRIFT_DAYS, today - RECENT)
    recent, before = level_totals(days, late), level_totals(days, early)
    return Drift(
        recent,
        before,
        _shift([recent[level] for level in LEVELS], [before[level] for level in LEVELS]),
        _shift(*_grouped(_bins(days, late), _bins(days, early))),
    )


def stability_index(now: Sequence[int], then: Sequence[int]) -> float:
    """Return the population stability index of two counts of the same groups: 0 where the shares are equal.

    The sum of (a - b) ln(a / b) over the groups' shares (Siddiqi 2006), half an item added to each group, so
    that an empty one does not make it endless.
    """
    total_now, total_then = (sum(side) + len(side) / 2 for side in (now, then))
    pairs = (((a + 0.5) / total_now, (b + 0.5) / total_then) for a, b in zip(now, then, strict=True))
    return sum((a - b) * math.log(a / b) for a, b in pairs)


def _shift(now: Sequence[int], then: Sequence[int]) -> Shift | None:
    if min(sum(now), sum(then)) < FEWEST_ITEMS:
        return None
    index = stability_index(now, then)
    moved = Moved.STABLE if index < 0.1 else Moved.MOVED if index <= 0.25 else Moved.MUCH
    return Shift(index, moved)


def _bins(days: Days, numbers: Sequence[int]) -> Sequence[int]:
    made = [0] * BINS
    for number in numbers:
        for bins in days.get(number, {}).values():
            for place, count in bins.items():
                if place >= 0:
                    made[place] += count
    return made


def _grouped(now: Sequence[int], then: Sequence[int]) -> tuple[Sequence[int], Sequence[int]]:
    """Return both counts over groups of neighbours, each with a tenth or more of both sides' mean share."""
    total_now, total_then = sum(now) or 1, sum(then) or 1
    groups: list[tuple[int, int]] = []
    a = b = 0
    for here, there in zip(now, then, strict=True):
        a, b = a + here, b + there
        if a / total_now + b / total_then >= 2 / _GROUPS:
            groups.append((a, b))
            a = b = 0
    if a or b:  # less than a tenth is left over
        groups.append((a, b))
    return [one for one, _ in groups], [other for _, other in groups]
