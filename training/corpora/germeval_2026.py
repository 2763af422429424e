"""GermEval 2025/2026 (harmful content detection): posts of a German far-right network, three tasks.

A file holds one task; a post stands under one id in up to three of them, and is one example.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tocsin.errors import CorpusError
from tocsin.example import Example, Label
from tocsin.signals import Signal
from tocsin.training.corpora.corpus import GITHUB, Corpus, CorpusFile, read_csv, shown, sign

__all__ = ["CORPUS"]

NAME: Final = "germeval-2026"
LICENCE: Final = "GPL-3.0"
UPSTREAM: Final = (
    f"{GITHUB}/Communication-Forensics-Lab/harmful-content-detection/807e1bf29ac5dce5eb2c70b12621b3f664abb5ab"
)
FILES: Final = {"c2a": "c2a_train_26.csv", "dbo": "dbo_train_26.csv", "vio": "vio_train_26.csv"}
CALLS: Final = {"TRUE": True, "FALSE": False}
ATTACKS: Final = {"agitation": True, "subversive": True, "nothing": False, "criticism": False}
VIOLENCE: Final = {
    "call2violence": Signal.INCITEMENT,
    "prospensity": Signal.THREAT,  # spelled so upstream
    "support": Signal.GLORIFICATION,
    "glorification": Signal.GLORIFICATION,
    "nothing": None,
}


def _violence(positive: Signal | None) -> dict[Signal, Label]:
    return {signal: sign(positive=signal is positive) for signal in VIOLENCE.values() if signal is not None}


CLASSES: Final[Mapping[str, Mapping[str, Mapping[Signal, Label]]]] = {
    "c2a": {named: {Signal.CALL_TO_ACTION: sign(positive=call)} for named, call in CALLS.items()},
    "dbo": {named: {Signal.EXTREMISM: sign(positive=attack)} for named, attack in ATTACKS.items()},
    "vio": {
        **{named: _violence(signal) for named, signal in VIOLENCE.items()},
        "other": dict.fromkeys(_violence(None), Label.UNKNOWN),  # may be any of the three, or none
    },
}


@dataclass(frozen=True, slots=True)
class _Row:
    """Hold what one file says of a post."""

    task: str
    named: str
    text: str = field(repr=False)
    labels: Mapping[Signal, Label]


def read(folder: Path) -> Iterator[Example]:
    """Yield every post with the labels of all its tasks, in the text that it has in the first file."""
    posts: dict[str, list[_Row]] = defaultdict(list)
    for task, file in FILES.items():
        for number, row in read_csv(folder / file, ("id", "description", task), delimiter=";"):
            said = posts[row["id"]]
            place = f"{file}, row {number}"
            _check(row, said, task, place)
            said.append(_Row(task, row[task], row["description"], labels(row, task, place)))
    for identity, rows in posts.items():
        yield _example(identity, rows)


def labels(row: Mapping[str, str], task: str, place: str) -> Mapping[Signal, Label]:
    """Return what one row of a task's file says."""
    named = row[task]
    if named not in CLASSES[task]:
        raise CorpusError(f"{place}: {task} must be one of {sorted(CLASSES[task])}, was {shown(named)}")
    return CLASSES[task][named]


def _check(row: Mapping[str, str], said: Sequence[_Row], task: str, place: str) -> None:
    """Refuse an id that is none, that its file has already, or that is another post's elsewhere.

    The files write the line ends of 382 posts in different ways: white space makes no other post.
    """
    identity = row["id"]
    if not (identity.isascii() and identity.isdecimal()):
        raise CorpusError(f"{place}: id must be a number, was {shown(identity)}")
    if any(other.task == task for other in said):
        raise CorpusError(f"{place}: id must stand once in a file, was {shown(identity)} again")
    if any(not _same(other.text, row["description"]) for other in said):
        raise CorpusError(f"{place}: id must have one text in all files, was {shown(identity)} with another")


def _same(text: str, other: str) -> bool:
    return text == other or text.split() == other.split()


def _example(identity: str, rows: Sequence[_Row]) -> Example:
    return Example(
        id=f"{NAME}:{identity}",
        text=rows[0].text,
        language="de",
        corpus=NAME,
        licence=LICENCE,
        labels={signal: label for row in rows for signal, label in row.labels.items()},
        attributes={row.task: row.named for row in rows},
    )


CORPUS: Final = Corpus(
    name=NAME,
    title="GermEval 2025/2026 shared task on harmful content detection",
    licence=LICENCE,
    language="de",
    origin="github.com/Communication-Forensics-Lab/harmful-content-detection",
    files=(
        CorpusFile(
            "c2a_train_26.csv",
            size=3_026_492,
            sha256="2c0cd0e88a3147f5b3a37a25beb26a730ba9ef2073314c61b7c17afe2abfe289",
            url=f"{UPSTREAM}/GermEval2026/data/c2a/c2a_train_26.csv",
        ),
        CorpusFile(
            "dbo_train_26.csv",
            size=2_854_808,
            sha256="5b961cf593c5d699a7256d5e973d470418064318379d1f8ed7762e2585352790",
            url=f"{UPSTREAM}/GermEval2026/data/dbo/dbo_train_26.csv",
        ),
        CorpusFile(
            "vio_train_26.csv",
            size=3_176_542,
            sha256="628d14a4b30a81af306e3f2101886250eac4826a3097354f3a3bf9e5e0ecfc67",
            url=f"{UPSTREAM}/GermEval2026/data/vio/vio_train_26.csv",
        ),
    ),
    read=read,
)
