"""`tocsin data`: the labelled corpora, what there is and what they say."""

from __future__ import annotations

import typer

from tocsin.cli.data.listing import list_corpora, stats

__all__ = ["app"]

app = typer.Typer(
    help="Fetch, check and look at the labelled corpora that models are trained and tested on.",
    no_args_is_help=True,
)
app.command("list")(list_corpora)
app.command()(stats)
