"""Corpora as one dataset: chosen, read, counted, and known by their checksums."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tocsin.errors import CorpusError
from tocsin.example import Example, Label
from tocsin.licences import Licences
from tocsin.signals import Signal
from tocsin.training.corpora import CORPORA, Corpus

__all__ = ["checksums", "choose", "counts", "read_corpora", "sha256"]


def choose(names: Sequence[str] | None, licences: Licences = Licences.ALL) -> list[Corpus]:
    """Return the named corpora, for None all that are read by default and whose licence is admitted.

    Raises CorpusError for an unknown name, and for a named corpus whose licence is not admitted.
    """
    for name in names or ():
        if name not in CORPORA:
            raise CorpusError(f"corpus must be one of {', '.join(CORPORA)}; was {name!r}")
        if not licences.admit(CORPORA[name].licence):
            raise CorpusError(f"{name}: licence must be {licences}, was {CORPORA[name].licence}")
    if names:
        return [CORPORA[name] for name in names]
    return [corpus for corpus in CORPORA.values() if corpus.by_default and licences.admit(corpus.licence)]


def read_corpora(data: Path, names: Sequence[str] | None = None) -> list[Example]:
    """Return every row of the named corpora below the data folder, in order."""
    return [example for corpus in choose(names) for example in corpus.examples(data)]


def counts(examples: Iterable[Example]) -> list[dict[str, Any]]:
    """Count labels by corpus, language, split and signal: one row each, in a fixed order."""
    found: Counter[tuple[str, str, str, Signal]] = Counter()
    labels: Counter[tuple[str, str, str, Signal, Label]] = Counter()
    for example in examples:
        for signal in Signal:
            place = (example.corpus, example.language, example.split or "none", signal)
            found[place] += 1
            labels[*place, example.label(signal)] += 1
    return [
        {
            "corpus": corpus,
            "language": language,
            "split": split,
            "signal": signal.value,
            **{label.value: labels[corpus, language, split, signal, label] for label in Label},
        }
        for corpus, language, split, signal in sorted(found)
    ]


def checksums(data: Path, corpora: Iterable[Corpus]) -> Mapping[str, Mapping[str, str]]:
    """Return the SHA-256 of every file that the corpora are read from."""
    return {corpus.name: {path.name: sha256(path) for path in corpus.paths(data)} for corpus in corpora}


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
