"""A small square for each group of rows: the score against the share of positives that came of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.tables import Column, Kind, Plain, Row, Table, bare
from tocsin.page.look import ACCENT, FAINT, INK, MARK, MUTED, PAPER
from tocsin.page.svg import drawing, inline
from tocsin.page.words import clean

__all__ = ["draw_squares"]

_SIDE: Final = 150.0
_LETTERS: Final = 10.5
_NAMES: Final = frozenset({Kind.TEXT, Kind.CODE})
_FIGURES: Final = frozenset({Kind.SCORE, Kind.SHARE})
_LIMITS: Final = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_SMALLEST, _LARGEST = 8.0, 42.0  # square points of area


@dataclass(frozen=True, slots=True)
class _Point:
    """Hold one bin: its mean score, what share of it was positive, and how many rows it has."""

    score: float
    share: Estimate
    rows: float

    @property
    def off(self) -> int:
        """Return 1 where the whole interval lies above the diagonal, -1 where below, else 0."""
        return int(self.share.low > self.score) - int(self.share.high < self.score)


def draw_squares(table: Table, name: str) -> tuple[str, Sequence[tuple[str, Markup]]]:
    """Return what the plots show and a picture for each group of the table's keys that are names."""
    figures = [one for one in table.columns if not one.key and one.kind in _FIGURES]
    if len(figures) < 2:
        return "", ()
    across, up = figures[0], figures[-1]
    count = next((one for one in table.columns if not one.key and one.kind is Kind.COUNT), None)
    names = [one.name for one in table.columns if one.key and one.kind in _NAMES]
    pictures: list[tuple[str, Markup]] = []
    with drawing():
        for keys, rows in groupby(table.rows, key=lambda row: tuple(str(bare(row[one])) for one in names)):
            points = [point for row in rows if (point := _point(row, across, up, count))]
            title = clean(" · ".join(keys))
            if points:
                told = f"{title}: {_told(points)}"
                pictures.append((title, inline(_figure(points), f"{name}-{len(pictures)}", told)))
    return _caption(across, up), pictures


def _point(row: Row, across: Column, up: Column, count: Column | None) -> _Point | None:
    score, share = _value(bare(row[across.name])), bare(row[up.name])
    rows = _value(bare(row[count.name])) if count else 1.0
    if not isinstance(share, Estimate):
        exact = _value(share)
        share = Estimate(exact, exact, exact)
    return None if math.isnan(score + share.value + rows) else _Point(score, share, rows)


def _value(value: Plain) -> float:
    if isinstance(value, Estimate):
        return value.value
    return float(value) if isinstance(value, int | float) else math.nan


def _figure(points: Sequence[_Point]) -> Figure:
    furthest = max(max(point.score, point.share.value) for point in points)
    limit = next((one for one in _LIMITS if one >= furthest), max(furthest, 1.0))
    figure = Figure(figsize=(_SIDE / 72, _SIDE / 72), dpi=72)
    axes = figure.add_axes((0.19, 0.15, 0.75, 0.75))
    _framed(axes, limit)
    most = max(point.rows for point in points) or 1.0
    for point in points:
        colour = MARK if point.off else ACCENT
        axes.plot([point.score] * 2, [point.share.low, point.share.high], color=colour, linewidth=1.1)
        axes.scatter(
            [point.score],
            [point.share.value],
            s=_SMALLEST + (_LARGEST - _SMALLEST) * point.rows / most,
            marker="D" if point.off else "o",
            facecolors=PAPER if point.off else colour,
            edgecolors=colour,
            linewidths=1.1,
            zorder=3,
            clip_on=False,
        )
    return figure


def _framed(axes: Axes, limit: float) -> None:
    ticks = [0, limit / 2, limit]
    axes.set(xlim=(0, limit), ylim=(0, limit))
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks], fontsize=_LETTERS, color=INK)
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks], fontsize=_LETTERS, color=INK)
    axes.tick_params(length=2, color=MUTED, pad=2)
    axes.plot([0, limit], [0, limit], color=MUTED, linewidth=1, linestyle=(0, (3, 3)))
    for spine in axes.spines.values():
        spine.set_color(FAINT)


def _told(points: Sequence[_Point]) -> str:
    above, below = (sum(point.off == side for point in points) for side in (1, -1))
    if not above + below:
        return f"all {len(points)} intervals reach the diagonal"
    return f"{above + below} of {len(points)} intervals miss the diagonal: {below} below, {above} above"


def _caption(across: Column, up: Column) -> str:
    return (
        f"Across: {across.head}; up: {up.head}, with its interval; both on one scale, whose end differs from"
        " square to square. Dashed: what would be perfect. Full dots reach it within their interval, open"
        " diamonds do not: below it the scores promise too much, above it too little."
    )
