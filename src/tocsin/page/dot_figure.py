"""The picture of dots: a line for each, its label at the left, its interval on the common scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import blended_transform_factory

from tocsin.page.look import PAGE, Look
from tocsin.page.scale import Scale

__all__ = ["Dot", "dot_figure", "elided"]

_RIGHT: Final = 0.04  # of the width, for the last number of the scale
_PAD: Final = 2.0  # that is kept free at the left of any picture
_LONGEST_MARK: Final = 16
_LONGEST_HEAD: Final = 60


@dataclass(frozen=True, slots=True)
class Dot:
    """Hold one line: the group that it is of, its label there and by itself, its figure, and its mark.

    `low` and `high` are the ends of the figure's interval, the figure itself where it has none.
    """

    group: str
    label: str
    whole: str
    value: float
    low: float
    high: float
    mark: str = ""


def dot_figure(dots: Sequence[Dot], scale: Scale, look: Look = PAGE, *, title: str = "") -> Figure:
    """Return the picture of at least one dot; a group's name stands above its dots.

    A look that has a height keeps to it. A `title` stands above the scale.
    """
    labels = [_label(dot, look) for dot in dots]
    heads, places, lines = _places(dots)
    top = look.edge + (look.line * 1.7 if title else 0)
    bottom = look.edge + look.foot
    height = look.height or lines * look.line + top + bottom
    left = (
        max(len(label) for label in labels) * look.letter + 2 * look.indent + look.pad - _PAD
    ) / look.width
    figure = Figure(figsize=(look.width / 72, height / 72), dpi=72)
    axes = figure.add_axes((left, bottom / height, 1 - left - _RIGHT, 1 - (top + bottom) / height))
    _scaled(axes, scale, lines, look)
    if title:
        figure.text(look.pad / look.width, 1 - look.line / height, title, **look.title)
    for place, group in heads:
        _write(axes, place, elided(group, _LONGEST_HEAD), look, bold=True)
    for place, dot, label in zip(places, dots, labels, strict=True):
        _write(axes, place, label, look, indent=bool(dot.group))
        _draw(axes, place, dot, look)
    return figure


def _label(dot: Dot, look: Look) -> str:
    """Return what stands beside a dot; where it is too long, its mark is the last to be cut."""
    mark = f" ({elided(dot.mark, _LONGEST_MARK)})" if dot.mark else ""
    return elided(dot.label, look.longest - len(mark)) + mark


def elided(text: str, longest: int) -> str:
    """Return text no longer than that, its end told by an ellipsis where it is cut."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _places(dots: Sequence[Dot]) -> tuple[list[tuple[float, str]], list[float], int]:
    """Return where the groups' names stand, where the dots stand, and how many lines there are."""
    heads: list[tuple[float, str]] = []
    places: list[float] = []
    line = 0
    for group, members in groupby(dots, key=lambda dot: dot.group):
        if group:
            heads.append((line + 0.6, group))
            line += 1
        for _ in members:
            places.append(line + 0.5)
            line += 1
    return heads, places, line


def _write(
    axes: Axes, place: float, words: str, look: Look, *, bold: bool = False, indent: bool = False
) -> None:
    """Write words beside a line, from the figure's left edge on."""
    at = blended_transform_factory(axes.figure.transFigure, axes.transData)
    left = (look.indent + look.pad - _PAD if indent else look.pad) / look.width
    weight = "bold" if bold else "normal"
    axes.text(
        left, place, words, transform=at, fontsize=look.size, fontweight=weight, color=look.ink, va="center"
    )


def _scaled(axes: Axes, scale: Scale, lines: int, look: Look) -> None:
    axes.set(xlim=(scale.low, scale.high), ylim=(lines, 0))
    ticks = [scale.written(tick) for tick in scale.ticks]
    axes.set_xticks(scale.ticks, ticks, fontsize=look.size, color=look.muted)
    axes.set_yticks([])
    axes.tick_params(length=0, top=False, labeltop=True)
    axes.grid(axis="x", color=look.faint, linewidth=0.8 * look.stroke)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
    if scale.crosses_nought:
        axes.axvline(0, color=look.muted, linewidth=1.2 * look.stroke)


def _draw(axes: Axes, place: float, dot: Dot, look: Look) -> None:
    """Draw one dot: full, or an open diamond where it is marked."""
    colour, stroke = look.mark if dot.mark else look.accent, look.stroke
    if dot.high > dot.low:
        axes.plot([dot.low, dot.high], [place, place], color=colour, linewidth=1.6 * stroke, clip_on=False)
    axes.plot(
        [dot.value],
        [place],
        linestyle="none",
        marker="D" if dot.mark else "o",
        markersize=(5 if dot.mark else 5.5) * stroke,
        markerfacecolor=look.paper if dot.mark else colour,
        markeredgecolor=colour,
        clip_on=False,
    )
