"""`tocsin review golden`: how often people tell what golden items are."""

from __future__ import annotations

import json
from dataclasses import asdict

import typer

from tocsin.cli.review.opening import ConfigOption, DatabaseOption, JsonOption, StateOption, open_desk
from tocsin.cli.review.periods import FromOption, ToOption, period_of, shown_period, shown_share
from tocsin.cli.table import print_table

__all__ = ["show_golden"]


def show_golden(
    since: FromOption = None,
    until: ToOption = None,
    as_json: JsonOption = False,
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """Tell how often golden items were told right, by policy, over everybody: nobody's own figure is told."""
    with open_desk(database, state, config) as desk:
        from tocsin.service.review.quality.readings import golden_accuracy

        period = period_of(desk.context, since, until)
        found = desk.read(golden_accuracy, period)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found]))
        return
    rows = [
        (
            one.policy or "none",
            one.accuracy.decided,
            one.right,
            one.accuracy.why or shown_share(one.accuracy.value, one.accuracy.low, one.accuracy.high),
        )
        for one in found
    ]
    print_table(
        f"Golden {shown_period(period.since, period.until)}", ("policy", "decided", "right", "share"), rows
    )
