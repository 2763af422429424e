"""One labelled text, as every corpus hands it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tocsin.signals import Signal

__all__ = ["Example", "Label", "Split"]


class Label(StrEnum):
    """Say what an example tells about one signal.

    `PRESUMED_NEGATIVE` is nobody's judgement: it serves training at a low weight and never a
    metric. `UNKNOWN` is left out of loss and metric alike.
    """

    UNKNOWN = "unknown"
    NEGATIVE = "negative"
    PRESUMED_NEGATIVE = "presumed_negative"
    POSITIVE = "positive"


class Split(StrEnum):
    """Name the four uses of a row; no row has two."""

    TRAIN = "train"
    DEV = "dev"
    CALIBRATION = "calibration"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Example:
    """Hold one labelled text.

    `group` ties rows that must share a split (an account, a source post). `partners` are the ids
    of its contrast partners. `split` is the corpus's official one, None where it has none.
    `weight` scales the row in training. A signal that `labels` does not name is unknown.
    """

    id: str
    text: str
    language: str
    corpus: str
    licence: str
    labels: Mapping[Signal, Label] = field(default_factory=dict)
    group: str | None = None
    partners: tuple[str, ...] = ()
    split: Split | None = None
    weight: float = 1.0

    def label(self, signal: Signal) -> Label:
        """Return what this example says about `signal`."""
        return self.labels.get(signal, Label.UNKNOWN)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types; `from_dict` takes them back."""
        return {
            "id": self.id,
            "text": self.text,
            "language": self.language,
            "corpus": self.corpus,
            "licence": self.licence,
            "labels": {signal.value: label.value for signal, label in self.labels.items()},
            "group": self.group,
            "partners": list(self.partners),
            "split": self.split.value if self.split else None,
            "weight": self.weight,
        }

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Example:
        """Return the example that `to_dict` wrote; raise KeyError or ValueError for anything else."""
        return cls(
            id=row["id"],
            text=row["text"],
            language=row["language"],
            corpus=row["corpus"],
            licence=row["licence"],
            labels={Signal(signal): Label(label) for signal, label in row["labels"].items()},
            group=row["group"],
            partners=tuple(row["partners"]),
            split=Split(row["split"]) if row["split"] else None,
            weight=row["weight"],
        )
