"""`tocsin train --task`: the encoder's backbone on a corpus's own task, beside a published figure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from tocsin.cli.data.options import data_folder
from tocsin.cli.extras import needs
from tocsin.cli.table import print_table

if TYPE_CHECKING:
    from tocsin.training.tasks.result import Result
    from tocsin.training.tasks.summary import Summary

__all__ = ["run_tasks"]

_HEADINGS = (
    "task",
    "metric",
    "mean",
    "least–most",
    "first seed, 95%",
    "seeds",
    "test",
    "copies",
    "published",
)
_NOTES = (
    "Mean, least and most are over seeds; the interval is that of the first seed, over test rows alone.",
    "Copies: test rows that stand in train as well.",
    "Published figures have other seeds, and some another split: docs/explanation/benchmarks.md.",
)


def run_tasks(
    names: Sequence[str],
    data: Path | None,
    out: Path,
    backbone: str | None,
    seeds: int | None,
    as_json: bool,
) -> None:
    """Measure the named tasks, "all" for every one, keep each result in the folder `out`, and print a table.

    What was measured before with the same settings on the same files is read back: a run that was stopped
    goes on.
    """
    with needs("train", "training"):
        from tocsin.training.tasks.catalogue import named
    tasks = named(names)
    with needs("encoder", "training an encoder"):
        from tocsin.training.tasks.benchmark import Benchmark, run
        from tocsin.training.tasks.config import TaskConfig
    from tocsin.training.tasks.summary import summaries

    config = TaskConfig(backbone=backbone) if backbone else TaskConfig()
    asked = Benchmark(tasks, data_folder(data), out, config, seeds)
    console = Console(stderr=True, highlight=False)
    with console.status("reading") as status:
        tell = status.update if console.is_terminal else (lambda _: None)
        results = run(asked, tell, lambda result: console.print(_line(result), markup=False, soft_wrap=True))
    found = [one for task in tasks for one in summaries(task, results[task.name])]
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], indent=1))
    else:
        print_table(
            f"{config.known_as}, fine-tuned on each task by itself", _HEADINGS, _cells(found), *_NOTES
        )


def _line(result: Result) -> str:
    told = ", ".join(f"{name} {figure.value:.3f}" for name, figure in result.figures.items())
    return f"{result.task}, seed {result.seed}: {told} ({result.seconds:.0f} s)"


def _cells(found: Sequence[Summary]) -> Iterator[Sequence[object]]:
    for one in found:
        yield (
            one.task,
            one.metric,
            f"{one.mean:.3f}",
            f"{one.least:.3f}–{one.most:.3f}",
            f"{one.first.value:.3f} [{one.first.low:.3f}, {one.first.high:.3f}]",
            one.seeds,
            one.test,
            one.copies,
            f"{one.published.value:g} ({one.published.source})" if one.published else "–",
        )
