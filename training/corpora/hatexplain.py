"""HateXplain (Mathew et al. 2021): posts from Gab and Twitter; what offends is told from what hates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tocsin.errors import CorpusError
from tocsin.example import Example, Label, Split
from tocsin.signals import Signal
from tocsin.training.corpora.corpus import GITHUB, Corpus, CorpusFile, read_csv, read_json, shown

__all__ = ["CORPUS"]

NAME: Final = "hatexplain"
LICENCE: Final = "MIT"
RENDERED: Final = f"{GITHUB}/Media-Bias-Group/MBIB/b9a887ffd461fa462e89835fc27b36e370091954"
UPSTREAM: Final = f"{GITHUB}/hate-alert/HateXplain/01d742279dac941981f53806154481c0e15ee686"
FILE: Final = "092-HateXplain.csv"
DIVISIONS: Final = "post_id_divisions.json"
POST: Final = ""  # the first column has no name; the one called "id" is not the post's
SPLITS: Final = {"train": Split.TRAIN, "val": Split.DEV, "test": Split.TEST}
CATEGORIES: Final = {"0": "normal", "1": "hatespeech", "2": "offensive", "3": "undecided"}
CLASSES: Final = {
    "normal": Label.NEGATIVE,
    "hatespeech": Label.POSITIVE,
    "offensive": Label.NEGATIVE,
}


def read(folder: Path) -> Iterator[Example]:
    """Yield every post on which most annotators agreed; only they have a place in the official split."""
    places = {post: split for name, split in SPLITS.items() for post in read_json(folder / DIVISIONS, name)}
    for number, row in read_csv(folder / FILE, (POST, "text", "category")):
        category = _category(row, number)
        if category in CLASSES:
            yield Example(
                id=f"{NAME}:{row[POST]}",
                text=row["text"],
                language="en",
                corpus=NAME,
                licence=LICENCE,
                labels={Signal.HATE: CLASSES[category]},
                split=_split(row, places, number),
                attributes={"category": category},
            )


def _category(row: Mapping[str, str], number: int) -> str:
    named = row["category"]
    if named not in CATEGORIES:
        raise CorpusError(
            f"{FILE}, row {number}: category must be one of {sorted(CATEGORIES)}, was {shown(named)}"
        )
    return CATEGORIES[named]


def _split(row: Mapping[str, str], places: Mapping[str, Split], number: int) -> Split:
    if row[POST] not in places:
        raise CorpusError(f"{FILE}, row {number}: post must stand in {DIVISIONS}, was {shown(row[POST])}")
    return places[row[POST]]


CORPUS: Final = Corpus(
    name=NAME,
    title="HateXplain (Mathew et al. 2021), without rationales and targets",
    licence=LICENCE,
    language="en",
    origin="github.com/hate-alert/HateXplain",
    files=(
        CorpusFile(
            "092-HateXplain.csv",
            size=3_143_434,
            sha256="fc8d5437a6a50d4d4083a60effc0ccbea8df788487c7b3ab50d88a77c3ba023b",
            url=f"{RENDERED}/datasets/092_HateXplain/092-HateXplain.csv",
        ),
        CorpusFile(
            "post_id_divisions.json",
            size=591_921,
            sha256="c2fb0d89862e7897b11ea3e9380753f15a793482b4b70ad0532dfb1212212835",
            url=f"{UPSTREAM}/Data/post_id_divisions.json",
        ),
    ),
    read=read,
)
