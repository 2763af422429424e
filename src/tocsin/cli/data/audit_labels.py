"""`tocsin data audit-labels`: which labels of the corpora a model would not have given."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer
from rich.console import Console

from tocsin.cli.data.options import AvailableOption, CorpusOption, DataOption, JsonOption, data_folder
from tocsin.cli.extras import needs
from tocsin.cli.table import print_table
from tocsin.service.scan import open_outfile

if TYPE_CHECKING:
    from tocsin.training.label_noise import LabelAudit

__all__ = ["audit"]


def audit(
    data: DataOption = None,
    corpus: CorpusOption = None,
    available: AvailableOption = False,
    ids: Annotated[
        Path | None,
        typer.Option(help="Write the likely errors to this file: JSON Lines of ids and labels, no texts."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Find labels that are likely wrong, by confident learning: ids for people to look at, no texts.

    Official tests are left out. A likely error is a model's disagreement: hard and implicit texts are
    over-represented. No label is changed.
    """
    with needs("train", "auditing labels"):
        from tocsin.training.build import Selection
        from tocsin.training.label_noise import LEAST_CLUSTERS, audit_labels
        from tocsin.training.open_rows import read_open_rows
    folder = data_folder(data)
    chosen = Selection(folder, tuple(corpus) if corpus else None, available=available).chosen()
    opened = open_outfile(ids) if ids else nullcontext()
    with opened as file, Console(stderr=True, highlight=False).status("reading corpora") as status:
        audits = list(audit_labels(read_open_rows(folder, chosen), status.update))
        if file is not None:
            _write_ids(file, audits)
    if as_json:
        typer.echo(json.dumps([asdict(found) for found in audits]))
        return
    headings = (
        "corpus",
        "signal",
        "language",
        "−",
        "+",
        "AUROC",
        "− wrong",
        "+ wrong",
        "likely −",
        "likely +",
    )
    print_table(
        "Likely errors among labels",
        headings,
        map(_cells, audits),
        "wrong: estimated share of the labels of that class. likely: rows to look at.",
        f"–: fewer than {LEAST_CLUSTERS} rows of a class that are no copies of one another.",
    )


def _cells(found: LabelAudit) -> Sequence[object]:
    place = (found.corpus, found.signal, found.language, found.negatives, found.positives)
    estimate = found.estimate
    if estimate is None:
        return (*place, *["–"] * 5)
    from tocsin.example import Label

    negatives, positives = estimate.among(Label.NEGATIVE), estimate.among(Label.POSITIVE)
    return (
        *place,
        f"{estimate.auroc:.3f}",
        f"{estimate.negatives_wrong:.1%}",
        f"{estimate.positives_wrong:.1%}",
        f"{negatives} ({negatives / found.negatives:.1%})",
        f"{positives} ({positives / found.positives:.1%})",
    )


def _write_ids(file: BinaryIO, audits: Sequence[LabelAudit]) -> None:
    for found in audits:
        place = {"corpus": found.corpus, "signal": found.signal, "language": found.language}
        errors = found.estimate.errors if found.estimate else ()
        file.writelines(json.dumps(place | asdict(error)).encode() + b"\n" for error in errors)
