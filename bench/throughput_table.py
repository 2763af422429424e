"""Figures as tables of ratios: for a terminal, and in Markdown for the documentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from throughput_commands import Taken
from throughput_rounds import Run

__all__ = [
    "Cells",
    "markdown",
    "memory_cells",
    "print_cells",
    "ratio",
    "scan_cells",
    "speed_cells",
    "start_cells",
]


@dataclass(frozen=True)
class Cells:
    """Hold a table: its title, its header, and rows of as many cells."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def ratio(mine: Sequence[float], theirs: Sequence[float]) -> float:
    """Return how many times as fast: the median over the rounds, each with the same posts for both."""
    return median(one / other for one, other in zip(mine, theirs, strict=True))


def speed_cells(runs: Mapping[str, Run], titles: Mapping[str, str], peers: Sequence[str]) -> Cells:
    """Return posts a second by candidate, with ratios to each of the peers that were measured."""
    against = [peer for peer in peers if peer in runs]
    times = tuple(f"times ({peer})" for peer in against)
    return Cells(
        "Posts a second of one core's time",
        ("", "fresh", *times, "best", "first round", "seen before", "one a call"),
        tuple(
            (
                titles[name],
                _count(median(run.fresh)),
                *(_times(ratio(run.fresh, runs[peer].fresh)) for peer in against),
                _count(max(run.fresh)),
                _count(run.fresh[0]),
                _count(median(run.seen)),
                _count(median(run.alone)),
            )
            for name, run in runs.items()
        ),
    )


def memory_cells(runs: Mapping[str, Run], titles: Mapping[str, str], peers: Sequence[str]) -> Cells:
    """Return what the same processes held, and how long loading took, with ratios to the peers."""
    against = [peer for peer in peers if peer in runs]
    return Cells(
        "Memory of the same processes, and the time until one text was scored",
        ("", "MB at most", *(f"times ({peer})" for peer in against), "MB loaded", "seconds to load"),
        tuple(
            (
                titles[name],
                _count(run.peak_mb),
                *(_times(run.peak_mb / runs[peer].peak_mb) for peer in against),
                _count(run.load_mb),
                f"{run.load_seconds:.2f}",
            )
            for name, run in runs.items()
        ),
    )


def start_cells(taken: Mapping[str, Taken], peers: Mapping[str, str]) -> Cells:
    """Return what starting takes; `peers` names the row of each peer that others are compared with."""
    against = {peer: row for peer, row in peers.items() if row in taken}
    return Cells(
        "Seconds of one core's time from the start of a process to its end, with one text",
        ("", "seconds", *(f"times ({peer})" for peer in against), "seconds passed", "MB at most"),
        tuple(
            (
                name,
                f"{one.processor_seconds:.2f}",
                *(_times(one.processor_seconds / taken[row].processor_seconds) for row in against.values()),
                f"{one.seconds:.2f}",
                _count(one.peak_mb),
            )
            for name, one in taken.items()
        ),
    )


def scan_cells(scan: Mapping[str, Any]) -> Cells:
    """Return what a scan of many rows took."""
    return Cells(
        "tocsin scan of JSON Lines to JSON Lines, on one core",
        ("rows", "rows a second", "seconds", "seconds passed", "MB at most"),
        (
            (
                _count(scan["rows"]),
                _count(scan["rows_a_second"]),
                f"{scan['processor_seconds']:.1f}",
                f"{scan['seconds']:.1f}",
                _count(scan["peak_mb"]),
            ),
        ),
    )


def print_cells(cells: Cells, console: Console) -> None:
    """Print a table for people."""
    table = Table(*cells.header[:1], title=cells.title, title_justify="left", box=box.SIMPLE_HEAD)
    for name in cells.header[1:]:
        table.add_column(name, justify="right")
    for row in cells.rows:
        table.add_row(*row)
    console.print(table)


def markdown(cells: Cells) -> str:
    """Return a table of a Markdown page."""
    lines = [cells.header, ("---", *["---:"] * (len(cells.header) - 1)), *cells.rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _count(number: float) -> str:
    return f"{number:,.0f}"


def _times(ratio: float) -> str:
    return f"{ratio:.2f}"
