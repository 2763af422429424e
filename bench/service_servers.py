"""The servers that are loaded: started, awaited, accounted for by what Linux tells of them, and stopped."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from throughput_peers import ONE_THREAD

__all__ = ["Server", "ServerError", "free_port", "naive_command", "only_on", "served", "tocsin_command"]

BENCH: Final = Path(__file__).parent
PATIENCE_S: Final = 60.0
_TICKS: Final = os.sysconf("SC_CLK_TCK")


class ServerError(Exception):
    """Say that a server did not start, answer or stop as it must."""


@dataclass(frozen=True)
class Server:
    """Hold a server that answers; its figures are those of all its processes together."""

    url: str
    process: subprocess.Popen[bytes]
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def processes(self) -> list[int]:
        """Return the ids of the process and of all that came from it."""
        children: dict[int, list[int]] = {}
        for path in Path("/proc").glob("[0-9]*/stat"):
            stat = _stat(path)
            if stat:
                children.setdefault(int(stat[1]), []).append(int(path.parent.name))
        found = [self.process.pid]
        for parent in found:
            found += children.get(parent, [])
        return found

    @property
    def processor_seconds(self) -> float:
        """Return the processor's time that was used so far."""
        stats = [_stat(Path(f"/proc/{process}/stat")) for process in self.processes]
        return sum(int(stat[11]) + int(stat[12]) for stat in stats if stat) / _TICKS

    @property
    def resident_mb(self) -> float:
        """Return the memory that is resident, counting what processes share once for each."""
        return sum(_kilobytes(process, "status", "VmRSS") for process in self.processes) / 1024

    @property
    def proportional_mb(self) -> float:
        """Return the memory that is resident, parting what processes share among them."""
        return sum(_kilobytes(process, "smaps_rollup", "Pss") for process in self.processes) / 1024

    def answers(self, path: str, body: str | None = None) -> int:
        """Return the status of one request, 0 where the server does not answer."""
        request = urllib.request.Request(  # noqa: S310 - our own server
            self.url + path,
            None if body is None else body.encode(),
            {"Content-Type": "application/json", **self.headers},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return int(error.code)
        except OSError:
            return 0

    def stop(self) -> int:
        """Ask the server to stop and return its exit status; raise ServerError where it does not."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise ServerError(f"a server must stop within {PATIENCE_S:g} s of SIGTERM, did not") from None


def tocsin_command() -> tuple[str, ...]:
    """Return the command that serves; settings come by environment."""
    return (str(Path(sys.executable).with_name("tocsin")), "serve")


def naive_command(port: int, workers: int) -> tuple[str, ...]:
    """Return the command that serves the naive endpoints, as fast as uvicorn can."""
    return (
        *(sys.executable, "-m", "uvicorn", "--app-dir", str(BENCH), "--port", str(port)),
        *("--workers", str(workers), "--no-access-log", "--log-level", "warning", "naive_service:app"),
    )


@contextmanager
def served(
    command: Sequence[str],
    port: int,
    ready: str,
    environment: Mapping[str, str] | None = None,
    key: Path | None = None,
    cores: frozenset[int] | None = None,
) -> Iterator[Server]:
    """Yield a server once the path `ready` answers 200; stop it in the end, unless that was done.

    `key` is a file that the server writes a key to, which requests then carry.
    """
    with tempfile.TemporaryFile() as said:
        with only_on(cores):
            process = subprocess.Popen(  # noqa: S603 - our own
                command,
                env={**os.environ, **ONE_THREAD, **(environment or {})},
                stdout=said,
                stderr=subprocess.STDOUT,
            )
        server = Server(f"http://127.0.0.1:{port}", process)
        try:
            if not _came_up(server, ready):
                said.seek(0)
                last = (said.read().decode("utf-8", "replace").strip() or "no reason given").splitlines()[-1]
                raise ServerError(f"a server must answer at {ready} within {PATIENCE_S:g} s, did not: {last}")
            yield server if key is None else replace(server, headers=_bearer(key))
        finally:
            if process.poll() is None:
                server.stop()


@contextmanager
def only_on(cores: frozenset[int] | None) -> Iterator[None]:
    """Keep this process, and what it starts meanwhile, on some cores; None: as it was."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores or before)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def free_port() -> int:
    """Return a port of the loopback address that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _bearer(key: Path) -> dict[str, str]:
    return {"Authorization": f"Bearer {key.read_text('utf-8').strip()}"}


def _came_up(server: Server, ready: str) -> bool:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and server.process.poll() is None:
        if server.answers(ready) == 200:
            return True
        time.sleep(0.05)
    return False


def _stat(path: Path) -> list[str]:
    """Return the fields after the name, which may hold blanks; none where the process is gone."""
    try:
        return path.read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return []


def _kilobytes(process: int, file: str, name: str) -> int:
    try:
        lines = Path(f"/proc/{process}/{file}").read_text("utf-8").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
