"""Options that name a period, and how shares are shown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tocsin.service.review.context import Context
    from tocsin.service.review.quality.period import Period

__all__ = ["FromOption", "ToOption", "period_of", "shown_period", "shown_share"]

_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]

FromOption = Annotated[
    datetime | None,
    typer.Option(
        "--from",
        formats=_FORMATS,
        help="When the first of the items arrived, in UTC; by default 28 days before the end.",
        show_default=False,
    ),
]
ToOption = Annotated[
    datetime | None,
    typer.Option(
        "--to",
        formats=_FORMATS,
        help="Before when the last of them arrived, in UTC; by default midnight 7 days ago.",
        show_default=False,
    ),
]


def period_of(context: Context, since: datetime | None, until: datetime | None) -> Period:
    """Return the period that was asked for."""
    from tocsin.service.review.quality.period import latest_period

    return latest_period(context.clock(), _utc(since), _utc(until))


def shown_period(since: datetime, until: datetime) -> str:
    """Return a period as people read it."""
    return f"items that arrived from {_shown(since)} to {_shown(until)}"


def shown_share(value: float | None, low: float | None, high: float | None) -> str:
    """Return a share with its interval, a dash where it is not told."""
    if value is None or low is None or high is None:
        return "–"
    return f"{_percent(value)} ({_percent(low)} to {_percent(high)})"


def _percent(share: float) -> str:
    """Return a percentage with two digits that tell; what is not all is not shown as all."""
    percent = 100 * share
    if percent in {0, 100} or 10 <= percent < 99.5:
        return f"{percent:.0f}%"
    if percent >= _NEARLY:
        return f"{min(percent, 99.9):.1f}%"
    return f"{percent:.2g}%" if percent >= _HARDLY else "under 0.01%"


_NEARLY = 99.5
_HARDLY = 0.01


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


def _shown(moment: datetime) -> str:
    text = moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
    return text.removesuffix(" 00:00")
