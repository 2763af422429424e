"""One task at one seed: rows in, figures with their intervals out."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import CorpusError
from tocsin.training.corpora import CORPORA
from tocsin.training.duplicates import key
from tocsin.training.tasks.config import TaskConfig
from tocsin.training.tasks.decision import choose, decide
from tocsin.training.tasks.fit import Classifier, fit
from tocsin.training.tasks.interval import Interval, bootstrapped
from tocsin.training.tasks.metric import AREA, COUNTED, area, counts
from tocsin.training.tasks.result import Result
from tocsin.training.tasks.task import Parts, Row, Task

__all__ = ["copies", "figures", "measure", "parts_of"]

PARTS: Final = ("train", "dev", "test")

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def measure(
    task: Task, data: Path, config: TaskConfig, seed: int, inputs: str, tell: Callable[[str], None]
) -> Result:
    """Fine-tune on a task's train rows, choose on dev, and measure on test, which nothing before has seen."""
    started = time.monotonic()
    parts = parts_of(task, data, seed)
    truth = _labels(parts.dev)

    def quality(classifier: Classifier) -> float:
        return choose(truth, classifier.probabilities(parts.dev), task.metric).quality

    fitted = fit(parts.train, task.classes, config.encoder(seed), quality, tell)
    chosen = choose(truth, fitted.classifier.probabilities(parts.dev), task.metric)
    found = figures(task, _labels(parts.test), fitted.classifier.probabilities(parts.test), chosen.threshold)
    return Result(
        inputs=inputs,
        task=task.name,
        seed=seed,
        figures=found,
        threshold=chosen.threshold,
        rows={name: _counted(task, getattr(parts, name)) for name in PARTS},
        copies=copies(parts),
        looks=fitted.looks,
        config={**config.model_dump(mode="json"), "backbone": config.known_as},
        backbone_sha256=fitted.backbone_sha256,
        seconds=round(time.monotonic() - started, 1),
    )


def parts_of(task: Task, data: Path, seed: int) -> Parts:
    """Return a task's rows in their parts; raise CorpusError where a part lacks a class."""
    corpus = CORPORA[task.corpus]
    corpus.require(data)
    parts = task.divide(list(task.read(data / corpus.name)), seed)
    for name in PARTS:
        for title, count in _counted(task, getattr(parts, name)).items():
            if not count:
                raise CorpusError(
                    f"task {task.name}: {name} must have rows of every class, had none of {title!r}"
                )
    return parts


def figures(
    task: Task, truth: Ints, probabilities: Floats, threshold: float | None
) -> Mapping[str, Interval]:
    """Return what a task is measured by, with intervals, from ``(rows, classes)`` probabilities."""
    said = decide(probabilities, threshold)

    def statistics(weights: Floats) -> Mapping[str, float]:
        found = counts(truth, said, len(task.classes), weights)
        return {
            name: area(truth, probabilities[:, 1], weights) if name == AREA else float(COUNTED[name](found))
            for name in task.metrics
        }

    return bootstrapped(statistics, len(truth))


def copies(parts: Parts) -> int:
    """Return how many test rows have an exact copy in train, letters, digits and symbols alone compared."""
    known = {key(row.text) for row in parts.train}
    return sum(key(row.text) in known for row in parts.test)


def _labels(rows: Sequence[Row]) -> Ints:
    return np.array([row.label for row in rows], np.int64)


def _counted(task: Task, rows: Sequence[Row]) -> Mapping[str, int]:
    found = Counter(row.label for row in rows)
    return {name: found[place] for place, name in enumerate(task.classes)}
