"""`tocsin review retention`: what is kept no longer, told or erased."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Final

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
    from tocsin.service.review.compliance.retention import Plan

__all__ = ["retention"]

_SHOWN: Final = 50


def retention(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would be erased, and why; change nothing.")
    ] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Erase it.")] = False,
    as_json: JsonOption = False,
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """Erase what is older than the compliance file keeps it, or tell what that would be.

    What a hold keeps stays, and so does what must be preserved.
    """
    if dry_run == apply:
        raise typer.BadParameter("one of --dry-run and --apply must be given")
    with open_desk(database, state, config) as desk:
        from tocsin.service.review.compliance.retention import apply_retention, plan_retention

        plan = apply_retention(desk) if apply else plan_retention(desk)
    if as_json:
        typer.echo(json.dumps(_record(plan)))
        return
    rows = [[one.item or "–", one.why.value, shown_time(one.since)] for one in plan.listed[:_SHOWN]]
    print_table("Erased" if apply else "Would be erased", ("item", "why", "due since"), rows, *_notes(plan))


def _notes(plan: Plan) -> list[str]:
    hidden = plan.items.total() - min(len(plan.listed), _SHOWN)
    counts = ", ".join(f"{count:,} {why.value}" for why, count in sorted(plan.items.items()))
    return [
        *([f"and {hidden:,} more"] if hidden > 0 else []),
        f"Items: {counts or 'none'}.",
        f"Kept all the same: {plan.held:,} by a hold, {plan.preserved:,} preserved.",
        f"Words of complaints: {plan.forgotten.complaints:,}; statements: {plan.forgotten.payloads:,}.",
        "The log stays: it only grows, and holds no texts.",
    ]


def _record(plan: Plan) -> dict[str, Any]:
    return {
        "items": {why.value: count for why, count in sorted(plan.items.items())},
        "held": plan.held,
        "preserved": plan.preserved,
        "complaints": plan.forgotten.complaints,
        "payloads": plan.forgotten.payloads,
        "listed": [
            {"item": one.item, "why": one.why.value, "since": shown_time(one.since)} for one in plan.listed
        ],
    }
