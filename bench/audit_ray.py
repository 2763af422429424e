"""Measure what feeding a Ray cluster costs the machine that feeds, and what Ray costs beside no Ray.

    python bench/audit_ray.py POSTS [--tiers screen cascade] [--workers 1 2] [--part-rows 10000] [--json FILE]

POSTS is a file of yours with `id` and `text`, Parquet or any other format. First it is read
alone, then fed to two processes of a cluster that look for two words, which costs them little. Then
`tocsin audit run` is timed as a whole on it, under either engine: Ray starts on this machine, for each run.
Processor seconds are those of every process of a run, Ray's own among them; on a machine that others use they
tell more than the clock. No text is printed. Needs Linux.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from throughput_commands import TOCSIN
from throughput_machine import machine
from throughput_table import Cells, print_cells

from tocsin.assessment import Tier
from tocsin.service.audit.inputs import find_inputs
from tocsin.service.audit.ray import RayEngine
from tocsin.service.audit.run import run_audit
from tocsin.service.audit.testing import Silent, Toy, toy_plan
from tocsin.service.scan.columns import Columns
from tocsin.service.scan.limits import Limits
from tocsin.service.scan.reader import read_rows

ENGINES: Final = ("local", "ray")
LOOK_S: Final = 0.2
TICKS: Final = os.sysconf("SC_CLK_TCK")


def main(arguments: Sequence[str]) -> None:
    """Measure, print the tables, and write everything where asked."""
    options = _options(arguments)
    described = machine()
    with tempfile.TemporaryDirectory(prefix="tocsin-") as folder:
        work = Path(folder)
        feeding = [_read(options.posts), _fed(options.posts, work / "fed", options.part_rows)]
        runs = [
            _run(options.posts, work / f"{tier}-{workers}-{engine}", tier, workers, engine)
            for tier in options.tiers
            for workers in options.workers
            for engine in ENGINES
        ]
    console = Console(width=None if sys.stdout.isatty() else 150)
    for title, told in (("The machine that feeds", feeding), ("Whole runs", runs)):
        if not told:
            continue
        print_cells(
            Cells(title, tuple(told[0]), tuple(tuple(map(str, one.values())) for one in told)), console
        )
    if options.json:
        figures = {"machine": described, "feeding": feeding, "runs": runs}
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("posts", type=Path)
    parser.add_argument("--tiers", type=Tier, nargs="*", default=[Tier.SCREEN, Tier.CASCADE])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--part-rows", type=int, default=10_000)
    parser.add_argument("--json", type=Path, help="file for every figure")
    return parser.parse_args(arguments)


def _read(posts: Path) -> Mapping[str, Any]:
    began = time.process_time()
    (found,) = find_inputs([str(posts)])
    rows = sum(1 for _ in read_rows([found.source], Columns(), Limits()))
    return _rate("reading alone", rows, time.process_time() - began)


class _Marks(Silent):
    """Note this process's seconds after the first part and after the last."""

    def __init__(self) -> None:
        super().__init__()
        self.marks: list[tuple[int, float]] = []

    def done(self, rows: int, read_bytes: int) -> None:
        super().done(rows, read_bytes)
        self.marks.append((self.rows, time.process_time()))


def _fed(posts: Path, out: Path, part_rows: int) -> Mapping[str, Any]:
    limits = Limits()
    toy = Toy(part_rows=part_rows, record_bytes=limits.record_bytes, expansion=limits.expansion)
    watcher = _Marks()
    run_audit(toy_plan(out, [posts], toy), RayEngine(2), watcher)
    (rows, begun), (all_rows, ended) = watcher.marks[0], watcher.marks[-1]
    return _rate("reading, handing out, writing", all_rows - rows, ended - begun)


def _rate(what: str, rows: int, seconds: float) -> Mapping[str, Any]:
    return {"": what, "rows": rows, "rows a processor second": round(rows / seconds)}


def _run(posts: Path, out: Path, tier: Tier, workers: int, engine: str) -> Mapping[str, Any]:
    command = (TOCSIN, "audit", "run", str(posts), "--out", str(out), "--tier", tier.value, "--quiet")
    began = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 - ours
        (*command, "--workers", str(workers), "--engine", engine), start_new_session=True
    )
    used: dict[int, float] = {}
    while process.poll() is None:
        used.update(_session(process.pid))
        time.sleep(LOOK_S)
    seconds = time.monotonic() - began
    if process.returncode:
        raise SystemExit(f"tocsin audit run left with {process.returncode}")
    rows = json.loads((out / "audit.json").read_text("utf-8"))["counts"]["read"]
    return {
        "tier": tier.value,
        "engine": engine,
        "workers": workers,
        "rows": rows,
        "seconds": round(seconds, 1),
        "processor seconds": round(sum(used.values()), 1),
    }


def _session(leader: int) -> Iterator[tuple[int, float]]:
    """Yield each live process of a session, and what it has used of processors."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = path.read_text("utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if int(told[3]) == leader:
            yield int(path.parent.name), (int(told[11]) + int(told[12])) / TICKS


if __name__ == "__main__":
    main(sys.argv[1:])
