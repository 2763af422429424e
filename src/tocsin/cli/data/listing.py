"""`tocsin data list` and `stats`: what corpora there are and what they say."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import typer

from tocsin.cli.data.options import CorpusOption, DataOption, JsonOption, corpora_home, data_folder
from tocsin.cli.extras import needs
from tocsin.cli.table import print_table

__all__ = ["list_corpora", "stats"]


def list_corpora(data: DataOption = None, as_json: JsonOption = False) -> None:
    """List every corpus that this version reads: source, licence, language, and whether it is there."""
    with needs("train", "reading corpora"):
        from tocsin.training.corpora import CORPORA
    folder = corpora_home(data)
    rows: list[dict[str, Any]] = [
        {
            "name": corpus.name,
            "title": corpus.title,
            "licence": corpus.licence,
            "language": corpus.language,
            "use": "tests only" if corpus.test_only else "training and tests",
            "by_default": corpus.by_default,
            "there": corpus.is_there(folder),
        }
        for corpus in CORPORA.values()
    ]
    _print(rows, "Corpora", as_json=as_json)


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
