"""HateCheck (Röttger et al. 2021): functional tests for hate speech detection, in English."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tocsin.errors import CorpusError
from tocsin.example import Example, Label, Split
from tocsin.signals import Signal
from tocsin.training.corpora.corpus import GITHUB, Corpus, CorpusFile, read_csv, shown

__all__ = ["CORPUS"]

NAME: Final = "hatecheck"
LICENCE: Final = "CC-BY-4.0"
UPSTREAM: Final = f"{GITHUB}/paul-rottger/hatecheck-data/d84302298ceeb34f4b0dde2d8a1f4932c2caa612"
FILE: Final = "test_suite_cases.csv"
COLUMNS: Final = (
    "case_id",
    "test_case",
    "label_gold",
    "functionality",
    "target_ident",
    "direction",
    "templ_id",
)
CLASSES: Final = {"hateful": Label.POSITIVE, "non-hateful": Label.NEGATIVE}
NOTHING: Final = frozenset({"", "-"})  # how the file writes no target and no direction


def read(folder: Path) -> Iterator[Example]:
    """Yield every case."""
    for number, row in read_csv(folder / FILE, COLUMNS):
        yield Example(
            id=f"{NAME}:{row['case_id']}",
            text=row["test_case"],
            language="en",
            corpus=NAME,
            licence=LICENCE,
            labels=labels(row, number),
            split=Split.TEST,
            attributes=attributes(row),
        )


def labels(row: Mapping[str, str], number: int) -> dict[Signal, Label]:
    """Return what one row says."""
    named = row["label_gold"]
    if named not in CLASSES:
        raise CorpusError(
            f"{FILE}, row {number}: label_gold must be one of {sorted(CLASSES)}, was {shown(named)}"
        )
    return {Signal.HATE: CLASSES[named]}


def attributes(row: Mapping[str, str]) -> dict[str, str]:
    """Return the functionality that a case tests and its template; target and direction where it has them."""
    found = {
        "functionality": row["functionality"],
        "template": row["templ_id"],
        "target": row["target_ident"],
        "direction": row["direction"],
    }
    return {name: value for name, value in found.items() if value not in NOTHING}


CORPUS: Final = Corpus(
    name=NAME,
    title="HateCheck (Röttger et al. 2021)",
    licence=LICENCE,
    language="en",
    origin="github.com/paul-rottger/hatecheck-data",
    files=(
        CorpusFile(
            "test_suite_cases.csv",
            size=664_630,
            sha256="ecf0dc1e93fccc90b6f880e632b19e635c0f0a68b3157915a9e20b6938f121cf",
            url=f"{UPSTREAM}/test_suite_cases.csv",
        ),
    ),
    read=read,
    test_only=True,
)
