"""What decisions count for: each for itself, and for those like it that nobody decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from typing import Final

import numpy as np

from tocsin.service.review.quality.strata import Stratum
from tocsin.service.statistics.counts import Count, shares

__all__ = [
    "FEWEST",
    "MOST_WAITING",
    "Question",
    "Told",
    "Weighed",
    "answered",
    "ask",
    "waits",
    "weigh",
]

FEWEST: Final = 20
"""Decided items below which no share is told."""
MOST_WAITING: Final = 0.05
"""Of what people are to decide: where more of it waits, what is decided is what was most urgent."""


@dataclass(frozen=True, slots=True)
class Told:
    """Hold a share with the ends of its 95% interval, or `why` it is not told; `decided` items say so."""

    decided: int = 0
    value: float | None = None
    low: float | None = None
    high: float | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Weighed:
    """Hold a stratum, how many of its decided items are hits, and what they count for."""

    stratum: Stratum
    hits: int
    weight: float

    @property
    def count(self) -> Count:
        """Return what the hits add up to; each decided item counts for those like it that are not."""
        hits, weight = np.asarray(float(self.hits)), self.weight
        return Count(hits * weight, hits * weight**2, hits * weight**3, np.asarray(weight))

    def others(self) -> Weighed:
        """Return the decided items that are no hits."""
        return replace(self, hits=self.stratum.decided - self.hits)


def weigh(stratum: Stratum, policy: str | None) -> Weighed:
    """Return what a stratum says of a policy, None being any."""
    hits = stratum.confirmed[policy] if policy else stratum.decided - stratum.confirmed[None]
    return Weighed(stratum, hits, stratum.weight)


@dataclass(frozen=True, slots=True)
class Question:
    """Hold what a share is to be told of, or `why` it is not: see `ask`."""

    part: Count
    rest: Count
    decided: int
    why: str | None


def ask(part: Sequence[Weighed], rest: Sequence[Weighed], *, fewest: int, why: str | None = None) -> Question:
    """Return what asks for the share of `part` in both.

    It is not told where too much waits, or where the `fewest` decided items that it rests on are under 20.
    """
    sides = [[one.stratum for one in side] for side in (part, rest)]
    decided = sum({id(one): one.decided for side in sides for one in side}.values())
    why = why or waits(sides)
    if why is None and fewest < FEWEST:
        why = f"fewer than {FEWEST} decided items, {fewest}"
    one, other = (reduce(add, (each.count for each in side)) for side in (part, rest))
    return Question(one, other, decided, why)


def waits(sides: Sequence[Sequence[Stratum]]) -> str | None:
    """Say why strata are not decided enough, None where they are: of all, or of one side of a share.

    Of a side it counts for what an item stands: what the audit drew is little, and says most. What users
    report of it meanwhile is decided first.
    """
    every = {id(one): one for side in sides for one in side}.values()
    waiting = sum(one.waiting for one in every)
    asked = waiting + sum(one.decided for one in every)
    if waiting > MOST_WAITING * asked:
        return f"{waiting / asked:.0%} of what people are to decide waits: end the period earlier"
    for side in sides:
        left = sum(one.weight * one.waiting for one in side)
        there = left + sum(one.weight * one.decided for one in side)
        if left > MOST_WAITING * there:
            return (
                f"{left / there:.0%} of what people are to decide, by what it stands for, waits: end the"
                " period earlier"
            )
    return None


def answered(questions: Sequence[Question]) -> list[Told]:
    """Return the shares that were asked for; thousands at once take hardly longer than one."""
    found = iter(_shares([one for one in questions if one.why is None]))
    return [Told(one.decided, why=one.why) if one.why else next(found) for one in questions]


def _shares(questions: Sequence[Question]) -> list[Told]:
    if not questions:
        return []
    parts, rests = (
        Count.stacked(side) for side in zip(*((one.part, one.rest) for one in questions), strict=True)
    )
    found = shares(parts, rests)
    columns = (found.value.tolist(), found.low.tolist(), found.high.tolist())
    return [
        Told(one.decided, why="nothing was confirmed")
        if np.isnan(value)
        else Told(one.decided, value, low, high)
        for one, value, low, high in zip(questions, *columns, strict=True)
    ]
