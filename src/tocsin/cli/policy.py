"""`tocsin policy`: look at a policy file before a platform relies on it."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli.table import print_table

if TYPE_CHECKING:
    from tocsin.models.gates import Gate

__all__ = ["app"]

app = typer.Typer(help="Validate policy files and show what they come to.", no_args_is_help=True)


@app.callback()
def policy() -> None:
    """Validate policy files and show what they come to."""


@app.command()
def check(
    file: Annotated[
        Path | None,
        typer.Argument(help="The policy file; the one that ships if not given.", show_default=False),
    ] = None,
    bundle: Annotated[
        Path | None, typer.Option(help="Bundle to fit the thresholds with; the one that ships if not given.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Validate a policy file and show its thresholds as fitted on a bundle, certified or not.

    Exit code 1, and one line that names file, key and rule, where the file cannot be used.
    """
    from tocsin.models import load
    from tocsin.policy import default_policy

    # An edit is judged by itself: what the settings name plays no part.
    scorer = load(bundle, policy=file or default_policy())
    rows = [
        _row(fitted.policy.name, language, level, gate)
        for language in sorted(scorer.bundle.manifest.languages)
        for fitted in scorer.policies(language)
        for level, gate in (("review", fitted.review), ("urgent", fitted.urgent))
    ]
    if as_json:
        stamp = scorer.policy.stamp
        typer.echo(json.dumps({"version": stamp.version, "digest": stamp.digest, "thresholds": rows}))
    else:
        _print(scorer.policy.source, rows)


def _row(policy: str, language: str, level: str, gate: Gate) -> dict[str, Any]:
    """Return one gate as plain JSON types; a threshold that nothing reaches is null."""
    members = {signal.value: _finite(threshold.value) for signal, threshold in gate.members.items()}
    return {
        "policy": policy,
        "language": language,
        "level": level,
        "target": str(gate.target),
        "certified": gate.certified,
        "threshold": None if members else _finite(gate.whole.value),
        "members": members,
        "positives": gate.whole.positives,
        "negatives": gate.whole.negatives,
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _print(source: str, rows: list[dict[str, Any]]) -> None:
    print_table(
        f"{source}: valid",
        ("policy", "language", "level", "target", "certified", "fires where", "decided rows + / −"),
        [
            (
                row["policy"],
                row["language"],
                row["level"],
                row["target"],
                row["certified"],
                _condition(row),
                f"{row['positives']} / {row['negatives']}",
            )
            for row in rows
        ],
        "certified: with 95% confidence the target holds on texts drawn like the calibration rows.",
        "Where it is not, each signal has its own threshold, and the policy fires as its `when` joins them.",
    )


def _condition(row: dict[str, Any]) -> str:
    members = [f"{signal} ≥ {_number(value)}" for signal, value in row["members"].items()]
    return "\n".join(members) or f"score ≥ {_number(row['threshold'])}"


def _number(value: float | None) -> str:
    return "∞ (no threshold meets the target)" if value is None else f"{value:.3f}"
