"""PHEME (Zubiaga et al. 2016): tweets on breaking news about attacks, for false-positive audits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tocsin.example import Example, Split
from tocsin.training.corpora.corpus import GITHUB, Corpus, CorpusFile, read_csv

__all__ = ["CORPUS"]

NAME: Final = "pheme"
LICENCE: Final = "CC-BY-4.0"
UPSTREAM: Final = f"{GITHUB}/Media-Bias-Group/MBIB/b9a887ffd461fa462e89835fc27b36e370091954"
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
    origin="figshare.com/articles/dataset/PHEME",
    files=(
        CorpusFile(
            "012-Pheme.csv",
            size=685_521,
            sha256="867b9ea96316b4e70cd2e64054a4c2ac59d4ef144b653dfc4c0c30a21323766c",
            url=f"{UPSTREAM}/datasets/012_PHEME/012-Pheme.csv",
        ),
    ),
    read=read,
    test_only=True,
)
