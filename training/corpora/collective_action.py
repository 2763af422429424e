"""Participation in collective action (Pera and Aiello 2025): Reddit comments, mostly harmless activism."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tocsin.errors import CorpusError
from tocsin.example import Example, Label, Split
from tocsin.signals import Signal
from tocsin.training.corpora.corpus import GITHUB, Corpus, CorpusFile, read_csv, shown

__all__ = ["CORPUS"]

NAME: Final = "collective-action"
LICENCE: Final = "CC-BY-4.0"
UPSTREAM: Final = f"{GITHUB}/ariannap13/extract_collective_action/5aefef98d938f6fab0fda012b071bb6c25192f74"
FILES: Final = {"train_set.csv": Split.TRAIN, "test_set.csv": Split.TEST}
CLASSES: Final = {
    "Call-to-action": Label.POSITIVE,
    "Intention": Label.UNKNOWN,
    "Problem-Solution": Label.NEGATIVE,
    "Execution": Label.NEGATIVE,
    "None": Label.NEGATIVE,
    "": Label.NEGATIVE,
}
NOBODYS: Final = frozenset({"", "None"})  # how the file writes that a text is no comment of Reddit's
SYNTHETIC_WEIGHT: Final = 0.5  # written by a language model: weaker evidence than a person's comment


def read(folder: Path) -> Iterator[Example]:
    """Yield every comment, by the part of it that its label speaks of."""
    for file, split in FILES.items():
        for number, row in read_csv(folder / file, ("CommentID", "ActionFocusedText", "Label")):
            synthetic = row.get("AugmentationType") == "Synthetic"
            yield Example(
                id=f"{NAME}:{split}:{number}",
                text=row["ActionFocusedText"],
                language="en",
                corpus=NAME,
                licence=LICENCE,
                labels=labels(row, file, number),
                group=None if row["CommentID"] in NOBODYS else row["CommentID"],
                split=split,
                weight=SYNTHETIC_WEIGHT if synthetic else 1.0,
                synthetic=synthetic,
            )


def labels(row: Mapping[str, str], file: str, number: int) -> dict[Signal, Label]:
    """Return what one row says; no comment here is presumed to promote an extremist movement."""
    named = row["Label"]
    if named not in CLASSES:
        raise CorpusError(f"{file}, row {number}: label must be one of {sorted(CLASSES)}, was {shown(named)}")
    return {Signal.CALL_TO_ACTION: CLASSES[named], Signal.EXTREMISM: Label.PRESUMED_NEGATIVE}


CORPUS: Final = Corpus(
    name=NAME,
    title="Participation in Collective Action (Pera and Aiello 2025)",
    licence=LICENCE,
    language="en",
    origin="github.com/ariannap13/extract_collective_action",
    files=(
        CorpusFile(
            "train_set.csv",
            size=1_518_732,
            sha256="d4d64835c61dfb32d64c89439701d8a466b37f967990426001438ea4417424f4",
            url=f"{UPSTREAM}/data/train_set.csv",
        ),
        CorpusFile(
            "test_set.csv",
            size=1_106_211,
            sha256="e3d95b28de343856c5f20239e404ae0d8a1900040b41efd67c66efafde08a0b6",
            url=f"{UPSTREAM}/data/test_set.csv",
        ),
    ),
    read=read,
)
