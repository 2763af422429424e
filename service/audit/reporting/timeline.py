"""What share of posts was flagged, period by period."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from matplotlib.figure import Figure

from tocsin.page.look import PAGE, Look
from tocsin.page.scale import Scale
from tocsin.service.audit.reporting.records import Period, PeriodRecord

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["near_periods", "timeline"]

_HEIGHT: Final = 10.0  # lines of a picture that has no height of its own
_DAYS: Final = {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 31, Period.YEAR: 366}
_GAP: Final = 62  # periods without a row, beyond which it is another time altogether
_TICKS: Final = 4
_STYLES: Final = (("review", "review or above", "o", "solid"), ("urgent", "urgent", "D", (0, (4, 2))))


def near_periods(periods: Sequence[PeriodRecord], period: Period) -> list[PeriodRecord]:
    """Return the periods around the middle row: clocks that were never set put posts into 1970."""
    runs: list[list[PeriodRecord]] = []
    gap = timedelta(days=_GAP * _DAYS[period])
    for one in periods:
        if not runs or one.start - runs[-1][-1].start > gap:
            runs.append([])
        runs[-1].append(one)
    return max(runs, key=lambda run: sum(one.rows for one in run), default=[])


def timeline(periods: Sequence[PeriodRecord], policy: str, look: Look = PAGE, *, title: str = "") -> Figure:
    """Return the picture of what one policy flagged over time, of at least one period."""
    height = look.height or _HEIGHT * look.line
    top = 1.9 * look.line + (1.8 * look.line if title else 0)
    left, bottom = (4.2 * look.size + look.pad) / look.width, (1.9 * look.line + look.foot) / height
    figure = Figure(figsize=(look.width / 72, height / 72), dpi=72)
    axes = figure.add_axes((left, bottom, 0.93 - left, 1 - bottom - top / height))
    days = [one.start.toordinal() for one in periods]
    for place, (level, words, marker, line) in enumerate(_STYLES):
        shares = [getattr(one.policies[policy], level) / one.rows for one in periods]
        colour = look.mark if place else look.accent
        axes.plot(
            days,
            shares,
            color=colour,
            linewidth=1.6 * look.stroke,
            linestyle=line,
            marker=marker,
            markersize=(4.5 if place else 4) * look.stroke,
            markerfacecolor=look.paper if place else colour,
            label=words,
            clip_on=False,
        )
    _scaled(axes, periods, policy, look)
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(-0.02, 1.0),
        ncols=2,
        frameon=False,
        fontsize=look.size,
        labelcolor=look.ink,
        borderaxespad=0.1,
    )
    if title:
        figure.text(look.pad / look.width, 1 - look.line / height, title, **look.title)
    return figure


def _scaled(axes: Axes, periods: Sequence[PeriodRecord], policy: str, look: Look) -> None:
    most = max(one.policies[policy].review / one.rows for one in periods)
    scale = Scale.over([0.0, most], factor=100.0, unit="%")
    assert scale is not None  # noqa: S101 - it holds nought
    axes.set_ylim(0, scale.high)
    axes.set_yticks(scale.ticks, [scale.written(tick) for tick in scale.ticks], **look.letters)
    shown = _spread(periods)
    axes.set_xticks([one.toordinal() for one in shown], [one.isoformat() for one in shown], **look.letters)
    axes.tick_params(length=0, pad=6 * look.stroke)
    axes.grid(axis="y", color=look.faint, linewidth=0.8 * look.stroke)
    axes.set_axisbelow(True)
    for name, spine in axes.spines.items():
        spine.set_visible(name == "bottom")
        spine.set_color(look.muted)


def _spread(periods: Sequence[PeriodRecord]) -> list[date]:
    """Return a few dates from the first to the last."""
    last = len(periods) - 1
    count = min(_TICKS, last + 1)
    places = dict.fromkeys(round(place * last / max(count - 1, 1)) for place in range(count))
    return [periods[place].start for place in places]
