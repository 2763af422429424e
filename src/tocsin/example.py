"""One labelled text, as every corpus hands it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.signals import Signal

__all__ = ["Example", "Label", "Split", "gold"]


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
    `weight` scales the row in training. `inclusion` is the probability, in (0, 1], with which the
    row was drawn from where it comes from. A `synthetic` text was written by a machine: it serves
    training alone. `attributes` are the corpus's own words on the row, by which reports slice;
    nothing learns from them. A signal that `labels` does not name is unknown; one that it names as
    unknown is contested: no copy of the text settles it.
    """

    id: str
    text: str = field(repr=False)  # reports, logs and failing tests carry ids
    language: str
    corpus: str
    licence: str
    labels: Mapping[Signal, Label] = field(default_factory=dict)
    group: str | None = None
    partners: tuple[str, ...] = ()
    split: Split | None = None
    weight: float = 1.0
    inclusion: float = 1.0
    synthetic: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)

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
            "inclusion": self.inclusion,
            "synthetic": self.synthetic,
            "attributes": dict(self.attributes),
        }

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Example:
        """Return the example that `to_dict` wrote; raise KeyError or ValueError for anything else."""
        return cls(
            id=_of(str, row, "id"),
            text=_of(str, row, "text"),
            language=_of(str, row, "language"),
            corpus=_of(str, row, "corpus"),
            licence=_of(str, row, "licence"),
            labels=_labels(_of(dict, row, "labels")),
            group=None if row["group"] is None else _of(str, row, "group"),
            partners=tuple(_of(list, row, "partners")),
            split=None if row["split"] is None else Split(row["split"]),
            weight=float(_of(int | float, row, "weight")),
            inclusion=float(_of(int | float, row, "inclusion")),
            synthetic=_of(bool, row, "synthetic"),
            attributes={str(name): str(value) for name, value in _of(dict, row, "attributes").items()},
        )


def gold(examples: Sequence[Example], signal: Signal) -> NDArray[np.int8]:
    """Return 1 or 0 for each example that a person judged, -1 for all others.

    A presumed negative is nobody's judgement: it is in no metric, calibration or threshold.
    """
    return np.array([_GOLD.get(example.label(signal), -1) for example in examples], np.int8)


_GOLD = {Label.POSITIVE: 1, Label.NEGATIVE: 0}


def _labels(told: Mapping[Any, Any]) -> dict[Signal, Label]:
    try:
        return {Signal(signal): Label(label) for signal, label in told.items()}
    except ValueError:  # whose words are the value: it may be text of a corpus
        known = f"one of {', '.join(Signal)} to one of {', '.join(Label)}"
        raise ValueError(f"labels must map {known}; one does not") from None


def _of(kind: Any, row: Mapping[str, Any], name: str) -> Any:
    # The value itself stays out of the message: it may be text of a corpus.
    value = row[name]
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{name} must be {getattr(kind, '__name__', kind)}, was {type(value).__name__}")
    return value
