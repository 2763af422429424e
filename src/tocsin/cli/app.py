"""The `tocsin` command: its sub-commands, and how errors leave it."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from tocsin.cli import audit, bundle, cascade, data, keys, policy, review, thresholds
from tocsin.cli.eval import app as evaluation
from tocsin.cli.explain import explain
from tocsin.cli.pipe import EXIT_PIPE_CLOSED, abandon_output
from tocsin.cli.scan import scan
from tocsin.cli.serve import serve
from tocsin.cli.train import train
from tocsin.errors import TocsinError
from tocsin.service.scan import reveal

__all__ = ["app", "main"]


class _Commands(TyperGroup):
    """Say by the exit code that the output was closed early; Typer itself would call it a failure."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            abandon_output()
            raise typer.Exit(EXIT_PIPE_CLOSED) from None


app = typer.Typer(
    name="tocsin",
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(scan)
app.command()(explain)
app.command()(train)
app.command()(serve)
app.add_typer(policy.app, name="policy")
app.add_typer(thresholds.app, name="thresholds")
app.add_typer(cascade.app, name="cascade")
app.add_typer(evaluation, name="eval")
app.add_typer(bundle.app, name="bundle")
app.add_typer(keys.app, name="keys")
app.add_typer(review.app, name="review")
app.add_typer(audit.app, name="audit")
app.add_typer(data.app, name="data")


@app.callback()
def tocsin(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            help="Print the version and leave.",
            callback=lambda asked: _version(asked=asked),
        ),
    ] = False,
) -> None:
    """Flag extremist recruitment and incitement language for human reviewers. It decides nothing."""


def _version(*, asked: bool) -> None:
    if asked:
        from tocsin import __version__

        typer.echo(f"tocsin {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; turn every error of ours into one line and an exit code."""
    try:
        app()
    except TocsinError as error:
        typer.echo(f"tocsin: {reveal(str(error))}", err=True)
        sys.exit(error.exit_code)
