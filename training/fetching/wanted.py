"""A file that is asked for, and who watches it arrive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from tocsin.training.corpora.corpus import Corpus, CorpusFile

__all__ = ["Silent", "Wanted", "Watch", "wanted_files"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Name one file and the corpus that it belongs to."""

    corpus: Corpus
    file: CorpusFile

    def __str__(self) -> str:
        return f"{self.corpus.name}/{self.file.name}"


class Watch(Protocol):
    """Be told how files arrive, and what they wait for."""

    def arrived(self, wanted: Wanted, size: int) -> None:
        """Hear that `size` bytes of a file, counted from its start, are there by now."""

    def waits(self, wanted: Wanted, why: str) -> None:
        """Hear what a file waits for."""


class Silent:
    """Watch, and tell nobody."""

    def arrived(self, wanted: Wanted, size: int) -> None:
        """Tell nobody."""

    def waits(self, wanted: Wanted, why: str) -> None:
        """Tell nobody."""


def wanted_files(corpora: Iterable[Corpus]) -> Iterator[Wanted]:
    """Yield every file of the corpora, in order."""
    for corpus in corpora:
        for file in corpus.files:
            yield Wanted(corpus, file)
