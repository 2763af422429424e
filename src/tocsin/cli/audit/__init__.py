"""`tocsin audit`: millions of stored posts, and a number that one can defend."""

from __future__ import annotations

import typer

from tocsin.cli.audit.run import run

__all__ = ["app"]

app = typer.Typer(
    help="Audit stored posts by the million: score them all, label a few, estimate how much there is.",
    no_args_is_help=True,
)


@app.callback()
def _group() -> None:
    """Keep the group a group while it has one command."""


app.command()(run)
