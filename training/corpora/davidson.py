"""Davidson et al. 2017: tweets, hateful, offensive or neither. Much dialect and reclaimed speech."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tocsin.errors import CorpusError
from tocsin.example import Example, Label
from tocsin.signals import Signal
from tocsin.training.corpora.corpus import GITHUB, Corpus, CorpusFile, read_csv, shown

__all__ = ["CORPUS"]

NAME: Final = "davidson"
LICENCE: Final = "MIT"
UPSTREAM: Final = (
    f"{GITHUB}/t-davidson/hate-speech-and-offensive-language/cb50f7e9eb855a99abc51423bf40df0e26d6fe30"
)
FILE: Final = "labeled_data.csv"
TWEET: Final = ""  # the first column has no name: the numbers of the tweets, with gaps
CLASSES: Final = {"0": "hate speech", "1": "offensive", "2": "neither"}
LABELS: Final[Mapping[str, Mapping[Signal, Label]]] = {
    "hate speech": {Signal.HATE: Label.POSITIVE},
    "offensive": {Signal.HATE: Label.NEGATIVE},
    "neither": {Signal.HATE: Label.NEGATIVE, Signal.EXTREMISM: Label.PRESUMED_NEGATIVE},
}


def read(folder: Path) -> Iterator[Example]:
    """Yield every tweet."""
    for number, row in read_csv(folder / FILE, (TWEET, "class", "tweet")):
        named = _class(row, number)
        yield Example(
            id=f"{NAME}:{row[TWEET]}",
            text=row["tweet"],
            language="en",
            corpus=NAME,
            licence=LICENCE,
            labels=LABELS[named],
            attributes={"class": named},
        )


def _class(row: Mapping[str, str], number: int) -> str:
    if row["class"] not in CLASSES:
        raise CorpusError(
            f"{FILE}, row {number}: class must be one of {sorted(CLASSES)}, was {shown(row['class'])}"
        )
    return CLASSES[row["class"]]


CORPUS: Final = Corpus(
    name=NAME,
    title="Hate Speech and Offensive Language (Davidson et al. 2017)",
    licence=LICENCE,
    language="en",
    origin="github.com/t-davidson/hate-speech-and-offensive-language",
    files=(
        CorpusFile(
            "labeled_data.csv",
            size=2_546_446,
            sha256="fcb8bc7c68120ae4af04a5b9acd58585513ede11e1548ebf36a5c2040b6f6281",
            url=f"{UPSTREAM}/data/labeled_data.csv",
        ),
    ),
    read=read,
)
