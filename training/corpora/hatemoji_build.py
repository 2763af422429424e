"""HatemojiBuild (Kirk et al. 2022): written by annotators against models, in contrast pairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tocsin.errors import CorpusError
from tocsin.example import Example, Label, Split
from tocsin.signals import Signal
from tocsin.training.corpora.corpus import Corpus, flag, read_csv, shown, sign

__all__ = ["CORPUS"]

NAME: Final = "hatemoji-build"
LICENCE: Final = "CC-BY-4.0"
FILES: Final = {"train.csv": Split.TRAIN, "validation.csv": Split.DEV, "test.csv": Split.TEST}
TYPES: Final = ("none", "derogation", "animosity", "threateninglanguage", "dehumanizinglanguage")
COLUMNS: Final = ("entry_id", "text", "type", "label_gold", "matched_id")


def read(folder: Path) -> Iterator[Example]:
    """Yield every entry; its contrast partner is the entry that it was perturbed from, or into."""
    for file, split in FILES.items():
        for number, row in read_csv(folder / file, COLUMNS):
            yield Example(
                id=_identity(row["entry_id"]),
                text=row["text"],
                language="en",
                corpus=NAME,
                licence=LICENCE,
                labels=labels(row, f"{file}, row {number}"),
                partners=(_identity(row["matched_id"]),),
                split=split,
            )


def labels(row: Mapping[str, str], place: str) -> dict[Signal, Label]:
    """Return what one row says."""
    if row["type"] not in TYPES:
        raise CorpusError(f"{place}: type must be one of {TYPES}, was {shown(row['type'])}")
    return {
        Signal.HATE: sign(positive=flag(row, "label_gold", place)),
        Signal.THREAT: sign(positive=row["type"] == "threateninglanguage"),
        Signal.DEHUMANISATION: sign(positive=row["type"] == "dehumanizinglanguage"),
    }


def _identity(entry: str) -> str:
    return f"{NAME}:{entry}"


CORPUS: Final = Corpus(
    name=NAME,
    title="HatemojiBuild (Kirk et al. 2022)",
    licence=LICENCE,
    language="en",
    files=tuple(FILES),
    read=read,
)
