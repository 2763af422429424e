"""`tocsin eval`: what a bundle does on labelled rows, where it fails, and whether it may be released."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from tocsin.cli.eval.compare import compare
from tocsin.cli.eval.gate import gate
from tocsin.cli.eval.run import run

__all__ = ["app"]


class _RunByDefault(TyperGroup):
    """Take `tocsin eval BUNDLE` for `tocsin eval run BUNDLE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_RunByDefault,
    help="Measure bundles on labelled rows: reports, comparisons, release gates.",
    no_args_is_help=True,
)
app.command()(run)
app.command()(gate)
app.command()(compare)
