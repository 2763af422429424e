"""MUC-3 and MUC-4: newswire about attacks. Third-person reports only, for false-positive audits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tocsin.example import Example, Split
from tocsin.training.corpora.corpus import Corpus, read_json, read_json_lines

__all__ = ["CORPUS"]

NAME: Final = "muc"
LICENCE: Final = "public newswire; copy under MIT"
FILES: Final = ("train.json", "dev.json", "test.json")
EXCLUDED: Final = "not-third-person.json"


def read(folder: Path) -> Iterator[Example]:
    """Yield every report; broadcasts, communiques, interviews and speeches are left out."""
    spoken = frozenset(read_json(folder / EXCLUDED, "docid"))
    for file in FILES:
        for _, row in read_json_lines(folder / file, ("docid", "doctext")):
            if row["docid"] not in spoken:
                yield Example(
                    id=f"{NAME}:{row['docid']}",
                    text=row["doctext"],
                    language="en",
                    corpus=NAME,
                    licence=LICENCE,
                    split=Split.TEST,
                )


CORPUS: Final = Corpus(
    name=NAME,
    title="MUC-3 and MUC-4, processed by Du et al. 2021",
    licence=LICENCE,
    language="en",
    files=(*FILES, EXCLUDED),
    read=read,
    test_only=True,
)
