"""Multilingual HateCheck (Röttger et al. 2022): its functional tests in German."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tocsin.errors import CorpusError
from tocsin.example import Example, Label, Split
from tocsin.signals import Signal
from tocsin.training.corpora.corpus import GITHUB, Corpus, CorpusFile, read_csv, shown

__all__ = ["CORPUS"]

NAME: Final = "multilingual-hatecheck"
LICENCE: Final = "CC-BY-4.0"
UPSTREAM: Final = f"{GITHUB}/rewire-online/multilingual-hatecheck/a03f2caf2023a402d85064bda243e46d280408f0"
FILE: Final = "hatecheck_cases_final_german.csv"
COLUMNS: Final = (
    "mhc_case_id",
    "test_case",
    "label_gold",
    "functionality",
    "target_ident",
    "label_annotated_maj",
    "templ_id",
)
CLASSES: Final = {"hateful": Label.POSITIVE, "non-hateful": Label.NEGATIVE}


def read(folder: Path) -> Iterator[Example]:
    """Yield every case."""
    for number, row in read_csv(folder / FILE, COLUMNS):
        yield Example(
            id=f"{NAME}:{row['mhc_case_id']}",
            text=row["test_case"],
            language="de",
            corpus=NAME,
            licence=LICENCE,
            labels=labels(row, number),
            split=Split.TEST,
            attributes=attributes(row, number),
        )


def labels(row: Mapping[str, str], number: int) -> dict[Signal, Label]:
    """Return what one row says: what its template means, whatever its three annotators read in it."""
    return {Signal.HATE: _class(row, "label_gold", number)}


def attributes(row: Mapping[str, str], number: int) -> dict[str, str]:
    """Return what a case tests: functionality, template, target, and whether most annotators agreed.

    A case that names no protected group has no target.
    """
    gold, annotated = (_class(row, column, number) for column in ("label_gold", "label_annotated_maj"))
    found = {
        "functionality": row["functionality"],
        "template": row["templ_id"],
        "agreed": "yes" if annotated is gold else "no",
    }
    return found | ({"target": row["target_ident"]} if row["target_ident"] else {})


def _class(row: Mapping[str, str], column: str, number: int) -> Label:
    named = row[column]
    if named not in CLASSES:
        raise CorpusError(
            f"{FILE}, row {number}: {column} must be one of {sorted(CLASSES)}, was {shown(named)}"
        )
    return CLASSES[named]


CORPUS: Final = Corpus(
    name=NAME,
    title="Multilingual HateCheck, German (Röttger et al. 2022)",
    licence=LICENCE,
    language="de",
    origin="github.com/rewire-online/multilingual-hatecheck",
    files=(
        CorpusFile(
            "hatecheck_cases_final_german.csv",
            size=883_538,
            sha256="ecdef4611b877120d0a8feec9c0cd0dfc1efec7ead4bbd62eaf32f6cc80d2ee0",
            url=f"{UPSTREAM}/MHC%20Final%20Cases/hatecheck_cases_final_german.csv",
        ),
    ),
    read=read,
    test_only=True,
)
