"""Measure how fast tocsin is, what it holds in memory and how it starts, beside its peers.

    TOCSIN_DATA=/path/to/corpora python bench/throughput.py [--json FILE] [--markdown FILE] [--rows 1000000]

Prints the tables of docs/explanation/speed.md, which says what they mean. Everything runs on one core and
in one thread, and is timed by what it used of that core: candidate after candidate within a round, every
round over posts of its own. A peer that cannot be installed is left out with a word. No text is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from throughput_commands import TOCSIN, CommandError, Taken, starts, take
from throughput_machine import machine, pin
from throughput_peers import CANDIDATES, ONE_THREAD, MissingError, Prepared, prepare
from throughput_posts import Pool, Splits, read_splits, write_queue
from throughput_rounds import Run, WorkerError, measure
from throughput_table import Cells, markdown, memory_cells, print_cells, scan_cells, speed_cells, start_cells

import tocsin
from tocsin.cli.data.options import builds_home, data_folder
from tocsin.errors import TocsinError
from tocsin.example import Split
from tocsin.example_file import write_examples

TRAINER: Final = Path(__file__).with_name("throughput_train.py")
PIPED_WIDTH: Final = 150
PEERS: Final = ("a", "a8", "b", "c", "d")
FIRST: Final = "the bread is in the oven\n"


@dataclass(frozen=True)
class Figures:
    """Hold everything that was measured."""

    machine: Mapping[str, Any]
    posts: Mapping[str, Any]
    installed: Mapping[str, tuple[str, ...]]
    trained: Mapping[str, Any]
    missing: Mapping[str, str]
    speed: Mapping[str, Run]
    starts: Mapping[str, Taken]
    scan: Mapping[str, Any] | None

    @property
    def tables(self) -> list[Cells]:
        """Return the tables that people read."""
        titles = {name: candidate.title for name, candidate in CANDIDATES.items()}
        first = [
            speed_cells(self.speed, titles, PEERS),
            memory_cells(self.speed, titles, PEERS),
            start_cells(self.starts, {peer: titles[peer] for peer in PEERS}),
        ]
        return [*first, scan_cells(self.scan)] if self.scan else first


def main() -> None:
    """Measure and print every table."""
    chosen = _arguments()
    console = Console(stderr=True, highlight=False)
    try:
        figures = _figures(chosen, console.print)
    except (TocsinError, CommandError, WorkerError) as error:
        sys.exit(f"throughput: {error}")
    tables = figures.tables
    for table in tables:
        print_cells(table, Console(width=None if sys.stdout.isatty() else PIPED_WIDTH))
    for name, why in figures.missing.items():
        console.print(f"left out: {CANDIDATES[name].title}: {why}")
    if chosen.json:
        chosen.json.write_text(json.dumps(asdict(figures), indent=1) + "\n", encoding="utf-8")
    if chosen.markdown:
        chosen.markdown.write_text("\n".join(map(markdown, tables)), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure tocsin's speed, memory and start beside its peers.")
    parser.add_argument("--only", nargs="*", choices=list(CANDIDATES), default=list(CANDIDATES))
    parser.add_argument("--rounds", type=int, default=6, help="each over posts of its own")
    parser.add_argument("--most", type=int, help="posts of a round; all by default")
    parser.add_argument("--alone", type=int, default=300, help="posts of a round that are scored one a call")
    parser.add_argument("--batch", type=int, default=512, help="posts a call otherwise, as in a scan")
    parser.add_argument("--repeats", type=int, default=5, help="starts of each command; 0 for none")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the scan; 0 for none")
    parser.add_argument("--work", type=Path, default=Path("out/bench"), help="for peers, models and rows")
    parser.add_argument("--built", type=Path, help="folder of the splits as JSON Lines, instead of building")
    parser.add_argument("--json", type=Path, help="file for every figure")
    parser.add_argument("--markdown", type=Path, help="file for the tables in Markdown")
    return parser.parse_args()


def _figures(chosen: argparse.Namespace, tell: Any) -> Figures:
    described = machine()
    splits = read_splits(None if chosen.built else data_folder(None), chosen.built, builds_home(), tell)
    pool = Pool.of(splits)
    rounds = pool.rounds(chosen.rounds, chosen.most, chosen.alone)
    work = chosen.work.resolve()
    # For text of the corpora, and what was made of it.
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    trained = _trained(splits, work, tell) if any(CANDIDATES[name].trained for name in chosen.only) else {}
    prepared, missing = _prepared(chosen.only, work, tell)
    core = pin()
    most = {name: bound for name in prepared if (bound := CANDIDATES[name].most) is not None}
    speed = measure(prepared, rounds, chosen.batch, tell, most)
    return Figures(
        described | {"core": core, "bundle": asdict(tocsin.load().model)},
        {
            "distinct": len(pool.posts),
            "mean_characters": round(pool.mean_characters, 1),
            "rounds": len(rounds),
            "a_round": len(rounds[0][0]),
            "alone": chosen.alone,
            "batch": chosen.batch,
        },
        {name: CANDIDATES[name].requirements for name in prepared},
        trained,
        missing,
        speed,
        _starts(prepared, work, chosen.repeats, tell) if chosen.repeats else {},
        _scan(pool, work, chosen.rows, tell) if chosen.rows else None,
    )


def _prepared(names: list[str], work: Path, tell: Any) -> tuple[dict[str, Prepared], dict[str, str]]:
    prepared, missing = {}, {}
    for name in names:
        try:
            prepared[name] = prepare(CANDIDATES[name], work, tell)
        except MissingError as error:
            missing[name] = str(error)
    return prepared, missing


def _trained(splits: Splits, work: Path, tell: Any) -> dict[str, Any]:
    rows = [row for row in splits[Split.TRAIN] if row.language == "en"]
    tell(f"training (a) and (a8) on {len(rows)} rows")
    path = work / "train.jsonl"
    write_examples(path, rows)
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, TRAINER, path, work],
        env={**os.environ, **ONE_THREAD},
        capture_output=True,
        text=True,
        check=False,
    )
    path.unlink()
    if done.returncode:
        raise CommandError(f"training (a) failed: {done.stderr.strip().splitlines()[-1]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _starts(prepared: Mapping[str, Prepared], work: Path, repeats: int, tell: Any) -> dict[str, Taken]:
    tell(f"starting every command {repeats + 1} times")
    text = work / "one.txt"
    text.write_text(FIRST, encoding="utf-8")
    commands = {
        "python, and nothing else": Prepared((sys.executable, "-c", "pass")),
        "tocsin --version": Prepared((TOCSIN, "--version"), ONE_THREAD),
        "tocsin scan --tier screen": Prepared(
            (TOCSIN, "scan", "--tier", "screen", "--quiet", "-"), ONE_THREAD
        ),
    } | {
        CANDIDATES[name].title: replace(one, command=(*one.command, "--once"))
        for name, one in prepared.items()
        if name not in {"screen", "scores-given", "assess"}
    }
    return starts(commands, text, repeats)


def _scan(pool: Pool, work: Path, rows: int, tell: Any) -> dict[str, Any]:
    tell(f"scanning {rows} rows")
    queue = work / "queue.jsonl"
    write_queue(queue, pool.posts, rows)
    taken = take(Prepared((TOCSIN, "scan", str(queue), "--tier", "screen", "--json", "--quiet"), ONE_THREAD))
    queue.unlink()
    return {"rows": rows, **asdict(taken), "rows_a_second": rows / taken.processor_seconds}


if __name__ == "__main__":
    main()
