"""`tocsin audit report`: how much, where, how sure, on one page that a policy lead reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from tocsin.cli.extras import needs
from tocsin.cli.reading import say
from tocsin.service.scan import reveal

if TYPE_CHECKING:
    from tocsin.service.audit import AuditLayout
    from tocsin.service.audit.reporting import ReportRecord

__all__ = ["report"]


def report(
    out: Annotated[Path, typer.Argument(help="Folder of a complete audit.", show_default=False)],
    plots: Annotated[
        Path | None,
        typer.Option(help="Folder for each plot as PNG and SVG, for slides.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print report.json as well.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only write the files.")] = False,
) -> None:
    """Write what an audit says as a page, OUT/report.html, and for machines, OUT/report.json."""
    with needs("audit", "a report"):
        from tocsin.service.audit import AuditLayout
        from tocsin.service.audit.durable import write_durably
        from tocsin.service.audit.manifest import read_manifest
        from tocsin.service.audit.reporting import report_of, write_report_record
        from tocsin.service.audit.reporting.page import render_report
        from tocsin.service.audit.reporting.slides import write_slides

    layout = AuditLayout(out)
    found = report_of(layout, read_manifest(layout))
    page = render_report(found).encode()
    drawn = write_slides(found, plots) if plots else []
    write_report_record(layout, found)
    write_durably(layout.report, page)
    if as_json:
        typer.echo(found.to_json().decode(), nl=False)
    elif not quiet:
        _say(found, layout, len(drawn))


def _say(found: ReportRecord, layout: AuditLayout, drawn: int) -> None:
    """Tell the first sentence of each policy, and where the rest is."""
    console = Console(stderr=True)
    for sentences in found.findings.values():
        say(console, sentences[0])
    plots = f"; {drawn:,} plots" if drawn else ""
    say(console, f"the whole report is {reveal(str(layout.report))}, and for machines report.json{plots}")
