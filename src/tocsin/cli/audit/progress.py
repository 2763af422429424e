"""How an audit goes on, for whoever waits at a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Counter", "watched"]

MINUTE_S: Final = 60
HOUR_S: Final = 3600


class Counter:
    """Count what is done; `rows` and `skipped_bytes` are this run's and those of runs before."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self.rows = self.read_bytes = self.skipped_bytes = 0

    def skipped(self, read_bytes: int) -> None:
        """Count bytes that a run before has done."""
        self.skipped_bytes += read_bytes

    def done(self, rows: int, read_bytes: int) -> None:
        """Count a part of this run."""
        self.rows += rows
        self.read_bytes += read_bytes

    def told(self, total_bytes: int) -> str:
        """Return rate and time left in words, as far as they can be known."""
        seconds = self._clock() - self._began
        if not self.read_bytes or seconds <= 0:
            return "starting"
        left = max(0, total_bytes - self.skipped_bytes - self.read_bytes) * seconds / self.read_bytes
        return f"{self.rows:,} rows, {self.rows / seconds:,.0f} a second, {_duration(left)} left"


class _Drawn(Counter):
    """Draw what is counted."""

    def __init__(self, progress: Progress, task: TaskID, total_bytes: int) -> None:
        super().__init__()
        self._progress = progress
        self._task = task
        self._total = total_bytes

    def skipped(self, read_bytes: int) -> None:
        super().skipped(read_bytes)
        self._draw()

    def done(self, rows: int, read_bytes: int) -> None:
        super().done(rows, read_bytes)
        self._draw()

    def _draw(self) -> None:
        self._progress.update(
            self._task, completed=self.skipped_bytes + self.read_bytes, told=self.told(self._total)
        )


@contextmanager
def watched(total_bytes: int, console: Console, *, quiet: bool) -> Iterator[Counter]:
    """Hand out what a run tells of its progress; draw only on a terminal."""
    if quiet or not console.is_terminal:
        yield Counter()
        return
    columns = (TextColumn("auditing"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[told]}"))
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as progress:
        task = progress.add_task("auditing", total=total_bytes, told="starting")
        yield _Drawn(progress, task, total_bytes)


def _duration(seconds: float) -> str:
    if seconds >= HOUR_S:
        return f"{seconds / HOUR_S:,.1f} h"
    return f"{seconds / MINUTE_S:.0f} min" if seconds >= MINUTE_S else f"{seconds:.0f} s"
