"""Load the review queue with reviewers at work, beside the way that one writes first, in the same run.

    python bench/review_queue.py [--json FILE] [--markdown FILE] [--seconds 10] [--rounds 3] [--items 100000]

Each reviewer is a process that claims and decides in turn: without a pause, and with a second's thought on
average. The naive way claims with SELECT ... FOR UPDATE, without SKIP LOCKED, and waits for SQLite's lock as
SQLite does. Before every round the queue is filled up again. Needs PostgreSQL's server, and starts its own.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final, TypeAlias

from review_queue_load import WAYS, Load, run_load
from review_queue_table import Figures, Looks, Pace, load_cells, look_cells, pace
from rich.console import Console
from sqlalchemy import Connection, func, insert, select, update
from throughput_machine import machine
from throughput_table import markdown, print_cells

from tocsin.service.review.clock import now
from tocsin.service.review.context import Context
from tocsin.service.review.contract_testing import open_desk_at, reviewer
from tocsin.service.review.desk import Desk
from tocsin.service.review.filling_testing import fill
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Reviewer, count_queues
from tocsin.service.review.role import Role
from tocsin.service.review.store.console_tables import reveals
from tocsin.service.review.store.tables import tasks
from tocsin.service.review.tasks import claim_next
from tocsin.service.review.testing import cluster, missing

__all__ = ["main"]

Rounds: TypeAlias = dict[str, dict[str, list[Pace]]]

PIPED_WIDTH: Final = 170
FILLED: Final = (Queue.REVIEW, Queue.URGENT, Queue.NOTICES, Queue.UNSCORABLE, Queue.RANDOM)
SPREAD: Final = timedelta(days=14)
ASKED: Final = 15
ENOUGH: Final = 60
PARTS: Final = range(20)


def main() -> None:
    """Measure and print both tables."""
    chosen = _arguments()
    if reason := missing():
        sys.exit(f"review queue: {reason}")
    told = Console(stderr=True, highlight=False)
    described = machine()
    loads = [
        Load("no pause", chosen.reviewers, chosen.seconds),
        Load("1 s of thought", chosen.reviewers, chosen.seconds, 1.0),
        Load("no pause, enough read", chosen.reviewers, chosen.seconds, severe_read=ENOUGH),
    ]
    rounds: dict[str, Rounds] = {}
    looks: dict[str, Looks] = {}
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder, cluster() as server:
        urls = {"SQLite": f"sqlite:///{folder}/review.sqlite", "PostgreSQL": server.database()}
        for name, url in urls.items():
            told.print(f"{name}: filling")
            rounds[name] = _rounds(url, loads, chosen, partial(told.print, f"{name}:"))
            looks[name] = _looks(url)
    figures = Figures(rounds, looks)
    tables = [load_cells(figures, chosen.reviewers, chosen.items), look_cells(looks)]
    for table in tables:
        print_cells(table, Console(width=None if sys.stdout.isatty() else PIPED_WIDTH))
    if chosen.json:
        made = {"machine": described, **asdict(figures)}
        chosen.json.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    if chosen.markdown:
        text = "\n".join(f"{table.title}\n\n{markdown(table)}" for table in tables)
        chosen.markdown.write_text(text, encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Load the review queue beside the naive way.")
    parser.add_argument("--items", type=int, default=100_000, help="that wait when a round begins")
    parser.add_argument("--reviewers", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each load")
    parser.add_argument("--rounds", type=int, default=3, help="loads of each kind")
    parser.add_argument("--json", type=Path, help="file for every figure")
    parser.add_argument("--markdown", type=Path, help="file for the tables in Markdown")
    return parser.parse_args()


def _rounds(
    url: str, loads: Sequence[Load], chosen: argparse.Namespace, tell: Callable[[str], None]
) -> Rounds:
    """Return every round of each load and way; the ways take turns."""
    made: dict[str, dict[str, list[Pace]]] = {load.title: {way: [] for way in WAYS} for load in loads}
    for number in range(chosen.rounds):
        for load in loads:
            for way in WAYS:
                _fill_up(url, chosen.items)
                team = _team(url, chosen.reviewers, load.severe_read)
                paced = pace(run_load(url, load, team, way), load.seconds)
                made[load.title][way].append(paced)
                tell(f"round {number + 1}, {load.title}, {way}: claim p99 {paced.claim_ms['p99']:.1f} ms")
    return made


@contextmanager
def _desk(url: str) -> Iterator[Desk]:
    desk = open_desk_at(url, clock=now, claims_each=1_000)
    try:
        yield desk
    finally:
        desk.close()


def _team(url: str, size: int, severe_read: int = 0) -> list[Reviewer]:
    """Return new reviewers, each of whom has read so many severe texts today."""
    with _desk(url) as desk:
        team = [reviewer(desk, f"cook {uuid.uuid4()}") for _ in range(size)]
        for one in team if severe_read else ():
            desk.write(_read, one, severe_read)
        return team


def _read(tx: Connection, context: Context, by: Reviewer, count: int) -> None:
    severe = tx.execute(select(tasks.c.id, tasks.c.item).where(tasks.c.severity == 2).limit(count)).all()
    shown = {"reviewer": by.number, "extent": "sentence", "severity": 2, "at": context.clock()}
    rows = [{**shown, "task": one.id, "item": one.item, "part": part} for one in severe for part in PARTS]
    tx.execute(insert(reveals), rows)


def _fill_up(url: str, count: int) -> None:
    with _desk(url) as desk:
        waiting = select(func.count()).where(tasks.c.state == "open")
        there = desk.store.read(lambda tx: tx.execute(waiting).scalar_one())
        fill(desk, count - there, FILLED, spread=SPREAD)


def _looks(url: str) -> Looks:
    """Return what single questions take; the last leaves every task to seniors."""
    with _desk(url) as desk:
        me = reviewer(desk, "alone")
        (spared,) = _team(url, 1, ENOUGH)
        counted = _asked(lambda: desk.read(count_queues))
        alone = _asked(lambda: desk.jot(claim_next, me))
        empty = _asked(lambda: desk.jot(claim_next, me, [Queue.APPEALS]))
        several = _asked(lambda: desk.jot(claim_next, me, [Queue.APPEALS, Queue.GOLDEN]))
        lighter = _asked(lambda: desk.jot(claim_next, spared))
        severe = update(tasks).where(tasks.c.state == "open").values(severity=2)
        desk.store.write(lambda tx: tx.execute(severe))
        none_lighter = _asked(lambda: desk.jot(claim_next, spared))
        above = update(tasks).where(tasks.c.state == "open").values(least_role=int(Role.SENIOR))
        desk.store.write(lambda tx: tx.execute(above))
        over = _asked(lambda: desk.jot(claim_next, me))
        return Looks(counted, alone, empty, several, lighter, none_lighter, over)


def _asked(ask: Callable[[], object]) -> float:
    def milliseconds() -> float:
        start = time.perf_counter()
        ask()
        return (time.perf_counter() - start) * 1_000

    return median(milliseconds() for _ in range(ASKED))


if __name__ == "__main__":
    main()
