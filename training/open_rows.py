"""Rows that training may learn from: no official test among them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tocsin.errors import CorpusError
from tocsin.example import Example, Split
from tocsin.training.corpora import Corpus

__all__ = ["read_open_rows"]


def read_open_rows(data: Path, corpora: Sequence[Corpus]) -> list[Example]:
    """Return the rows of corpora below the data folder, without those of official tests.

    A test stays as it was published: nothing is looked for in it. Raises CorpusError where no row is left.
    """
    rows = [
        example
        for corpus in corpora
        if not corpus.test_only
        for example in corpus.examples(data)
        if example.split is not Split.TEST
    ]
    if not rows:
        raise CorpusError("at least one corpus must have rows outside official tests, none had")
    return rows
