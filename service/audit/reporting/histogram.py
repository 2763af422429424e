"""How scores lie: a bar for each range of them, on a scale of powers of ten, and where levels begin."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from matplotlib.figure import Figure

from tocsin.page.look import PAGE, Look
from tocsin.service.audit.reporting.records import LanguageRecord, ScoresRecord
from tocsin.service.audit.sampling.frame import FLAGGING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tocsin.assessment import Level

__all__ = ["Mark", "histogram", "marks_of"]

_LEAST: Final = 0.6  # below the bar of one post
_HEIGHT: Final = 11.0  # lines of a picture that has no height of its own
_PILED: Final = 5  # powers of ten, above which every other one is written
_RIGHT: Final = 0.55  # a mark beyond it has its words at its left
_RIGHT_OF_SEVERAL: Final = 0.35


@dataclass(frozen=True, slots=True)
class Mark:
    """Say at which score a level begins; at which ones, where that differs from language to language."""

    level: Level
    low: float
    high: float


def marks_of(one: ScoresRecord | LanguageRecord) -> list[Mark]:
    """Return where levels begin, of those that begin at a score in every language that they flagged."""
    return [mark for place in range(len(one.levels)) if (mark := _mark(one, place))]


def _mark(one: ScoresRecord | LanguageRecord, place: int) -> Mark | None:
    level = one.levels[place]
    starts = [level.start]
    if level.start is None and isinstance(one, ScoresRecord):
        starts = [told.levels[place].start for told in one.languages if told.levels[place].flagged]
    known = [start for start in starts if start is not None]
    return Mark(level.level, min(known), max(known)) if known and len(known) == len(starts) else None


def histogram(one: ScoresRecord | LanguageRecord, look: Look = PAGE, *, title: str = "") -> Figure:
    """Return the picture of posts by score, of which there is at least one."""
    height = look.height or _HEIGHT * look.line
    top = 2.6 * look.line + (1.8 * look.line if title else 0)
    left, bottom = (4.2 * look.size + look.pad) / look.width, (2.9 * look.line + look.foot) / height
    figure = Figure(figsize=(look.width / 72, height / 72), dpi=72)
    axes = figure.add_axes((left, bottom, 0.97 - left, 1 - bottom - top / height))
    _bars(axes, one.counts, 0.88, look.accent)
    _bars(axes, one.flagged, 0.36, look.paper)
    _scaled(axes, max(one.counts), look)
    for mark in marks_of(one):
        _draw(axes, mark, int(mark.level is FLAGGING[-1]), look)
    if title:
        figure.text(look.pad / look.width, 1 - look.line / height, title, **look.title)
    return figure


def _bars(axes: Axes, counts: Sequence[int], width: float, colour: str) -> None:
    """Draw a bar for each count but nought, in the middle of its bin."""
    told = [((place + 0.5) / len(counts), count) for place, count in enumerate(counts) if count]
    axes.bar(
        [middle for middle, _ in told],
        [count - _LEAST for _, count in told],
        width=width / len(counts),
        bottom=_LEAST,
        color=colour,
    )


def _scaled(axes: Axes, most: int, look: Look) -> None:
    axes.set_yscale("log")
    powers = range(max(1, math.ceil(math.log10(most))) + 1)
    shown = [10**power for power in powers if len(powers) <= _PILED or power % 2 == 0]
    axes.set(xlim=(0, 1), ylim=(_LEAST, max(10.0, 1.4 * most)))
    axes.set_yticks(shown, [f"{one:,}" for one in shown], **look.letters)
    axes.set_yticks([], minor=True)
    ticks = (0.0, 0.25, 0.5, 0.75, 1.0)
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks], **look.letters)
    axes.set_xlabel("score (light core: flagged)", **look.letters)
    axes.tick_params(length=0, pad=4 * look.stroke)
    axes.grid(axis="y", color=look.faint, linewidth=0.8 * look.stroke)
    axes.set_axisbelow(True)
    for name, spine in axes.spines.items():
        spine.set_visible(name == "bottom")
        spine.set_color(look.muted)


def _draw(axes: Axes, mark: Mark, place: int, look: Look) -> None:
    """Draw where a level begins, in words too; the higher level's stand higher."""
    several = mark.high > mark.low
    for at in {mark.low: None, mark.high: None}:
        dashes = (0, (4, 2)) if place else (0, (1, 1.5))
        axes.axvline(at, color=look.mark, linewidth=1.3 * look.stroke, linestyle=dashes)
    right = mark.low > (_RIGHT_OF_SEVERAL if several else _RIGHT)
    axes.annotate(
        f"{mark.level.value} from {mark.low:.2f}" + (f" to {mark.high:.2f}, by language" if several else ""),
        (mark.high if right else mark.low, 1),
        xycoords=("data", "axes fraction"),
        xytext=((-2 if right else 2), (0.25 + 1.05 * place) * look.line),
        textcoords="offset points",
        ha="right" if right else "left",
        fontsize=look.size,
        color=look.mark,
        annotation_clip=False,
    )
