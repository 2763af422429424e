"""MUC-3 and MUC-4: newswire about attacks. Third-person reports only, for false-positive audits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tocsin.example import Example, Split
from tocsin.training.corpora.corpus import GITHUB, Corpus, CorpusFile, read_json, read_json_lines

__all__ = ["CORPUS"]

NAME: Final = "muc"
LICENCE: Final = "public newswire; copy under MIT"
UPSTREAM: Final = f"{GITHUB}/xinyadu/grit_doc_event_entity/d8212bc3f6677994576aa426c26f6939b0eb8bf1"
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
    origin="github.com/xinyadu/grit_doc_event_entity",
    files=(
        CorpusFile(
            "train.json",
            size=2_889_763,
            sha256="820f68b4006cc33d3d209f6143d4a925ab2cd9a1296043d778b8c15b1041ac5e",
            url=f"{UPSTREAM}/data/muc/processed/train.json",
        ),
        CorpusFile(
            "dev.json",
            size=465_318,
            sha256="00a501201e0776e0d774070eb4fcb885cbfdd3ea42d75c63931d2630aa737feb",
            url=f"{UPSTREAM}/data/muc/processed/dev.json",
        ),
        CorpusFile(
            "test.json",
            size=431_074,
            sha256="88dcdb26cccf2dbf84363927aa2fca19896c87481ac66d0ea41a3741e7dca09b",
            url=f"{UPSTREAM}/data/muc/processed/test.json",
        ),
        CorpusFile(
            "not-third-person.json",
            size=9_928,
            sha256="c3b7524047e2f10ac073d43d443e8789eb674f15ef80a3bbfa254dd484681f1a",
        ),
    ),
    read=read,
    test_only=True,
)
