"""`tocsin data`: the labelled corpora, what there is and what they say."""

from __future__ import annotations

import typer

from tocsin.cli.data.audit_labels import audit
from tocsin.cli.data.build import build_rows
from tocsin.cli.data.check import check_corpora
from tocsin.cli.data.fetch import fetch_corpora
from tocsin.cli.data.listing import list_corpora, stats
from tocsin.cli.data.shortcuts import find_shortcuts

__all__ = ["app"]

app = typer.Typer(
    help="Fetch, check and look at the labelled corpora that models are trained and tested on.",
    no_args_is_help=True,
)
app.command("list")(list_corpora)
app.command("fetch")(fetch_corpora)
app.command("check")(check_corpora)
app.command()(stats)
app.command("build")(build_rows)
app.command("audit-labels")(audit)
app.command("shortcuts")(find_shortcuts)
