"""One audit as a whole process: what it used of the processors, and how much memory each part of it held."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from throughput_commands import CommandError

__all__ = ["Watched", "watch"]

PROCESSES: Final = Path("/proc")
WORKER: Final = b"spawn_main"  # how Python calls what a process pool starts
EVERY_S: Final = 0.05


@dataclass(frozen=True)
class Watched:
    """Hold what a process and those that it started took.

    `parent_mb` is the most memory that it held itself, `worker_mb` the most that any of its workers did.
    """

    seconds: float
    processor_seconds: float
    parent_mb: float
    worker_mb: float


def watch(command: Sequence[str]) -> Watched:
    """Run a command to its end; raise CommandError where it fails. Needs Linux.

    The system keeps the highest memory of each process while it runs; what one reaches within the last
    twentieth of a second of its life may be missed.
    """
    start = time.perf_counter()
    peaks = _Peaks()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)  # noqa: S603 - our own
        while True:
            done, status, used = os.wait4(process.pid, os.WNOHANG)
            if done:
                break
            peaks.look(process.pid)
            time.sleep(EVERY_S)
        process.returncode = os.waitstatus_to_exitcode(status)  # it is reaped: Popen need not wait
        seconds = time.perf_counter() - start
        said.seek(0)
        last = said.read().decode("utf-8", "replace").strip().rpartition("\n")[2][-300:]
    if process.returncode:
        raise CommandError(f"{' '.join(command)}: must end with 0, was {process.returncode}: {last}")
    return Watched(seconds, used.ru_utime + used.ru_stime, peaks.parent, peaks.worker)


class _Peaks:
    """Keep the highest memory of a process and of its workers, in MB."""

    def __init__(self) -> None:
        self.parent = self.worker = 0.0

    def look(self, pid: int) -> None:
        """Look at what there is."""
        self.parent = max(self.parent, _highest(pid))
        for child in _children(pid):
            self.worker = max(self.worker, _highest(child))


def _children(pid: int) -> list[int]:
    try:
        told = (PROCESSES / f"{pid}/task/{pid}/children").read_bytes().split()
        return [
            int(child) for child in told if WORKER in (PROCESSES / child.decode() / "cmdline").read_bytes()
        ]
    except OSError:
        return []  # gone meanwhile


def _highest(pid: int) -> float:
    try:
        lines = (PROCESSES / f"{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)
