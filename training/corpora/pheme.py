"""PHEME (Zubiaga et al. 2016): tweets on breaking news about attacks, for false-positive audits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tocsin.example import Example, Split
from tocsin.training.corpora.corpus import Corpus, read_csv

__all__ = ["CORPUS"]

NAME: Final = "pheme"
LICENCE: Final = "CC-BY-4.0"
FILE: Final = "012-Pheme.csv"


def read(folder: Path) -> Iterator[Example]:
    """Yield every tweet. Nobody labelled them for hate: presumed negative, never trained on."""
    for _, row in read_csv(folder / FILE, ("tweetID", "text")):
        yield Example(
            id=f"{NAME}:{row['tweetID']}",
            text=row["text"],
            language="en",
            corpus=NAME,
            licence=LICENCE,
            split=Split.TEST,
        )


CORPUS: Final = Corpus(
    name=NAME,
    title="PHEME (Zubiaga et al. 2016)",
    licence=LICENCE,
    language="en",
    files=(FILE,),
    read=read,
    test_only=True,
)
