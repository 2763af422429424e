"""Gupta et al. 2017: what the public posts under hashtags about armed groups; nobody labelled it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tocsin.errors import CorpusError
from tocsin.example import Example, Label
from tocsin.signals import Signal
from tocsin.training.corpora.corpus import Corpus, CorpusFile, read_csv, shown

__all__ = ["CORPUS"]

NAME: Final = "isis-topic"
LICENCE: Final = "MIT"
FILE: Final = "tweets.csv"
ACCOUNT: Final = re.compile(r"[0-9a-f]{8}")  # a hash: the names themselves are not in the file


def read(folder: Path) -> Iterator[Example]:
    """Yield every tweet, presumed to promote nothing: news and comment, mostly."""
    for number, row in read_csv(folder / FILE, ("group", "text")):
        yield Example(
            id=f"{NAME}:{number}",
            text=row["text"],
            language="en",
            corpus=NAME,
            licence=LICENCE,
            labels={Signal.EXTREMISM: Label.PRESUMED_NEGATIVE},
            group=_account(row, number),
        )


def _account(row: Mapping[str, str], number: int) -> str:
    if ACCOUNT.fullmatch(row["group"]) is None:
        raise CorpusError(
            f"{FILE}, row {number}: group must be 8 hexadecimal digits, was {shown(row['group'])}"
        )
    return row["group"]


CORPUS: Final = Corpus(
    name=NAME,
    title="Posts of the public under hashtags about armed groups (Gupta et al. 2017), account names hashed",
    licence=LICENCE,
    language="en",
    origin="github.com/prabhakar267/radicalization-TT-dataset",
    files=(
        CorpusFile(
            "tweets.csv",
            size=1_198_974,
            sha256="922ba48424b8e91af2add0c3f8fc3dff27d06834c4c4668c0200a3a88908e076",
        ),
    ),
    read=read,
)
