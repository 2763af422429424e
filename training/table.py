"""Examples as Hugging Face tables with declared features."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from datasets import ClassLabel, Dataset, Features, List, Value

from tocsin.example import Example, Label, Split
from tocsin.signals import Signal

__all__ = ["FEATURES", "to_table"]

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


def to_table(examples: Iterable[Example]) -> Dataset:
    """Return a `datasets.Dataset` with one label column a signal; a null split has no official place."""
    rows = [_row(example) for example in examples]
    return Dataset.from_dict({name: [row[name] for row in rows] for name in FEATURES}, features=FEATURES)


def _row(example: Example) -> dict[str, Any]:
    row = example.to_dict()
    del row["labels"]
    row["attributes"] = [{"name": name, "value": value} for name, value in example.attributes.items()]
    return row | {signal.value: example.label(signal).value for signal in Signal}
