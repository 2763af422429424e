"""A file of a user's own: how it is laid out, and what its corpus is called."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import BinaryIO, Final, TypeAlias

from tocsin.errors import InputError
from tocsin.training.corpora import CORPORA
from tocsin.training.own_rows.lines import PACKINGS
from tocsin.training.own_rows.read_csv import read_csv, read_tsv
from tocsin.training.own_rows.read_jsonl import read_jsonl
from tocsin.training.own_rows.read_parquet import read_parquet
from tocsin.training.own_rows.record import Record
from tocsin.training.own_rows.terms import Terms

__all__ = ["READERS", "Source", "corpus_name"]

Reader: TypeAlias = Callable[[BinaryIO, str | None, Terms], Iterator[Record]]

READERS: Final[Mapping[str, Reader]] = {
    ".csv": read_csv,
    ".tsv": read_tsv,
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".parquet": read_parquet,
}
_LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class Source:
    """Hold a file, its corpus's name, what reads its records and how it is packed (None: not)."""

    path: Path
    corpus: str
    read: Reader
    packing: str | None

    @classmethod
    def of(cls, path: Path) -> Source:
        """Return what the file's name says; raise InputError where it says nothing that is known."""
        packing = path.suffix.lower() if path.suffix.lower() in PACKINGS else None
        bare = PurePath(path.stem) if packing else path
        reader = READERS.get(bare.suffix.lower())
        if reader is None:
            raise InputError(
                f"{path}: a file name must end in one of {', '.join(READERS)},"
                f" a text file also in {' or '.join(PACKINGS)} after that"
            )
        return cls(path, _corpus(path, bare.stem), reader, packing)


def corpus_name(path: Path) -> str:
    """Return what a file's rows have as their corpus, and at the beginning of their ids."""
    return Source.of(path).corpus


def _corpus(path: Path, stem: str) -> str:
    """Return the name of the corpus: the file's, in small letters, digits and single hyphens."""
    name = re.sub(r"[\W_]+", "-", stem.casefold()).strip("-")
    if not 0 < len(name) <= _LONGEST_NAME:
        raise InputError(
            f"{path}: a file's name must have 1 to {_LONGEST_NAME} letters or digits, had {len(name)}"
        )
    if name in CORPORA:
        raise InputError(f"{path}: a file must not be named as a corpus is, was {name!r}")
    return name
