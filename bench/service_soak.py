"""Hold the server at overload, over all faces at once, and then stop it in the middle of its work.

    python bench/service_soak.py [--seconds 600]

Fails (exit status 1) unless memory stays flat, no answer is a failure of the server, and nothing that was
let in is lost when it is told to stop. Needs Linux and wrk.
"""

from __future__ import annotations

import argparse
import json
import shlex
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from rich.console import Console
from service_drain import Drained, drain
from service_faces import FACES, Face, bodies
from service_load import FIRST_KEY, READY, cores, ours
from service_servers import Server, ServerError, free_port, served, tocsin_command
from service_texts import posts
from service_wrk import Loaded, LoadError, Wrk
from soak_checks import Check, told

from tocsin.errors import TocsinError

__all__ = ["Soaked", "main", "verdict"]

FLAT: Final = 1.05
ALLOWED: Final = frozenset({200, 400, 422, 429, 503, 504})  # 400 and 422: a post that cannot be judged
CLEAN: Final = frozenset({0, -signal.SIGTERM})  # by itself, or by the signal once all was answered
DRAIN: Final = (50, 30)  # requests, texts in each: below what may wait
QUIET_PATIENCE_S: Final = 30
LONG: Final = 30  # posts run together, so that scoring takes a while
MOST_POSTS: Final = 5_000


@dataclass(frozen=True)
class Soaked:
    """Hold what was seen: the load of each face, resident memory second by second, and the stop."""

    loads: dict[str, Loaded]
    missing: tuple[str, ...]
    resident_mb: tuple[float, ...]
    drained: Drained

    @property
    def statuses(self) -> Counter[str]:
        """Return how often each status was answered, over all faces."""
        return sum((Counter(load.statuses) for load in self.loads.values()), Counter())


def main() -> None:
    """Soak the server and leave with 1 where a promise did not hold."""
    parser = argparse.ArgumentParser(description="Hold the server at overload, then stop it.")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--connections", type=int, default=256, help="for each face")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--server", type=shlex.split, default=tocsin_command(), help="command that serves")
    parser.add_argument("--json", type=Path, help="file for every figure")
    chosen = parser.parse_args()
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        found = _soak(chosen, console.print)
    except (TocsinError, LoadError, ServerError) as error:
        sys.exit(f"soak: {error}")
    if chosen.json:
        chosen.json.write_text(json.dumps(asdict(found), indent=1) + "\n", encoding="utf-8")
    sys.exit(told(verdict(found), console))


def verdict(found: Soaked) -> tuple[Check, ...]:
    """Return every promise, held or broken."""
    second, last = (_third(found.resident_mb, part) for part in (1, 2))
    failures = {status: n for status, n in found.statuses.items() if int(status) not in ALLOWED}
    refused = found.statuses["503"] + found.statuses["429"]
    broken = sum(load.broken + load.late for load in found.loads.values())
    drained = found.drained
    return (
        Check(
            last <= FLAT * second,
            f"memory is flat: {last:.1f} MB in the last third, {second:.1f} in the second"
            f" (at most {FLAT:.0%} of it)",
        ),
        Check(not failures, f"no answer but {_listed(ALLOWED)}: {dict(found.statuses)}"),
        Check(refused > 0, f"the load was too much: {refused:,} answers were 429 or 503"),
        Check(not broken, f"no connection was cut, no answer took half a minute: {broken} did"),
        Check(drained.open_at_stop > 0, f"{drained.open_at_stop} requests were open at the stop"),
        Check(not drained.lost, f"each of {drained.requests} open requests was answered: {drained.outcomes}"),
        Check(
            drained.code in CLEAN,
            f"it ended cleanly, after {drained.seconds:.1f} s: exit status {drained.code}",
        ),
    )


def _soak(chosen: argparse.Namespace, tell: Callable[[str], None]) -> Soaked:
    texts = posts(MOST_POSTS, tell)
    theirs, tools = cores(chosen.workers)
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        # As an operator has it: answers are remembered, and limits are the defaults.
        settings = ours(Path(folder), port, workers=str(chosen.workers), cache_entries="10000")
        with served(chosen.server, port, READY, settings, Path(folder) / FIRST_KEY, theirs) as server:
            made = {name: bodies(face, texts) for name, face in FACES.items()}
            there = [name for name in FACES if server.answers(FACES[name].path, made[name][0]) == 200]
            missing = tuple(FACES[name].title for name in FACES if name not in there)
            tell(f"{len(there)} faces, {chosen.connections} connections each, {chosen.seconds:g} s")
            wrk = Wrk(server.url, server.headers, Path(folder), tools)
            running = {
                name: wrk.start(
                    FACES[name], made[name], chosen.connections, chosen.seconds, 8_000_000 * at, count=True
                )
                for at, name in enumerate(there)
            }
            resident = _sampled(server, chosen.seconds)
            loads = {name: wrk.finish(process) for name, process in running.items()}
            tell("stopping it in the middle of its work")
            drained = _drained(server, FACES["native"], texts)
    return Soaked(loads, missing, resident, drained)


def _drained(server: Server, face: Face, texts: Sequence[str]) -> Drained:
    _quiet(server)
    long = [" ".join(texts[at : at + LONG]) for at in range(0, len(texts) - LONG, LONG)]
    return drain(server, face, long, *DRAIN)


def _quiet(server: Server) -> None:
    """Wait until the server has done with the load: what it reads late, it has not let in."""
    until = time.monotonic() + QUIET_PATIENCE_S
    swift = 0
    while swift < 20 and time.monotonic() < until:
        started = time.monotonic()
        swift = swift + 1 if server.answers(READY) == 200 and time.monotonic() - started < 0.05 else 0
        time.sleep(0.05)


def _sampled(server: Server, seconds: float) -> tuple[float, ...]:
    """Return the memory that is resident, once a second."""
    found = []
    for _ in range(max(3, int(seconds))):
        found.append(server.resident_mb)
        time.sleep(min(1.0, seconds / 3))
    return tuple(found)


def _third(samples: Sequence[float], part: int) -> float:
    size = len(samples) // 3
    return median(samples[part * size : (part + 1) * size])


def _listed(statuses: Any) -> str:
    return ", ".join(map(str, sorted(statuses)))


if __name__ == "__main__":
    main()
