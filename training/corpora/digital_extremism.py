"""Digital Extremism Detection Curated Dataset (Suresh, Lu and Iyer 2025): noisy, with many copies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tocsin.errors import CorpusError
from tocsin.example import Example, Label
from tocsin.signals import Signal
from tocsin.training.corpora.corpus import Corpus, CorpusFile, read_csv, shown

__all__ = ["CORPUS"]

NAME: Final = "digital-extremism"
LICENCE: Final = "CC-BY-4.0"
FILE: Final = "annotated_extremism_data.csv"
CLASSES: Final = {"EXTREMIST": Label.POSITIVE, "NON_EXTREMIST": Label.NEGATIVE}


def read(folder: Path) -> Iterator[Example]:
    """Yield every message; a text that is called both extremist and not is contested throughout."""
    rows = list(read_csv(folder / FILE, ("Original_Message", "Extremism_Label")))
    said: dict[str, set[str]] = defaultdict(set)
    for _, row in rows:
        said[row["Original_Message"]].add(row["Extremism_Label"])
    for number, row in rows:
        found = labels(row, number)
        contested = len(said[row["Original_Message"]]) > 1
        yield Example(
            id=f"{NAME}:{number}",
            text=row["Original_Message"],
            language="en",
            corpus=NAME,
            licence=LICENCE,
            labels=dict.fromkeys(found, Label.UNKNOWN) if contested else found,
        )


def labels(row: Mapping[str, str], number: int) -> dict[Signal, Label]:
    """Return what one row says."""
    named = row["Extremism_Label"]
    if named not in CLASSES:
        raise CorpusError(f"{FILE}, row {number}: label must be one of {sorted(CLASSES)}, was {shown(named)}")
    return {Signal.EXTREMISM: CLASSES[named]}


CORPUS: Final = Corpus(
    name=NAME,
    title="Digital Extremism Detection Curated Dataset (Suresh, Lu and Iyer 2025), a sample of its rows",
    licence=LICENCE,
    language="en",
    origin="huggingface.co/datasets/aditya-anthony-vishnu/DigitalExtremismDetectionCuratedDataset",
    files=(
        CorpusFile(
            "annotated_extremism_data.csv",
            size=434_173,
            sha256="2f6e31a41d10e0908f97aee2cbf45df7dfe522166f4ae241525865c529c9af84",
        ),
    ),
    read=read,
)
