"""Ten times the load that a server can take: what is refused, how fast, and what that costs the others.

By hey, which writes down every answer's status and time; wrk tells times over all answers alone. hey sends
one body over and over, so no memory of answers may be on.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from service_servers import Server
from service_wrk import LoadError

__all__ = ["Answers", "Hey", "Overload", "overload", "percentile", "read_answers"]

TRIED: Final = (1, 2, 4, 8, 16, 32, 64, 128)
SATURATED: Final = 0.95
TIMES: Final = 10


@dataclass(frozen=True)
class Answers:
    """Hold the times of all answers of one load, in seconds, by status."""

    seconds: float
    by_status: Mapping[int, Sequence[float]]

    @property
    def accepted(self) -> Sequence[float]:
        """Return the times of the answers that held scores."""
        return self.by_status.get(200, ())

    @property
    def refused(self) -> Sequence[float]:
        """Return the times of all others."""
        return [time for status, times in self.by_status.items() if status != 200 for time in times]

    @property
    def good_a_second(self) -> float:
        """Return the answers a second that held scores."""
        return len(self.accepted) / self.seconds

    def shares(self) -> dict[int, float]:
        """Return the share of each status."""
        counts = Counter({status: len(times) for status, times in self.by_status.items()})
        return {status: number / counts.total() for status, number in sorted(counts.items())}


@dataclass(frozen=True)
class Hey:
    """Load one path of a server with one body; `cores` are those that hey may use, None: any."""

    server: Server
    folder: Path
    cores: frozenset[int] | None = None

    def load(self, path: str, body: str, connections: int, seconds: float) -> Answers:
        """Load for some seconds and return every answer's time."""
        tool = shutil.which("hey")
        if tool is None:
            raise LoadError("hey must be installed (apt-get install hey)")
        file = self.folder / "body.json"
        file.write_text(body, encoding="utf-8")
        headers = [part for pair in self.server.headers.items() for part in ("-H", ": ".join(pair))]
        command = (
            *(tool, "-z", f"{seconds:g}s", "-c", str(connections), "-m", "POST", "-o", "csv"),
            *("-T", "application/json", "-D", str(file), *headers, self.server.url + path),
        )
        process = subprocess.Popen(  # noqa: S603 - our own
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        if self.cores:
            os.sched_setaffinity(process.pid, self.cores)
        out, error = process.communicate()
        if process.returncode:
            raise LoadError(f"hey must end with 0, was {process.returncode}: {error.strip()[-300:]}")
        return read_answers(out, seconds)


@dataclass(frozen=True)
class Overload:
    """Hold one kind of load below saturation, and ten times beyond it.

    `alone` is one connection; `below` the most connections that were tried under those that saturate.
    Times are in milliseconds; the shares and times of the last part are those of the overload.
    """

    title: str
    saturated_at: int
    good_at_best: float
    alone_p99_ms: float
    below: int
    below_p99_ms: float
    connections: int
    good: float
    shares: dict[int, float]
    accepted_p50_ms: float
    accepted_p99_ms: float
    refused_p50_ms: float
    refused_p99_ms: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return asdict(self)


def read_answers(written: str, seconds: float) -> Answers:
    """Return the answers that hey wrote down, a line each."""
    by_status: dict[int, list[float]] = {}
    for row in csv.DictReader(io.StringIO(written)):
        by_status.setdefault(int(row["status-code"]), []).append(float(row["response-time"]))
    return Answers(seconds, by_status)


def overload(
    title: str,
    hey: Hey,
    path: str,
    body: str,
    seconds: float,
    tell: Callable[[str], None],
    heavier: str | None = None,
) -> Overload:
    """Find what saturates the server, then send ten times the connections, or ten times the work.

    `heavier` is a body of ten times the texts, sent over as many connections as saturate.
    """
    tried: dict[int, Answers] = {}
    for connections in TRIED:
        tried[connections] = hey.load(path, body, connections, seconds)
        tell(f"{title}: {connections} connections, {tried[connections].good_a_second:.0f} a second")
    best = max(one.good_a_second for one in tried.values())
    full = next(at for at, one in tried.items() if one.good_a_second >= SATURATED * best)
    below = max((at for at in TRIED if at < full), default=full)
    connections = full if heavier else TIMES * full
    tell(f"{title}: overload with {connections} connections")
    over = hey.load(path, heavier or body, connections, 2 * seconds)
    return Overload(
        title,
        full,
        best,
        percentile(tried[1].accepted, 99),
        below,
        percentile(tried[below].accepted, 99),
        connections,
        over.good_a_second,
        over.shares(),
        percentile(over.accepted, 50),
        percentile(over.accepted, 99),
        percentile(over.refused, 50),
        percentile(over.refused, 99),
    )


def percentile(times: Sequence[float], share: int) -> float:
    """Return a percentile of times in seconds, in milliseconds (nearest rank); NaN of none."""
    ranked = sorted(times)
    return 1000 * ranked[max(0, -(-share * len(ranked) // 100) - 1)] if ranked else float("nan")
