"""Measure the console's lists with 100,000 open tasks and as many decided, beside reading every task.

    python bench/review_pages.py [--open 100000] [--done 100000] [--asked 40] [--fresh] [--json FILE]
                                 [--markdown FILE]

Each page is asked for in turn within one process: what is timed is the server's whole answer, its guard and
its HTML included, and no network. Naive: count every queue by reading every open task, and search by reading
every task with its item. What the lists' indexes cost at intake is told beside the same without them. Needs
PostgreSQL's server, and starts its own.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Final

from review_pages_intake import Cost, intake_costs
from review_pages_naive import NAIVE
from review_pages_table import Page, cost_cells, page_cells, page_of
from rich.console import Console
from throughput_machine import machine
from throughput_table import markdown, print_cells

from tocsin.models import DEFAULT_BUNDLE, Scorer, read_bundle
from tocsin.policy import default_policy
from tocsin.service.api.console.lists_testing import SEARCHES, FilledHouse, forget_figures
from tocsin.service.api.console.testing import Browser, sign_in
from tocsin.service.api.testing import connect
from tocsin.service.review.records.figures import figures_now, refresh_figures
from tocsin.service.review.testing import cluster, missing

__all__ = ["main"]

PIPED_WIDTH: Final = 150
COLD: Final = 5
PATHS: Final = {
    "queues": "/review",
    "dashboard, kept": "/review/dashboard",
    "log, latest rows verified": "/review/log?verify=latest",
    **{f"search: {what}": f"/review/search{query}" for what, query in SEARCHES.items()},
}


def main() -> None:
    """Measure and print every table."""
    chosen = _arguments()
    if reason := missing():
        sys.exit(f"review pages: {reason}")
    told = Console(stderr=True, highlight=False)
    scorer = Scorer(read_bundle(DEFAULT_BUNDLE), default_policy())
    described = machine()
    pages: dict[str, dict[str, Page]] = {}
    costs: dict[str, Cost] = {}
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder, cluster() as server:
        urls = {"SQLite": f"sqlite:///{folder}/review.sqlite", "PostgreSQL": server.database()}
        for name, url in urls.items():
            told.print(f"{name}: filling")
            house = FilledHouse(Path(folder), scorer, url, chosen.open, chosen.done)
            told.print(f"{name}: asking")
            costs[name] = intake_costs(house.desk)
            if not house.desk.store.is_sqlite and not chosen.fresh:
                server.psql("VACUUM ANALYZE", url)  # as it does by itself within minutes
            pages[name] = _measured(house, chosen.asked)
    tables = [page_cells(pages, chosen.open, chosen.done), cost_cells(costs)]
    for table in tables:
        print_cells(table, Console(width=None if sys.stdout.isatty() else PIPED_WIDTH))
    if chosen.json:
        made = {
            "machine": described,
            "load_after": os.getloadavg()[0],
            "pages": {
                name: {title: asdict(page) for title, page in its.items()} for name, its in pages.items()
            },
            "intake": {name: asdict(cost) for name, cost in costs.items()},
        }
        chosen.json.write_text(json.dumps(made, indent=1, default=str) + "\n", encoding="utf-8")
    if chosen.markdown:
        text = "\n".join(f"{table.title}\n\n{markdown(table)}" for table in tables)
        chosen.markdown.write_text(text, encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the console's lists beside reading every task.")
    parser.add_argument("--open", type=int, default=100_000, help="tasks that wait")
    parser.add_argument("--done", type=int, default=100_000, help="tasks that are decided")
    parser.add_argument("--fresh", action="store_true", help="before PostgreSQL has vacuumed what came")
    parser.add_argument("--asked", type=int, default=40, help="times for each page")
    parser.add_argument("--json", type=Path, help="file for every figure")
    parser.add_argument("--markdown", type=Path, help="file for the tables in Markdown")
    return parser.parse_args()


def _measured(house: FilledHouse, asked: int) -> dict[str, Page]:
    """Return what each page took; the pages take turns, so that a busy moment is nobody's alone."""
    desk = house.desk
    asks: dict[str, Callable[[], object]] = {
        f"naive {what}": lambda work=work: desk.read(work)  # type: ignore[misc]
        for what, work in NAIVE.items()
    }
    with connect(house.app(), None) as client:
        browser = sign_in(Browser(client), desk, house.lead)
        refresh_figures(desk)
        asks |= {what: lambda path=path: browser.get(path) for what, path in PATHS.items()}  # type: ignore[misc]
        for ask in asks.values():
            ask()
        took: dict[str, list[float]] = {what: [] for what in asks}
        for _ in range(asked):
            for what, ask in asks.items():
                took[what].append(_timed(ask))
        desk.write(forget_figures)
        took["figures, computed anew"] = [_timed(lambda: desk.read(figures_now)) for _ in range(COLD)]
    return {what: page_of(seconds) for what, seconds in took.items()}


def _timed(ask: Callable[[], object]) -> float:
    start = time.perf_counter()
    ask()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
