"""A progress bar for whoever waits at a terminal."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.console import Console

    from tocsin.service.scan.input import Input

__all__ = ["show_progress"]


@contextmanager
def show_progress(
    inputs: Sequence[Input], console: Console, *, quiet: bool = False, doing: str = "scanning"
) -> Iterator[Callable[[int], None]]:
    """Hand out a function that takes the bytes read by each step; draw only on a terminal."""
    if quiet or not console.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn(doing), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as progress:
        task = progress.add_task(doing, total=_total(inputs))
        yield lambda size: progress.advance(task, size)


def _total(inputs: Sequence[Input]) -> int | None:
    sizes = [source.size for source in inputs]
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None
