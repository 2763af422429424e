"""The Gab Hate Corpus (Kennedy et al. 2022): posts from Gab, labelled for calls for violence and hate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tocsin.example import Example, Label, Split
from tocsin.signals import Signal
from tocsin.training.corpora.corpus import GITHUB, Corpus, CorpusFile, flag, read_csv, sign

__all__ = ["CORPUS"]

NAME: Final = "gab-hate-corpus"
LICENCE: Final = "CC-BY-4.0"
UPSTREAM: Final = f"{GITHUB}/liuchaoqun/hate-speech-datasets/98f3ee8104cf87bb91ed3e64c31a3097b9f8de84"
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
    origin="osf.io/edua3",
    files=(
        CorpusFile(
            "ghc_train.tsv",
            size=3_014_766,
            sha256="c82a27336560d3a6822a4cc3f92856481af5fd63aa2ce8d0ca644d440d351d43",
            url=f"{UPSTREAM}/GabHateCorpus/Data/ghc_train.tsv",
        ),
        CorpusFile(
            "ghc_test.tsv",
            size=763_748,
            sha256="0c64ffe8d7e4e72303f9d33723f5750aa852223bc32554b529afba3a6efb1ddc",
            url=f"{UPSTREAM}/GabHateCorpus/Data/ghc_test.tsv",
        ),
    ),
    read=read,
)
