"""Fifth Tribe 2016: what accounts that supported an armed group posted, most of it news or chatter.

The account was judged, no post was: noisy evidence for an experiment, never gold and never a test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tocsin.errors import CorpusError
from tocsin.example import Example, Split
from tocsin.training.corpora.corpus import Corpus, CorpusFile, read_csv, shown

__all__ = ["CORPUS"]

NAME: Final = "isis-supporters"
LICENCE: Final = "CC0-1.0"
FILE: Final = "tweets.csv"
ACCOUNT: Final = re.compile(r"[0-9a-f]{8}")  # a hash: the names themselves are not in the file
EVIDENCE: Final = {"evidence": "supporter account"}


def read(folder: Path) -> Iterator[Example]:
    """Yield every tweet; it says nothing, but for whose account it is from."""
    for number, row in read_csv(folder / FILE, ("group", "text")):
        yield Example(
            id=f"{NAME}:{number}",
            text=row["text"],
            language="en",
            corpus=NAME,
            licence=LICENCE,
            group=_account(row, number),
            split=Split.TRAIN,  # a row without a place of its own could be drawn into a test
            attributes=EVIDENCE,
        )


def _account(row: Mapping[str, str], number: int) -> str:
    if ACCOUNT.fullmatch(row["group"]) is None:
        raise CorpusError(
            f"{FILE}, row {number}: group must be 8 hexadecimal digits, was {shown(row['group'])}"
        )
    return row["group"]


CORPUS: Final = Corpus(
    name=NAME,
    title="How ISIS Uses Twitter (Fifth Tribe 2016), account names hashed",
    licence=LICENCE,
    language="en",
    origin="kaggle.com/datasets/fifthtribe/how-isis-uses-twitter",
    files=(
        CorpusFile(
            "tweets.csv",
            size=1_923_370,
            sha256="3526354cfdccabbaf383266d1720fa63e38a3f791d835369b52911459d1183b7",
        ),
    ),
    read=read,
    by_default=False,
)
