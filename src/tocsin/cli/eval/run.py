"""`tocsin eval run`: a bundle and labelled rows in, a report out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from tocsin.cli.data.options import DataOption
from tocsin.cli.eval.asked import Asked
from tocsin.cli.eval.card import card_of, with_card
from tocsin.cli.eval.rows import RowsFileOption
from tocsin.cli.eval.subject import BundleArgument, PolicyOption
from tocsin.cli.extras import needs
from tocsin.cli.table import print_table

if TYPE_CHECKING:
    from tocsin.eval import Report

__all__ = ["run"]

EXIT_NOT_RUN = 1


def run(
    bundle: BundleArgument,
    suite: Annotated[
        list[str] | None,
        typer.Option("--suite", help="Name of a suite, repeatable; all of them if not given."),
    ] = None,
    data: DataOption = None,
    rows: RowsFileOption = None,
    policy: PolicyOption = None,
    out: Annotated[
        Path,
        typer.Option(help="Folder for report.json, report.html, card.md and what each suite measured."),
    ] = Path("report"),
    no_twins: Annotated[
        bool,
        typer.Option(
            "--no-twins",
            help="Fit no models of one corpus alone, nor of all but one, to compare with: saves minutes.",
        ),
    ] = False,
    scores: Annotated[
        list[str] | None,
        typer.Option(
            "--scores", help="NAME=FILE: scores of another classifier to stand beside, by id; repeatable."
        ),
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="Bundle to compare with, item by item (suite stability).")
    ] = None,
    before: Annotated[Path | None, typer.Option(help="Score file of an earlier time (suite drift).")] = None,
    after: Annotated[Path | None, typer.Option(help="Score file of a later time (suite drift).")] = None,
    write_card: Annotated[
        bool,
        typer.Option(
            "--write-card",
            help="Put the card into the bundle, whose digest changes; every suite, on the corpora.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print report.json as well.")] = False,
) -> None:
    """Measure a bundle on labelled rows and write the whole report; `run` may be left out.

    What was measured before on the same inputs is read back from the folder: a run that was stopped goes
    on. A suite that lacks what it needs is "not run"; asked for by name, that is exit code 1.
    """
    with needs("eval", "evaluation"):
        import tocsin.eval.page  # noqa: F401 - now, not after minutes
        from tocsin.eval import Origin, evaluate
    if write_card and (suite or rows or policy):
        raise typer.BadParameter("--write-card goes without --suite, --rows and --policy: a card is whole")
    asked = Asked(bundle, policy, suite or (), scores or (), baseline, before, after)
    console = Console(stderr=True, highlight=False)
    with console.status("reading") as status:
        tell = status.update if console.is_terminal else (lambda _: None)
        given = asked.rows(data, rows, tell)
        subject = asked.subject(given, None if no_twins else out, tell)
        origin = Origin(given.files, datetime.now(UTC).date().isoformat())
        report = evaluate(subject, asked.suites, tell, out, origin)
        if write_card:
            report = with_card(report, bundle)
        _write(report, bundle, out)
    if as_json:
        typer.echo(_document(report))
    else:
        _summary(report, out)
    if any(answer.measured is None for answer in report.answers if answer.name in asked.named):
        raise typer.Exit(EXIT_NOT_RUN)


def _write(report: Report, bundle: Path, out: Path) -> None:
    """Write the report for machines, for people, and for the bundle."""
    from tocsin.eval.page import render_page

    out.mkdir(parents=True, exist_ok=True)
    (out / "card.md").write_text(card_of(report, bundle), encoding="utf-8")
    (out / "report.json").write_text(_document(report) + "\n", encoding="utf-8")
    (out / "report.html").write_text(render_page(report), encoding="utf-8")


def _document(report: Report) -> str:
    return json.dumps(report.to_dict(), indent=1, ensure_ascii=False)


def _summary(report: Report, out: Path) -> None:
    rows: list[Sequence[str]] = []
    for answer in report.answers:
        told = answer.measured.findings if answer.measured else [f"not run: {answer.why_not}"]
        rows.append((answer.name, "run" if answer.measured else "not run", told[0] if told else ""))
    print_table(
        f"{report.model.name} {report.model.version} on {report.rows.count} rows",
        ("suite", "status", "first of its findings"),
        rows,
        f"Everything: {out / 'report.html'} to read, {out / 'report.json'} for machines, {out / 'card.md'}",
    )
