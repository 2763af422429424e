"""HatemojiBuild (Kirk et al. 2022): written by annotators against models, in contrast pairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tocsin.errors import CorpusError
from tocsin.example import Example, Label, Split
from tocsin.signals import Signal
from tocsin.training.corpora.corpus import GITHUB, Corpus, CorpusFile, flag, read_csv, shown, sign

__all__ = ["CORPUS"]

NAME: Final = "hatemoji-build"
LICENCE: Final = "CC-BY-4.0"
UPSTREAM: Final = f"{GITHUB}/HannahKirk/Hatemoji/a626f63216158748d072e581efc00267031f4404"
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
    origin="github.com/HannahKirk/Hatemoji",
    files=(
        CorpusFile(
            "train.csv",
            size=692_090,
            sha256="2255818a5b10153876320068451be582ed876a2eefb22a250bd2f6478d1815e5",
            url=f"{UPSTREAM}/HatemojiBuild/train.csv",
        ),
        CorpusFile(
            "validation.csv",
            size=83_297,
            sha256="721094d44fceb923a0b3897935126a654bbb1f092b1fed6a74d80e4a845c6f43",
            url=f"{UPSTREAM}/HatemojiBuild/validation.csv",
        ),
        CorpusFile(
            "test.csv",
            size=86_451,
            sha256="4b067b445c6445dbd4036d7c75dde21f72928bfd31db63d1c53d66226c53be99",
            url=f"{UPSTREAM}/HatemojiBuild/test.csv",
        ),
    ),
    read=read,
)
