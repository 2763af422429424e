"""`tocsin review rates`: how often the model is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

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
    from tocsin.service.review.quality.rates import Part, PolicyRates, Rates

__all__ = ["show_rates"]


class Cut(StrEnum):
    """Name what rates may be cut by."""

    LANGUAGE = "language"
    COMMUNITY = "community"


def show_rates(
    since: FromOption = None,
    until: ToOption = None,
    by: Annotated[
        Cut | None, typer.Option(help="Cut them by language or community too.", show_default=False)
    ] = None,
    as_json: JsonOption = False,
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """Tell how precise the model's flags were and what it missed, from decisions and the random audit.

    Each share with its 95% interval, by policy.
    """
    with open_desk(database, state, config) as desk:
        from tocsin.service.review.quality.arrivals import By
        from tocsin.service.review.quality.rates import rates

        period = period_of(desk.context, since, until)
        found = desk.read(rates, period, None if by is None else By(by.value))
    if as_json:
        typer.echo(json.dumps(_record(found)))
        return
    _print(found)


def _record(found: Rates) -> dict[str, Any]:
    moments = {name: shown_time(getattr(found, name)) for name in ("since", "until", "as_of")}
    return {**asdict(found), **moments, "confidence": 0.95}


def _print(found: Rates) -> None:
    headings: tuple[str, ...] = (
        "policy",
        "urgent: confirmed",
        "flagged: confirmed",
        "missed",
        "found",
        "found elsewhere",
    )
    if found.by is not None:
        headings = (found.by.value, *headings)
    rows = [*_rows(found.whole, found)]
    for part in found.parts:
        rows += _rows(part, found)
    print_table(f"Rates of {shown_period(found.since, found.until)}", headings, rows, *_notes(found))


def _rows(part: Part, found: Rates) -> Iterator[Sequence[object]]:
    name = "all" if part is found.whole else part.value or "not known"
    for one in part.policies:
        yield ((name,) if found.by is not None else ()) + _cells(one)


def _cells(one: PolicyRates) -> tuple[object, ...]:
    shares = (shown_share(told.value, told.low, told.high) for told in (one.urgent, one.review, one.missed))
    return (one.policy or "any", *shares, one.found, one.missed_found)


def _notes(found: Rates) -> Iterator[str]:
    whole = found.whole
    yield (
        f"{whole.items:,} items: {whole.flagged:,} flagged, {whole.unjudged:,} not judged,"
        f" {whole.drawn:,} of the rest drawn by the random audit; {whole.waiting:,} of these wait,"
        f" {whole.gone:,} were erased undecided."
    )
    for why in dict.fromkeys(_reasons(whole)):
        yield f"not told: {why}"
    if found.small_parts:
        yield f"{found.small_parts:,} smaller than 20 items are not shown: {found.small_items:,} items."


def _reasons(part: Part) -> Iterator[str]:
    for one in part.policies:
        name = one.policy or "any"
        for what, told in (("urgent", one.urgent), ("flagged", one.review), ("missed", one.missed)):
            if told.why:
                yield f"{name}, {what}: {told.why}"
