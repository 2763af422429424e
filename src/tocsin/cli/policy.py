"""`tocsin policy`: look at a policy file before a platform relies on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.table import print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.models.manifest import GateRecord

__all__ = ["app"]

app = typer.Typer(help="Validate policy files and show what they come to.", no_args_is_help=True)


@app.callback()
def policy() -> None:
    """Validate policy files and show what they come to."""


@app.command()
def check(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="The policy file; by default that of the settings, then the one that ships.",
            show_default=False,
        ),
    ] = None,
    bundle: Annotated[
        Path | None,
        typer.Option(
            help="Bundle to fit thresholds with; by default that of the settings, then the one that ships."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Validate a policy file and show its thresholds as fitted on a bundle, certified or not.

    Exit code 1, and one line that names file, key and rule, where the file cannot be used.
    """
    from tocsin.models import load

    scorer = load(bundle, policy=file)
    rows = [
        record
        for language in sorted(scorer.bundle.manifest.languages)
        for fitted in scorer.policies(language)
        for record in fitted.records(language)
    ]
    if as_json:
        stamp = scorer.policy.stamp
        typer.echo(
            json.dumps(
                {
                    "version": stamp.version,
                    "digest": stamp.digest,
                    "thresholds": [row.model_dump(mode="json") for row in rows],
                }
            )
        )
    else:
        _print(scorer.policy.source, rows)


def _print(source: str, rows: Sequence[GateRecord]) -> None:
    print_table(
        f"{source}: valid",
        ("policy", "language", "level", "target", "certified", "fires where", "decided rows + / −"),
        [
            (row.policy, row.language, row.level, row.target, row.certified, condition, counts)
            for row in rows
            for condition, counts in [_conditions(row)]
        ],
        "certified: with 95% confidence the target holds on texts drawn like the calibration rows.",
        "Where it is not, each signal has its own threshold, and the policy fires as its `when` joins them.",
    )


def _conditions(row: GateRecord) -> tuple[str, str]:
    """Return what a level asks for and the calibration rows behind it, one line a threshold."""
    if not row.members:
        return f"score ≥ {_number(row.threshold)}", f"{row.positives} / {row.negatives}"
    conditions = [f"{signal} ≥ {_number(member.threshold)}" for signal, member in row.members.items()]
    counts = [f"{member.positives} / {member.negatives}" for member in row.members.values()]
    return "\n".join(conditions), "\n".join(counts)


def _number(value: float | None) -> str:
    return "∞ (no threshold meets the target)" if value is None else f"{value:.3f}"
