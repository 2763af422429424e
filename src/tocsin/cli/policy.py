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
        ("policy", "level", "certified", "decided", "fires where"),
        [
            (
                row.policy,
                f"{row.level} at {row.target}, {row.language}",
                row.certified,
                f"{row.positives} / {row.negatives}",
                _condition(row),
            )
            for row in rows
        ],
        "decided: calibration rows, positive / negative, whose labels say yes or no to the whole policy.",
        "certified: with 95% confidence the target holds on texts drawn like those rows, all together.",
        "Where it is not, each signal has its own threshold (in brackets the rows behind it), and the policy",
        "fires as its `when` joins them.",
    )


def _condition(row: GateRecord) -> str:
    """Return what a level asks for, one line a threshold."""
    members = [
        f"{signal} ≥ {_number(member.threshold)} ({member.positives} / {member.negatives})"
        for signal, member in row.members.items()
    ]
    return "\n".join(members) or f"score ≥ {_number(row.threshold)}"


def _number(value: float | None) -> str:
    return "∞ (no threshold meets the target)" if value is None else f"{value:.3f}"
