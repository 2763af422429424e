"""Small plots as shapes with places: a template draws them, and a table beside each says the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["Bar", "Grid", "Plot", "Whisker", "bars", "lines", "whiskers"]

WIDTH: Final = 640
_HEIGHT: Final = 150
_LEFT: Final = 48
_TOP: Final = 8
_BOTTOM: Final = 22
_GAP: Final = 0.25
_ROW: Final = 26
_NAMES: Final = 190


@dataclass(frozen=True, slots=True)
class Bar:
    """Hold a rectangle; `part` is which of several series it belongs to."""

    x: float
    y: float
    width: float
    height: float
    part: int


@dataclass(frozen=True, slots=True)
class Grid:
    """Hold a line across the plot with its label."""

    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Whisker:
    """Hold a row: its label, the ends of an interval and the point in it."""

    y: float
    label: str
    low: float
    point: float
    high: float


@dataclass(frozen=True, slots=True)
class Plot:
    """Hold a plot's shapes, in units that are pixels where it is as wide as `width`."""

    height: float
    left: float
    grid: Sequence[Grid] = ()
    bars: Sequence[Bar] = ()
    lines: Sequence[str] = ()
    whiskers: Sequence[Whisker] = ()
    first: str = ""
    last: str = ""
    width: float = WIDTH


def bars(series: Sequence[Sequence[int]], first: str, last: str) -> Plot:
    """Return stacked bars, one for each place of all series; `first` and `last` label the ends."""
    totals = [sum(stack) for stack in zip(*series, strict=True)]
    top = _ceiling(max(totals, default=0))
    step = (WIDTH - _LEFT) / max(len(totals), 1)
    made = []
    for place, stack in enumerate(zip(*series, strict=True)):
        below = 0
        for part, count in enumerate(stack):
            if count:
                made.append(_bar(place, step, below, count, top, part))
            below += count
    return Plot(_HEIGHT, _LEFT, _grid(top), bars=made, first=first, last=last)


def lines(series: Sequence[Sequence[int]], first: str, last: str) -> Plot:
    """Return one line for each series."""
    top = _ceiling(max((max(one, default=0) for one in series), default=0))
    step = (WIDTH - _LEFT) / max(len(series[0]), 1)

    def points(one: Sequence[int]) -> str:
        places = ((_LEFT + step * (place + 0.5), _at(count, top)) for place, count in enumerate(one))
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)

    return Plot(_HEIGHT, _LEFT, _grid(top), lines=[points(one) for one in series], first=first, last=last)


def whiskers(rows: Sequence[tuple[str, float, float, float]]) -> Plot:
    """Return a row for each label, low end, point and high end, all of them shares from 0 to 1."""

    def across(share: float) -> float:
        return round(_NAMES + (WIDTH - _NAMES - 12) * share, 1)

    made = [
        Whisker(_ROW * (place + 0.5), label, across(low), across(point), across(high))
        for place, (label, low, point, high) in enumerate(rows)
    ]
    return Plot(_ROW * len(rows) + _BOTTOM, _NAMES, whiskers=made, first="0 %", last="100 %")


def _bar(place: int, step: float, below: int, count: int, top: int, part: int) -> Bar:
    upper, lower = _at(below + count, top), _at(below, top)
    return Bar(
        round(_LEFT + step * (place + _GAP / 2), 1),
        upper,
        round(step * (1 - _GAP), 1),
        round(max(lower - upper, 0.5), 1),
        part,
    )


def _at(count: float, top: int) -> float:
    tall = _HEIGHT - _TOP - _BOTTOM
    return round(_TOP + tall * (1 - count / top), 1)


def _grid(top: int) -> Sequence[Grid]:
    return [Grid(_at(count, top), f"{count:,.0f}") for count in sorted({0, top // 2, top})]


def _ceiling(most: int) -> int:
    """Return a round number that nothing exceeds: 1, 2 or 5 times a power of ten."""
    if most <= 1:
        return 1
    power = 10 ** math.floor(math.log10(most))
    return next(int(step * power) for step in (1, 2, 5, 10) if step * power >= most)
