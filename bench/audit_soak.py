"""Audit more and more rows: a row must cost as much however many there are, and memory must stay as it is.

    python bench/audit_soak.py [--rows 10000 100000 500000 1000000 5000000] [--workers N]

Rows are words about cooking, each with a made-up word of its own, as Parquet. `tocsin audit run` is measured
as a whole process. What a row costs is told by differences between sizes, in processor seconds of all
processes together, so that what starting costs is in none of them; that is told apart. Memory is the highest
of the process that reads and of those that score. Fails (exit status 1) unless the cost of a row is within
10% over all sizes, and memory within 10% from 500,000 rows on: the first parts of an input are smaller, and
so is what is held of them. Needs Linux, the time of some ten million rows, and on the disk about 2 GB. The
machine should have nothing else to do.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, Final

from audit_process import Watched, watch
from audit_rows import toys, written
from rich.console import Console
from soak_checks import Check, told
from throughput_commands import TOCSIN, CommandError
from throughput_machine import machine
from throughput_table import Cells, markdown, print_cells

from tocsin.assessment import Tier

__all__ = ["Soaked", "main", "verdict"]

ROWS: Final = (10_000, 100_000, 500_000, 1_000_000, 5_000_000)
FLAT_FROM: Final = 500_000  # parts have their full size from 240,000 rows on
WITHIN: Final = 1.1
LEAST_SIZES: Final = 3  # of which costs between sizes can be compared
LARGE: Final = 1_000_000  # rows up to which a size is measured several times


@dataclass(frozen=True)
class Soaked:
    """Hold one size: medians of what its audits took, and the most memory of any."""

    rows: int
    taken: Watched

    @classmethod
    def of(cls, rows: int, found: Sequence[Watched]) -> Soaked:
        """Return what several audits of a size come to."""
        return cls(
            rows,
            Watched(
                median(one.seconds for one in found),
                median(one.processor_seconds for one in found),
                max(one.parent_mb for one in found),
                max(one.worker_mb for one in found),
            ),
        )


def main(arguments: Sequence[str]) -> int:
    """Measure, print the table and what held; return the exit status."""
    options = _options(arguments)
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    with tempfile.TemporaryDirectory(prefix="tocsin-", dir=options.work) as folder:
        try:
            found = _soaked(options, Path(folder), console)
        except CommandError as error:
            sys.exit(f"soak: {error}")
    cells = _cells(found)
    print_cells(cells, Console(width=None if sys.stdout.isatty() else 150))
    if options.json:
        figures = {"machine": machine(), "tier": options.tier.value, "sizes": [asdict(one) for one in found]}
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    if options.markdown:
        options.markdown.write_text(markdown(cells), encoding="utf-8")
    return told(verdict(found, options.flat_from), console)


def verdict(found: Sequence[Soaked], flat_from: int = FLAT_FROM) -> tuple[Check, ...]:
    """Return every promise, held or broken; sizes rise."""
    costs = _costs(found)
    spread = max(costs) / min(costs) if min(costs) > 0 else float("inf")
    large = [one for one in found if one.rows >= flat_from]
    least, most = large[0], large[-1]
    return (
        Check(
            spread <= WITHIN,
            f"a row costs as much in each size: {_micro(min(costs))} to {_micro(max(costs))} microseconds of"
            f" a processor, {spread:.2f} times (at most {WITHIN:g}); starting costs {_start(found):.1f} s",
        ),
        *(
            Check(
                max(getattr(one.taken, name) for one in large) <= WITHIN * getattr(least.taken, name),
                f"memory of {what} is flat: {getattr(least.taken, name):,.0f} MB at {least.rows:,} rows,"
                f" {getattr(most.taken, name):,.0f} MB at {most.rows:,}"
                f" (at most {WITHIN:g} times, at any size between)",
            )
            for name, what in (("parent_mb", "the process that reads"), ("worker_mb", "those that score"))
        ),
    )


def _costs(found: Sequence[Soaked]) -> list[float]:
    """Return what a row costs from each size to the next, in processor seconds."""
    return [
        (more.taken.processor_seconds - less.taken.processor_seconds) / (more.rows - less.rows)
        for less, more in pairwise(found)
    ]


def _start(found: Sequence[Soaked]) -> float:
    """Return the processor seconds that no row costs, by the two smallest sizes."""
    return found[0].taken.processor_seconds - found[0].rows * _costs(found)[0]


def _soaked(options: argparse.Namespace, work: Path, console: Console) -> list[Soaked]:
    """Audit every size in turn, and again: what the machine's other guests do meets all of them."""
    sources = {rows: written(work / f"{rows}.parquet", toys(), rows) for rows in options.rows}
    found: dict[int, list[Watched]] = {rows: [] for rows in options.rows}
    for turn in range(options.repeats):
        for rows, source in sources.items():
            if turn and rows > LARGE:
                continue
            console.print(f"tocsin audit run --tier {options.tier}: {rows:,} rows, turn {turn + 1}")
            found[rows].append(_audited(source, rows, options, work / "out"))
    return [Soaked.of(rows, several) for rows, several in found.items()]


def _audited(source: Path, rows: int, options: argparse.Namespace, out: Path) -> Watched:
    workers = () if options.workers is None else ("--workers", str(options.workers))
    command = (TOCSIN, "audit", "run", str(source), "--out", str(out), "--tier", options.tier.value)
    taken = watch((*command, *workers, "--slice", "country", "--weight", "views", "--quiet"))
    counts: Mapping[str, Any] = json.loads((out / "audit.json").read_text("utf-8"))["counts"]
    shutil.rmtree(out)
    # Some of these rows are of no language that there is: they are unscorable, and read like all others.
    if counts["read"] != rows or counts["rejected"]:
        raise CommandError(
            f"every row must be judged, were {counts['read'] - counts['rejected']:,} of {rows:,}"
        )
    return taken


def _cells(found: Sequence[Soaked]) -> Cells:
    costs = ["", *(f"{_micro(cost)}" for cost in _costs(found))]
    return Cells(
        "Audits of more and more rows",
        (
            "rows",
            "processor seconds",
            "seconds",
            "rows a second",
            "microseconds a row more",
            "reads MB",
            "MB",
        ),
        tuple(
            (
                f"{one.rows:,}",
                f"{one.taken.processor_seconds:,.1f}",
                f"{one.taken.seconds:,.1f}",
                f"{one.rows / one.taken.seconds:,.0f}",
                cost,
                f"{one.taken.parent_mb:,.0f}",
                f"{one.taken.worker_mb:,.0f}",
            )
            for one, cost in zip(found, costs, strict=True)
        ),
    )


def _micro(seconds: float) -> str:
    return f"{1e6 * seconds:.1f}"


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=list(ROWS), help="sizes, at least three")
    parser.add_argument("--flat-from", type=int, default=FLAT_FROM, help="rows from which memory is compared")
    parser.add_argument("--tier", type=Tier, choices=list(Tier), default=Tier.SCREEN)
    parser.add_argument("--workers", type=int, help="processes that score; by default one a core")
    parser.add_argument("--repeats", type=int, default=3, help=f"audits of each size of up to {LARGE:,} rows")
    parser.add_argument("--work", type=Path, help="folder for what is read and written")
    parser.add_argument("--json", type=Path, help="file for every figure")
    parser.add_argument("--markdown", type=Path, help="file for the table in Markdown")
    found = parser.parse_args(arguments)
    found.rows = sorted(set(found.rows))
    if len(found.rows) < LEAST_SIZES or found.rows[0] < 1 or found.repeats < 1:
        parser.error("there must be three sizes or more, of a row or more, each measured once or more")
    if sum(rows >= found.flat_from for rows in found.rows) < 2:
        parser.error("two sizes or more must have --flat-from rows")
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
