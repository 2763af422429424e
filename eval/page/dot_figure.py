"""The picture of dots: a line for each, its label at the left, its interval on the common scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import blended_transform_factory

from tocsin.eval.page.figures import Scale
from tocsin.eval.page.svg import ACCENT, FAINT, INK, MARK, MUTED, PAPER
from tocsin.eval.statistics.intervals import Estimate

__all__ = ["Dot", "dot_figure", "elided"]

_WIDTH: Final = 430.0  # of a phone, nearly: letters must not shrink much
_LINE: Final = 17.0
_EDGE: Final = 22.0  # above and below, for the scale
_RIGHT: Final = 0.04  # of the width, for the last number of the scale
_LETTER: Final = 5.9
_LONGEST: Final = 34
_LONGEST_MARK: Final = 16
_LONGEST_HEAD: Final = 60
_SIZE: Final = 11.0
_INDENT: Final = 12.0


@dataclass(frozen=True, slots=True)
class Dot:
    """Hold one line: the group that it is of, its label there and by itself, its figure, and its mark."""

    group: str
    label: str
    whole: str
    estimate: Estimate
    mark: str


def dot_figure(dots: Sequence[Dot], scale: Scale) -> Figure:
    """Return the picture of at least one dot; a group's name stands above its dots."""
    labels = [_label(dot) for dot in dots]
    heads, places, lines = _places(dots)
    height = lines * _LINE + 2 * _EDGE
    left = (max(len(label) for label in labels) * _LETTER + 2 * _INDENT) / _WIDTH
    figure = Figure(figsize=(_WIDTH / 72, height / 72), dpi=72)
    axes = figure.add_axes((left, _EDGE / height, 1 - left - _RIGHT, 1 - 2 * _EDGE / height))
    _scaled(axes, scale, lines)
    for place, group in heads:
        _write(axes, place, elided(group, _LONGEST_HEAD), bold=True)
    for place, dot, label in zip(places, dots, labels, strict=True):
        _write(axes, place, label, indent=bool(dot.group))
        _draw(axes, place, dot)
    return figure


def _label(dot: Dot) -> str:
    """Return what stands beside a dot; where it is too long, its mark is the last to be cut."""
    mark = f" ({elided(dot.mark, _LONGEST_MARK)})" if dot.mark else ""
    return elided(dot.label, _LONGEST - len(mark)) + mark


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


def _write(axes: Axes, place: float, words: str, *, bold: bool = False, indent: bool = False) -> None:
    """Write words beside a line, from the figure's left edge on."""
    at = blended_transform_factory(axes.figure.transFigure, axes.transData)
    left = (_INDENT if indent else 2) / _WIDTH
    weight = "bold" if bold else "normal"
    axes.text(left, place, words, transform=at, fontsize=_SIZE, fontweight=weight, color=INK, va="center")


def _scaled(axes: Axes, scale: Scale, lines: int) -> None:
    axes.set(xlim=(scale.low, scale.high), ylim=(lines, 0))
    axes.set_xticks(scale.ticks, [scale.written(tick) for tick in scale.ticks], fontsize=_SIZE, color=MUTED)
    axes.set_yticks([])
    axes.tick_params(length=0, top=False, labeltop=True)
    axes.grid(axis="x", color=FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
    if scale.crosses_nought:
        axes.axvline(0, color=MUTED, linewidth=1.2)


def _draw(axes: Axes, place: float, dot: Dot) -> None:
    """Draw one dot: full, or an open diamond where it is marked."""
    colour = MARK if dot.mark else ACCENT
    estimate = dot.estimate
    if estimate.high > estimate.low:
        axes.plot([estimate.low, estimate.high], [place, place], color=colour, linewidth=1.6, clip_on=False)
    axes.plot(
        [estimate.value],
        [place],
        linestyle="none",
        marker="D" if dot.mark else "o",
        markersize=5 if dot.mark else 5.5,
        markerfacecolor=PAPER if dot.mark else colour,
        markeredgecolor=colour,
        clip_on=False,
    )
