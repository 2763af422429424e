"""Tasks one after the other, seed by seed; what was measured is kept, and a run that was stopped goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tocsin.errors import InputError
from tocsin.models.layout import sha256
from tocsin.training.corpora import CORPORA
from tocsin.training.dataset import checksums
from tocsin.training.dataset import sha256 as file_sha256
from tocsin.training.tasks.config import TaskConfig
from tocsin.training.tasks.measure import measure
from tocsin.training.tasks.result import Result, kept, path_of, store
from tocsin.training.tasks.task import Task

__all__ = ["Benchmark", "run"]

_FORM: Final = 1  # goes up when the same inputs would be measured otherwise

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Say which tasks to measure, on whose corpora, and in which folder to keep the results.

    `seeds` is how many fine-tunings each task gets, numbered from 1; None for as many as the task asks for.
    """

    tasks: Sequence[Task]
    data: Path
    out: Path
    config: TaskConfig = TaskConfig()
    seeds: int | None = None

    def __post_init__(self) -> None:
        if self.seeds is not None and self.seeds < 1:
            raise InputError(f"seeds must be at least 1, was {self.seeds}")

    def seeds_of(self, task: Task) -> range:
        """Return the seeds of a task."""
        return range(1, (self.seeds or task.seeds) + 1)


def run(
    asked: Benchmark, tell: Tell = lambda _: None, done: Callable[[Result], None] = lambda _: None
) -> dict[str, list[Result]]:
    """Return the results by task, seed by seed; each is handed to `done` as it comes, and is on file by then.

    One on file is read back if it was measured with the same settings on the same files.
    """
    for task in asked.tasks:
        CORPORA[task.corpus].require(asked.data)  # now, not after hours
    backbone = _backbone(asked.config)
    return {
        task.name: [_result(asked, task, seed, backbone, tell, done) for seed in asked.seeds_of(task)]
        for task in asked.tasks
    }


def _result(
    asked: Benchmark, task: Task, seed: int, backbone: Any, tell: Tell, done: Callable[[Result], None]
) -> Result:
    inputs = _inputs(asked, task, seed, backbone)
    path = path_of(asked.out, task.name, seed)
    result = kept(path, inputs)
    if result is None:
        tell(f"{task.name}, seed {seed}")
        result = measure(
            task,
            asked.data,
            asked.config,
            seed,
            inputs,
            lambda told: tell(f"{task.name}, seed {seed}: {told}"),
        )
        store(path, result)
    done(result)
    return result


def _inputs(asked: Benchmark, task: Task, seed: int, backbone: Any) -> str:
    """Return what a result depends on, as one digest: settings, corpus files and backbone, but no code."""
    told = {
        "form": _FORM,
        "task": [task.name, task.classes, task.metrics],
        "seed": seed,
        "config": asked.config.model_dump(mode="json", exclude={"backbone"}),
        "backbone": backbone,
        "files": checksums(asked.data, [CORPORA[task.corpus]]),
    }
    return sha256(json.dumps(told, sort_keys=True).encode())


def _backbone(config: TaskConfig) -> Any:
    """Return what tells a backbone from others: the files of a folder, wherever it lies, or a hub's id."""
    folder = Path(config.backbone)
    if not folder.is_dir():
        return config.backbone
    return {path.name: file_sha256(path) for path in sorted(folder.iterdir()) if path.is_file()}
