"""What several seeds say of one task, in one line a metric."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tocsin.training.tasks.interval import Interval
from tocsin.training.tasks.result import Result
from tocsin.training.tasks.task import Published, Task

__all__ = ["Summary", "summaries"]


@dataclass(frozen=True, slots=True)
class Summary:
    """Hold a metric of a task over all seeds: mean, least and most; and the interval of the first seed.

    The interval tells how far other test rows could move the first figure; least and most, how far another
    fine-tuning (and another draw of the parts, where they are drawn) did. `test` and `copies` are the
    first seed's. `published` is None for what is measured besides.
    """

    task: str
    metric: str
    mean: float
    least: float
    most: float
    first: Interval
    seeds: int
    test: int
    copies: int
    seconds: float
    published: Published | None


def summaries(task: Task, results: Sequence[Result]) -> Iterator[Summary]:
    """Yield one for each metric of the task, from one result at least."""
    first = results[0]
    for metric in task.metrics:
        values = [result.figures[metric].value for result in results]
        yield Summary(
            task=task.name,
            metric=metric,
            mean=sum(values) / len(values),
            least=min(values),
            most=max(values),
            first=first.figures[metric],
            seeds=len(results),
            test=sum(first.rows["test"].values()),
            copies=first.copies,
            seconds=sum(result.seconds for result in results),
            published=task.published if metric == task.metric else None,
        )
