"""Whether a file is the one that its corpus registered, byte for byte."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from io import BufferedRandom, BufferedReader
from pathlib import Path

from tocsin.training.corpora.corpus import Corpus, CorpusFile
from tocsin.training.fetching.place import Place
from tocsin.training.fetching.wanted import Wanted, wanted_files

__all__ = ["Condition", "Finding", "check_files", "compare", "examine"]


class Condition(StrEnum):
    """Say how a file stands to what is registered of it."""

    OK = "ok"
    MISSING = "missing"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class Finding:
    """Hold what examining a file came to: `size` in bytes as found, `reason` None where it is ok."""

    condition: Condition
    size: int
    reason: str | None = None

    @property
    def ok(self) -> bool:
        """Say whether the file is the registered one."""
        return self.condition is Condition.OK


def check_files(corpora: Iterable[Corpus], data: Path) -> Iterator[tuple[Wanted, Finding]]:
    """Yield how every file of the corpora stands below the data folder `data`, in order."""
    for wanted in wanted_files(corpora):
        yield wanted, examine(Place(data, wanted.corpus.name, wanted.file.name).target, wanted.file)


def examine(path: Path, file: CorpusFile) -> Finding:
    """Return how what stands at `path` compares; a link is read through, a dangling one differs."""
    if not os.path.lexists(path):
        return Finding(Condition.MISSING, 0, "is not there")
    if not path.is_file():
        return Finding(Condition.DIFFERS, 0, "must be a regular file, was not")
    try:
        with path.open("rb") as stream:
            return compare(stream, file)
    except OSError as error:
        return Finding(Condition.DIFFERS, 0, f"must be readable: {error.strerror}")


def compare(stream: BufferedReader | BufferedRandom, file: CorpusFile) -> Finding:
    """Return how an open file compares, read from its start."""
    size = os.fstat(stream.fileno()).st_size
    if size != file.size:
        return Finding(Condition.DIFFERS, size, f"size must be {file.size} bytes, was {size}")
    stream.seek(0)
    digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if digest != file.sha256:
        return Finding(Condition.DIFFERS, size, f"SHA-256 must be {file.sha256}, was {digest}")
    return Finding(Condition.OK, size)
