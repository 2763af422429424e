"""`tocsin audit`: millions of stored posts, and a number that one can defend."""

from __future__ import annotations

import typer

from tocsin.cli.audit.diff import diff
from tocsin.cli.audit.estimate import estimate
from tocsin.cli.audit.known import known
from tocsin.cli.audit.report import report
from tocsin.cli.audit.run import run
from tocsin.cli.audit.sample import sample
from tocsin.cli.audit.withdraw import withdraw

__all__ = ["app"]

app = typer.Typer(
    help="Audit stored posts by the million: score them all, label a few, estimate how much there is.",
    no_args_is_help=True,
)
app.command()(run)
app.command()(sample)
app.command()(estimate)
app.command()(withdraw)
app.command()(known)
app.command()(diff)
app.command()(report)
