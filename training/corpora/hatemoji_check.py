"""HatemojiCheck (Kirk et al. 2022): functional tests for hate that is written with emoji."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tocsin.example import Example, Label, Split
from tocsin.signals import Signal
from tocsin.training.corpora.corpus import GITHUB, Corpus, CorpusFile, flag, read_csv, sign

__all__ = ["CORPUS"]

NAME: Final = "hatemoji-check"
LICENCE: Final = "CC-BY-4.0"
UPSTREAM: Final = f"{GITHUB}/HannahKirk/Hatemoji/a626f63216158748d072e581efc00267031f4404"
FILE: Final = "test.csv"
COLUMNS: Final = ("case_id", "text", "label_gold", "functionality", "target", "set", "templ_id")
NOBODY: Final = "None"  # how the file writes that a case speaks of no protected group


def read(folder: Path) -> Iterator[Example]:
    """Yield every case."""
    for number, row in read_csv(folder / FILE, COLUMNS):
        yield Example(
            id=f"{NAME}:{row['case_id']}",
            text=row["text"],
            language="en",
            corpus=NAME,
            licence=LICENCE,
            labels=labels(row, number),
            split=Split.TEST,
            attributes=attributes(row),
        )


def labels(row: Mapping[str, str], number: int) -> dict[Signal, Label]:
    """Return what one row says."""
    return {Signal.HATE: sign(positive=flag(row, "label_gold", f"{FILE}, row {number}"))}


def attributes(row: Mapping[str, str]) -> dict[str, str]:
    """Return the functionality that a case tests, its template and its set (original, or which perturbation).

    Its target too, where it has one.
    """
    found = {
        "functionality": row["functionality"],
        "template": row["templ_id"].partition(".")[0],  # behind the point stands the perturbation
        "target": row["target"],
        "set": row["set"],
    }
    return {name: value for name, value in found.items() if value != NOBODY}


CORPUS: Final = Corpus(
    name=NAME,
    title="HatemojiCheck (Kirk et al. 2022)",
    licence=LICENCE,
    language="en",
    origin="github.com/HannahKirk/Hatemoji",
    files=(
        CorpusFile(
            "test.csv",
            size=349_034,
            sha256="9aa6bf78370a87b56b7e117593e7c5e798a933083fe4cfd9bf1b26baf785a7da",
            url=f"{UPSTREAM}/HatemojiCheck/test.csv",
        ),
    ),
    read=read,
    test_only=True,
)
