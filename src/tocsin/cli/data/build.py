"""`tocsin data build`: corpora become rows with one use each, with an account of every row that left."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tocsin.cli.data.options import (
    AddOption,
    AvailableOption,
    CorpusOption,
    DataOption,
    IgnoreOption,
    JsonOption,
    LanguageOption,
    LicencesOption,
    OwnOnlyOption,
    builds_home,
)
from tocsin.cli.data.selecting import Own, selected
from tocsin.cli.extras import needs
from tocsin.cli.table import print_table
from tocsin.licences import Licences

__all__ = ["build_rows"]


def build_rows(
    data: DataOption = None,
    corpus: CorpusOption = None,
    licences: LicencesOption = Licences.ALL,
    available: AvailableOption = False,
    add: AddOption = None,
    language: LanguageOption = "en",
    ignore: IgnoreOption = None,
    own_only: OwnOnlyOption = False,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for ledger.json (ids) and a Parquet file a split (text of the corpora)."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Read, de-duplicate and split the corpora, and count where every row went.

    What was built before is read back from the user's cache, which keeps the three latest builds.
    """
    with needs("train", "building the corpora"):
        from tocsin.training.build import build, fates
        from tocsin.training.table import to_table
    selection = selected(
        data,
        corpus,
        licences,
        Own(add or (), language, ignore or (), alone=own_only),
        available=available,
    )
    console = Console(stderr=True, highlight=False)
    with console.status("building") as status:
        built = build(selection, builds_home(), status.update if console.is_terminal else console.print)
        if out is not None:
            out.mkdir(mode=0o700, parents=True, exist_ok=True)  # for text of the corpora
            for place, rows in built.splits.rows.items():
                to_table(rows).to_parquet(out / f"{place}.parquet")
            ledger = json.dumps(asdict(built.splits.ledger), indent=1)
            (out / "ledger.json").write_text(ledger + "\n", encoding="utf-8")
    rows_of = fates(built)
    if as_json:
        typer.echo(json.dumps(rows_of))
        return
    print_table(
        "Where every row went", list(rows_of[0]) if rows_of else [], [list(row.values()) for row in rows_of]
    )
