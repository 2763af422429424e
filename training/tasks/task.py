"""One corpus's own task: its classes, its rows, its split, what is measured, and what was published."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tocsin.example import Split

__all__ = ["Parts", "Published", "Row", "Task"]


@dataclass(frozen=True, slots=True)
class Row:
    """Hold one text, the place of its class among the task's, and its official part, None if it has none."""

    id: str
    text: str = field(repr=False)  # failing tests carry ids
    label: int
    split: Split | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """Hold the rows that are learned from, those that choose epoch and threshold, and those that measure."""

    train: Sequence[Row]
    dev: Sequence[Row]
    test: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Published:
    """Hold a figure of a paper's, of the task's metric, and whose it is."""

    value: float
    source: str


@dataclass(frozen=True, slots=True)
class Task:
    """Describe the task of one corpus.

    `read` takes the corpus's folder. `divide` takes all rows and a seed. Of two `classes` the second is to
    be found. `metric` chooses epoch and threshold, and stands beside what was `published`; those in `also`
    are measured besides. `seeds` is how many fine-tunings make a result, if nobody says.
    """

    name: str
    corpus: str
    classes: tuple[str, ...]
    read: Callable[[Path], Iterator[Row]]
    divide: Callable[[Sequence[Row], int], Parts]
    metric: str
    published: Published
    also: tuple[str, ...] = ()
    seeds: int = 1

    @property
    def binary(self) -> bool:
        """Say whether a threshold decides."""
        return len(self.classes) == len(("not", "is"))

    @property
    def metrics(self) -> tuple[str, ...]:
        """Return all that is measured, that which stands beside a published figure first."""
        return (self.metric, *self.also)
