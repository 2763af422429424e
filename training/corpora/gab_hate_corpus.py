"""The Gab Hate Corpus (Kennedy et al. 2022): posts from Gab, labelled for calls for violence and hate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tocsin.example import Example, Label, Split
from tocsin.signals import Signal
from tocsin.training.corpora.corpus import Corpus, flag, read_csv, sign

__all__ = ["CORPUS"]

NAME: Final = "gab-hate-corpus"
LICENCE: Final = "CC-BY-4.0"
FILES: Final = {"ghc_train.tsv": Split.TRAIN, "ghc_test.tsv": Split.TEST}


def read(folder: Path) -> Iterator[Example]:
    """Yield every post; `cv` is a call for violence, `hd` an assault on human dignity."""
    for file, split in FILES.items():
        for number, row in read_csv(folder / file, ("text", "hd", "cv"), delimiter="\t"):
            yield Example(
                id=f"{NAME}:{split}:{number}",
                text=row["text"],
                language="en",
                corpus=NAME,
                licence=LICENCE,
                labels=labels(row, f"{file}, row {number}"),
                split=split,
            )


def labels(row: Mapping[str, str], place: str) -> dict[Signal, Label]:
    """Return what one row says."""
    violence, assault = flag(row, "cv", place), flag(row, "hd", place)
    return {
        Signal.INCITEMENT: sign(positive=violence),
        Signal.HATE: sign(positive=violence or assault),
    }


CORPUS: Final = Corpus(
    name=NAME,
    title="Gab Hate Corpus (Kennedy et al. 2022)",
    licence=LICENCE,
    language="en",
    files=tuple(FILES),
    read=read,
)
