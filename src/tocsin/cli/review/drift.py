"""`tocsin review drift`: what changed in the latest week."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

import typer

from tocsin.cli.review.opening import (
    ConfigOption,
    DatabaseOption,
    JsonOption,
    StateOption,
    open_desk,
    shown_time,
)
from tocsin.cli.table import print_table

if TYPE_CHECKING:
    from tocsin.service.review.quality.drifting import Alarm, Drifted

__all__ = ["EXIT_ALARM", "show_drift"]

EXIT_ALARM: Final = 3
_HEADINGS: Final = ("what", "policy", "items", "latest week", "four before", "chance", "alarm")


def show_drift(
    as_json: JsonOption = False,
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """Compare the latest week with the four before it, and raise an alarm where luck does not explain it.

    Exit codes: 0 no alarm; 3 at least one.
    """
    with open_desk(database, state, config) as desk:
        from tocsin.service.review.quality.drifting import drift_alarms

        found = desk.read(drift_alarms)
    if as_json:
        moments = {name: shown_time(getattr(found, name)) for name in ("arrived_until", "decided_until")}
        typer.echo(json.dumps({**asdict(found), **moments}))
    else:
        _print(found)
    if any(one.alarm for one in found.alarms):
        raise typer.Exit(EXIT_ALARM)


def _print(found: Drifted) -> None:
    print_table(
        f"Drift, of what arrived until {shown_time(found.arrived_until)}",
        _HEADINGS,
        [_cells(one) for one in found.alarms],
        f"what is decided: of what arrived until {shown_time(found.decided_until)}",
        f"any alarm comes up by luck in at most {found.alarm_rate:.0%} of runs, if days are independent",
    )


def _cells(one: Alarm) -> tuple[object, ...]:
    late, early = ("–" if share is None else f"{share:.2%}" for share in (one.late, one.early))
    if one.index is not None:
        late = f"index {one.index:.3f}"
    chance = "too few" if one.chance is None else f"{one.chance:.4f}"
    return (one.what, one.policy or "", f"{one.items:,}", late, early, chance, one.alarm)
