"""Load the server through each of its faces, beside what one writes first, in the same run.

    python bench/service_load.py [--json FILE] [--markdown FILE] [--seconds 5] [--rounds 3]

Prints the tables of docs/explanation/sizing.md, which says what they mean. Needs Linux, wrk and hey. Both
servers run the same bundle with as many processes, remember no answer and log no access; where there are
cores enough, servers and load tools use different ones. Texts are posts of the corpora in TOCSIN_DATA, or
else toy words; each is made new by one made-up word. No text is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from service_faces import FACES, NAIVE, bodies
from service_overload import Hey, Overload, overload
from service_rounds import Plan, Runs, measure, targets
from service_servers import Server, ServerError, free_port, naive_command, served, tocsin_command
from service_table import load_cells, memory_cells, overload_cells
from service_texts import NEW_WORD, posts
from service_wrk import LoadError, Wrk
from throughput_machine import machine
from throughput_table import Cells, markdown, print_cells

import tocsin
from tocsin.errors import TocsinError

__all__ = ["FIRST_KEY", "READY", "Figures", "cores", "main", "ours"]

PIPED_WIDTH: Final = 170
MOST_POSTS: Final = 20_000
READY: Final = "/readyz"
FIRST_KEY: Final = "first-key"
NAIVE_READY: Final = "/openapi.json"


@dataclass(frozen=True)
class Figures:
    """Hold everything that was measured."""

    machine: Mapping[str, Any]
    missing: Mapping[str, str]
    runs: Runs
    memory: Mapping[str, tuple[float, float]]
    overloads: Sequence[Overload]

    @property
    def tables(self) -> list[Cells]:
        """Return the tables that people read."""
        faces = {**FACES, **NAIVE}
        titles = {name: face.title for name, face in faces.items()}
        texts = {name: face.texts for name, face in faces.items()}
        made = [*load_cells(self.runs, titles, texts, [*NAIVE]), memory_cells(self.memory)]
        return [*made, overload_cells(self.overloads)] if self.overloads else made


def main() -> None:
    """Measure and print every table."""
    chosen = _arguments()
    console = Console(stderr=True, highlight=False)
    try:
        figures = _figures(chosen, console.print)
    except (TocsinError, LoadError, ServerError) as error:
        sys.exit(f"service: {error}")
    for table in figures.tables:
        print_cells(table, Console(width=None if sys.stdout.isatty() else PIPED_WIDTH))
    for name, why in figures.missing.items():
        console.print(f"left out: {FACES[name].title}: {why}")
    if chosen.json:
        chosen.json.write_text(json.dumps(asdict(figures), indent=1) + "\n", encoding="utf-8")
    if chosen.markdown:
        chosen.markdown.write_text(
            "\n".join(f"{table.title}\n\n{markdown(table)}" for table in figures.tables), encoding="utf-8"
        )


def cores(workers: int) -> tuple[frozenset[int] | None, frozenset[int] | None]:
    """Return cores for a server and others for what loads it; None where there are too few."""
    there = sorted(os.sched_getaffinity(0))
    if len(there) <= workers:
        return None, None
    return frozenset(there[:workers]), frozenset(there[workers:])


def ours(state: Path, port: int, **settings: str) -> dict[str, str]:
    """Return the environment of a server under load: keys as ever, no memory of answers, no access log."""
    given = {
        "port": str(port),
        "state": str(state),
        "access_log": "false",
        "cache_entries": "0",
        **settings,
    }
    return {f"TOCSIN_SERVE_{name}".upper(): value for name, value in given.items()}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Load the server beside what one writes first.")
    parser.add_argument("--only", nargs="*", choices=[*FACES, *NAIVE], default=[*FACES, *NAIVE])
    parser.add_argument("--connections", nargs="*", type=int, default=list(Plan.connections))
    parser.add_argument("--seconds", type=float, default=Plan.seconds, help="of each load")
    parser.add_argument("--rounds", type=int, default=Plan.rounds, help="loads of each kind; 0 for none")
    parser.add_argument("--workers", type=int, default=1, help="processes of either server")
    parser.add_argument("--no-overload", action="store_true", help="leave the overload out")
    parser.add_argument("--server", type=shlex.split, default=tocsin_command(), help="command that serves")
    parser.add_argument("--json", type=Path, help="file for every figure")
    parser.add_argument("--markdown", type=Path, help="file for the tables in Markdown")
    return parser.parse_args()


def _figures(chosen: argparse.Namespace, tell: Any) -> Figures:
    described = machine() | {"bundle": asdict(tocsin.load().model), "workers": chosen.workers}
    texts = posts(MOST_POSTS, tell)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        runs, memory, missing = _loads(chosen, texts, work, tell) if chosen.rounds else ({}, {}, {})
        overloads = [] if chosen.no_overload else _overloads(chosen, texts, work, tell)
    about = {"texts": len(texts), "mean_characters": sum(map(len, texts)) / len(texts)}
    return Figures(described | about, missing, runs, memory, overloads)


def _loads(
    chosen: argparse.Namespace, texts: Sequence[str], work: Path, tell: Any
) -> tuple[Runs, dict[str, tuple[float, float]], dict[str, str]]:
    """Load every face and the peers, both servers up at once; no request is refused for its number."""
    theirs, tools = cores(chosen.workers)
    plan = Plan(tuple(chosen.connections), chosen.seconds, chosen.rounds)
    port, other = free_port(), free_port()
    settings = ours(work, port, workers=str(chosen.workers), max_requests="4096")
    with ExitStack() as stack:
        servers: dict[str, Server] = {
            "tocsin": stack.enter_context(
                served(chosen.server, port, READY, settings, work / FIRST_KEY, theirs)
            )
        }
        if set(NAIVE) & set(chosen.only):
            command = naive_command(other, chosen.workers)
            servers["naive"] = stack.enter_context(served(command, other, NAIVE_READY, cores=theirs))
        at = {
            name: (server, Wrk(server.url, server.headers, work, tools)) for name, server in servers.items()
        }
        found, missing = targets(chosen.only, texts, at["tocsin"], at.get("naive"))
        start = {name: server.proportional_mb for name, server in servers.items()}
        runs = measure(found, plan, tell)
        return (
            runs,
            {name: (start[name], server.proportional_mb) for name, server in servers.items()},
            missing,
        )


def _overloads(chosen: argparse.Namespace, texts: Sequence[str], work: Path, tell: Any) -> list[Overload]:
    """Overload a server whose limits are the defaults."""
    theirs, tools = cores(chosen.workers)
    port = free_port()
    state = work / "overload"
    state.mkdir()
    settings = ours(state, port, workers=str(chosen.workers))
    one, many = FACES["native"], FACES["native32"]
    body, batch, heavy = (
        _unmarked(bodies(one, texts)[0]),
        _unmarked(bodies(many, texts)[0]),
        json.dumps(many.body(texts[: 10 * many.texts])),
    )
    with served(chosen.server, port, READY, settings, state / FIRST_KEY, theirs) as server:
        hey = Hey(server, work, tools)
        hey.load(one.path, body, 8, 1.0)
        return [
            overload("1 text, 10 times the connections", hey, one.path, body, chosen.seconds, tell),
            overload("32 texts, 10 times the connections", hey, many.path, batch, chosen.seconds, tell),
            overload(
                "32 texts, 10 times the texts",
                hey,
                many.path,
                batch,
                chosen.seconds,
                tell,
                heavier=heavy,
            ),
        ]


def _unmarked(body: str) -> str:
    return body.replace(f" {NEW_WORD}", "")


if __name__ == "__main__":
    main()
