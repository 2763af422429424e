"""`tocsin review agreement`: how far people agree who decide the same items apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import typer

from tocsin.cli.review.opening import (
    ConfigOption,
    DatabaseOption,
    JsonOption,
    StateOption,
    open_desk,
    shown_time,
)
from tocsin.cli.review.periods import FromOption, ToOption, period_of, shown_period, shown_share
from tocsin.cli.table import print_table

if TYPE_CHECKING:
    from tocsin.service.review.quality.doubling import Doubled
    from tocsin.service.statistics.agreement import Estimate

__all__ = ["show_agreement"]

_FIRST: Final = {"confirm": "were confirmed first", "dismiss": "were dismissed first"}
_HEADINGS: Final = ("policy", "items", "agree", "kappa", "alpha", "Cohen's kappa")


def show_agreement(
    since: FromOption = None,
    until: ToOption = None,
    as_json: JsonOption = False,
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """Tell how far first and second decisions on the same items agree, overall and by policy.

    Each with its 95% interval; and what became of those that differ. Nobody's own figure is told.
    """
    with open_desk(database, state, config) as desk:
        from tocsin.service.review.quality.doubling import double_review

        period = period_of(desk.context, since, until)
        found = desk.read(double_review, period)
    if as_json:
        typer.echo(json.dumps(_record(found)))
        return
    rows = [
        (
            one.policy or "which, if any",
            one.agreement.items,
            shown_share(one.agreement.plain.value, one.agreement.plain.low, one.agreement.plain.high),
            *(_shown(each) for each in (one.agreement.kappa, one.agreement.alpha, one.second)),
        )
        for one in found.agreement
    ]
    print_table(f"Agreement on {shown_period(found.since, found.until)}", _HEADINGS, rows, *_notes(found))


def _record(found: Doubled) -> dict[str, Any]:
    moments = {name: shown_time(getattr(found, name)) for name in ("since", "until", "as_of")}
    return {**asdict(found), **moments, "confidence": 0.95}


def _shown(told: Estimate) -> str:
    if told.value is None or told.low is None or told.high is None:
        return "–"
    return f"{told.value:.2f} ({told.low:.2f} to {told.high:.2f})"


def _notes(found: Doubled) -> Iterator[str]:
    yield (
        f"{found.eligible:,} first decisions could be drawn, {found.drawn:,} were: {found.decided:,} decided"
        f" twice, {found.waiting:,} wait, {found.lost:,} were erased or left to leads before."
    )
    parts = ", ".join(
        f"{one.decided:,} of {one.drawn:,} that {_FIRST[verdict]}" for verdict, one in found.by_first.items()
    )
    yield f"Decided twice: {parts}. Each pair stands for what waits or was lost of the same verdict."
    differ = found.other_verdict + found.other_policy
    endings = ", ".join(f"{count:,} {name.value.replace('_', ' ')}" for name, count in found.endings.items())
    yield (
        f"{differ:,} differ, {found.other_verdict:,} of them in the verdict and {found.other_policy:,} in the"
        f" policy: {endings}."
    )
    for one in found.agreement:
        told = {"agree": one.agreement.plain, "kappa": one.agreement.kappa, "Cohen's kappa": one.second}
        for why in dict.fromkeys(each.why for each in told.values() if each.why):
            names = ", ".join(name for name, each in told.items() if each.why == why)
            yield f"not told: {one.policy or 'which, if any'}, {names}: {why}"
