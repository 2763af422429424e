"""`tocsin eval gate`: whether a bundle may be released."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from tocsin.cli.data.options import DataOption
from tocsin.cli.eval.asked import Asked
from tocsin.cli.eval.rows import RowsFileOption
from tocsin.cli.eval.subject import BundleArgument, bundle_tier
from tocsin.cli.extras import needs
from tocsin.cli.table import print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.eval import Report
    from tocsin.eval.gates import Gate, Outcome

__all__ = ["gate"]

EXIT_SHORT = 1


def gate(
    bundle: BundleArgument = Path("default"),
    report: Annotated[
        Path | None,
        typer.Option(help="report.json of this bundle to read instead of measuring again."),
    ] = None,
    gates: Annotated[
        Path | None, typer.Option(help="File of gates; the one that ships if not given.")
    ] = None,
    data: DataOption = None,
    rows: RowsFileOption = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to keep what each suite measured in; by default none.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Hold a bundle to floors and ceilings, and name what falls short; exit code 1 if anything does.

    A known shortfall passes as long as its figure gets no worse. What was not measured does not pass.
    """
    with needs("eval", "evaluation"):
        from tocsin.eval.gates import FAILING, judge, read_gates
    held_to = read_gates(gates, bundle_tier(bundle))
    found = _report(held_to, bundle, report, data, rows, out)
    outcomes = list(judge(held_to, found))
    failing = [one for one in outcomes if one.verdict in FAILING]
    if as_json:
        told = found.to_dict()
        passed = {"passed": not failing, "model": told["model"], "rows": told["rows"]}
        typer.echo(json.dumps({**passed, "gates": [one.to_dict() for one in outcomes]}))
    else:
        _print(outcomes, found)
    if failing:
        raise typer.Exit(EXIT_SHORT)


def _report(
    held_to: Sequence[Gate],
    bundle: Path,
    report: Path | None,
    data: Path | None,
    rows: Path | None,
    out: Path | None,
) -> Report:
    """Return the report that is given, or measure what the gates ask for."""
    from tocsin.cli.eval.subject import scorer_of
    from tocsin.errors import InputError
    from tocsin.eval import Origin, evaluate, read_report

    if report is not None:
        found, scorer = read_report(report), scorer_of(bundle, None)
        if found.model.digest != scorer.model.digest:
            raise InputError(
                f"{report}: must be of bundle {scorer.model.digest}, was of {found.model.digest}"
            )
        if found.policy != scorer.policy.stamp:
            raise InputError(
                f"{report}: must be under the policy that ships, {scorer.policy.stamp.digest}, was under"
                f" {found.policy.digest}"
            )
        return found
    asked = Asked(bundle, named=sorted({one.suite for one in held_to}))
    console = Console(stderr=True, highlight=False)
    with console.status("reading") as status:
        tell = status.update if console.is_terminal else (lambda _: None)
        given = asked.rows(data, rows, tell)
        subject = asked.subject(given, None, tell)
        return evaluate(subject, asked.suites, tell, out, Origin(given.files))


def _print(outcomes: Sequence[Outcome], report: Report) -> None:
    from tocsin.eval.gates import FAILING, Verdict

    shown = sorted(
        (one for one in outcomes if one.verdict is not Verdict.MET),
        key=lambda one: one.verdict not in FAILING,
    )
    met, failing = len(outcomes) - len(shown), sum(one.verdict in FAILING for one in outcomes)
    told = f"{met} of {len(outcomes)} gates met, {len(shown) - failing} known shortfalls, {failing} failing"
    told += f"\nOn {report.rows.count} rows of {', '.join(report.rows.by_corpus)}"
    if report.rows.differing:
        told += f"; not the files that the bundle knew: {', '.join(report.rows.differing)}"
    print_table(
        f"{report.model.name} {report.model.version}: what is short of its gate",
        ("gate", "must be", "is", "verdict", "reason"),
        [
            (
                one.gate.place,
                one.gate.bound,
                one.why if one.figure is None else f"{one.figure:.4f}",
                one.verdict.value,
                one.gate.reason,
            )
            for one in shown
        ],
        told,
    )
