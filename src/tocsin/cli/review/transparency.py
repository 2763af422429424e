"""`tocsin review transparency`, `orders`: what a platform must report, counted; the orders' clock."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from tocsin.cli.review.opening import ConfigOption, DatabaseOption, StateOption, open_desk, shown_time
from tocsin.cli.table import print_table
from tocsin.service.scan.write_csv import csv_cell

if TYPE_CHECKING:
    from tocsin.service.review.compliance.order_clock import Order

__all__ = ["orders", "transparency"]

_SHOWN: Final = (
    "number",
    "item",
    "received_at",
    "deadline",
    "first_view_at",
    "decided_at",
    "applied_at",
    "within_hour",
)
_DAY: Final = ["%Y-%m-%d"]

FirstOption = Annotated[
    datetime, typer.Option("--from", metavar="DAY", formats=_DAY, help="First day, YYYY-MM-DD, in UTC.")
]
LastOption = Annotated[
    datetime,
    typer.Option("--to", metavar="DAY", formats=_DAY, help="Last day, YYYY-MM-DD, in UTC; included."),
]
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON.")]
CsvFlag = Annotated[bool, typer.Option("--csv", help="Print CSV.")]


def transparency(
    first: FirstOption,
    last: LastOption,
    as_json: JsonFlag = False,
    as_csv: CsvFlag = False,
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """Count what a report under Article 15 of the Digital Services Act asks for, and print it as Markdown.

    Counts and median times alone, never of a person. What the queue does not know is named as not known.
    """
    _check_one(as_json, as_csv)
    with open_desk(database, state, config) as desk:
        from tocsin.service.review.compliance import transparency as reports

        found = desk.read(reports.summarise, reports.Period(first.date(), last.date()))
        if as_json:
            typer.echo(json.dumps(reports.as_plain(found), indent=2, ensure_ascii=False))
        else:
            typer.echo(reports.as_csv(found) if as_csv else reports.as_markdown(found), nl=False)


def orders(
    first: Annotated[
        datetime | None,
        typer.Option(
            "--from", metavar="DAY", formats=_DAY, help="First day of receipt, in UTC.", show_default=False
        ),
    ] = None,
    last: Annotated[
        datetime | None,
        typer.Option(
            "--to",
            metavar="DAY",
            formats=_DAY,
            help="Last day of receipt, in UTC; included.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonFlag = False,
    as_csv: CsvFlag = False,
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """List removal orders: receipt, deadline, first view, decision, removal, and whether the hour was kept.

    No texts, and nobody's name.
    """
    _check_one(as_json, as_csv)
    with open_desk(database, state, config) as desk:
        from tocsin.service.review.compliance.order_clock import Order, list_orders
        from tocsin.service.review.compliance.transparency import Period

        whole = Period((first or _LEAST).date(), (last or _MOST).date())
        since, until = (whole.since if first else None), (whole.until if last else None)
        records = list(map(_record, desk.read(list_orders, since, until)))
        names = [field.name for field in fields(Order)]
    if as_json:
        typer.echo(json.dumps(records))
    elif as_csv:
        writer = csv.DictWriter(sys.stdout, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: csv_cell(value) for name, value in one.items()} for one in records)
    else:
        rows = [["–" if one[name] is None else one[name] for name in _SHOWN] for one in records]
        print_table("Orders", _SHOWN, rows)


_LEAST: Final = datetime.combine(date.min, datetime.min.time(), UTC)
_MOST: Final = datetime(9_000, 1, 1, tzinfo=UTC)


def _record(order: Order) -> dict[str, Any]:
    return {
        name: shown_time(value) if isinstance(value, datetime) else value
        for name, value in asdict(order).items()
    }


def _check_one(as_json: bool, as_csv: bool) -> None:
    if as_json and as_csv:
        raise typer.BadParameter("one of --json and --csv may be given, were both")
