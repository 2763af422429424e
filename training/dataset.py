"""Corpora as one dataset: read, split, counted, and as Hugging Face tables with declared features."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from datasets import ClassLabel, Dataset, Features, List, Value

from tocsin.errors import CorpusError
from tocsin.example import Example, Label, Split
from tocsin.signals import Signal
from tocsin.training.corpora import CORPORA, Corpus
from tocsin.training.licences import Licences

__all__ = ["FEATURES", "checksums", "choose", "counts", "read_corpora", "sha256", "to_table"]

FEATURES: Final = Features(
    {
        "id": Value("string"),
        "text": Value("string"),
        "language": Value("string"),
        "corpus": Value("string"),
        "licence": Value("string"),
        "group": Value("string"),
        "partners": List(Value("string")),
        "split": ClassLabel(names=[split.value for split in Split]),
        "weight": Value("float64"),
        "inclusion": Value("float64"),
        "synthetic": Value("bool"),
        "attributes": List({"name": Value("string"), "value": Value("string")}),
        **{signal.value: ClassLabel(names=[label.value for label in Label]) for signal in Signal},
    }
)


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


def to_table(examples: Iterable[Example]) -> Dataset:
    """Return a `datasets.Dataset` with one label column a signal; a null split has no official place."""
    rows = [_row(example) for example in examples]
    return Dataset.from_dict({name: [row[name] for row in rows] for name in FEATURES}, features=FEATURES)


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


def _row(example: Example) -> dict[str, Any]:
    row = example.to_dict()
    del row["labels"]
    row["attributes"] = [{"name": name, "value": value} for name, value in example.attributes.items()]
    return row | {signal.value: example.label(signal).value for signal in Signal}
