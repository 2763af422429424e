"""`tocsin data`: the labelled corpora, what there is and what they say."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from tocsin.cli.extras import needs
from tocsin.cli.table import print_table
from tocsin.errors import CorpusError
from tocsin.settings import settings

__all__ = ["app", "data_folder"]

app = typer.Typer(
    help="Look at the labelled corpora that models are trained and tested on.", no_args_is_help=True
)

DataOption = Annotated[
    Path | None, typer.Option("--data", help="Folder of the corpora; TOCSIN_DATA if not given.")
]
CorpusOption = Annotated[
    list[str] | None, typer.Option("--corpus", help="Name of a corpus, repeatable; all of them if not given.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def data_folder(given: Path | None) -> Path:
    """Return the folder of the corpora; raise CorpusError where nobody named one that is there."""
    folder = given or settings().data
    if folder is None:
        raise CorpusError("the folder of the corpora must be given, by --data or TOCSIN_DATA; it was not")
    if not folder.is_dir():
        raise CorpusError(f"the folder of the corpora must exist, was {folder}")
    return folder


@app.command("list")
def list_corpora(data: DataOption = None, as_json: JsonOption = False) -> None:
    """List every corpus that this version reads: source, licence, language, and whether it is there."""
    with needs("train", "reading corpora"):
        from tocsin.training.corpora import CORPORA
    folder = data or settings().data
    rows: list[dict[str, Any]] = [
        {
            "name": corpus.name,
            "title": corpus.title,
            "licence": corpus.licence,
            "language": corpus.language,
            "use": "tests only" if corpus.test_only else "training and tests",
            "there": folder is not None
            and all((folder / corpus.name / name).is_file() for name in corpus.files),
        }
        for corpus in CORPORA.values()
    ]
    _print(rows, "Corpora", as_json=as_json)


@app.command()
def stats(data: DataOption = None, corpus: CorpusOption = None, as_json: JsonOption = False) -> None:
    """Count what every corpus says of every signal, by official split and language."""
    with needs("train", "reading corpora"):
        from tocsin.training.dataset import counts, read_corpora
    examples = read_corpora(data_folder(data), corpus)
    if as_json:
        typer.echo(json.dumps(counts(examples)))
        return
    told = [row for row in counts(examples) if row["negative"] or row["presumed_negative"] or row["positive"]]
    _print(told, "Labels by corpus, language, official split and signal", as_json=False)
    rows = Counter(example.corpus for example in examples)
    _print([{"corpus": name, "rows": count} for name, count in rows.items()], "Rows", as_json=False)


def _print(rows: list[dict[str, Any]], title: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(rows))
    else:
        headings = [heading.replace("_", " ") for heading in (rows[0] if rows else ())]
        print_table(title, headings, [list(row.values()) for row in rows])
