"""Whole processes: what starting costs, and a scan of a million rows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from throughput_peers import Prepared

__all__ = ["Taken", "starts", "take"]

CHILD: Final = Path(__file__).with_name("throughput_child.py")
TOCSIN: Final = str(Path(sys.executable).with_name("tocsin"))


@dataclass(frozen=True)
class Taken:
    """Hold what a process took from its start to its end."""

    seconds: float
    processor_seconds: float
    peak_mb: float


class CommandError(Exception):
    """Say that a command which was to be measured failed."""


def take(prepared: Prepared, given: Path | None = None) -> Taken:
    """Run a command to its end; `given` is its standard input."""
    # Small and without site packages: its own memory would be counted as the command's.
    child = (sys.executable, "-S", "-E", str(CHILD), *prepared.command)
    with (given or Path(os.devnull)).open("rb") as file:
        done = subprocess.run(  # noqa: S603 - our own
            child,
            stdin=file,
            env={**os.environ, **prepared.environment},
            capture_output=True,
            text=True,
            check=True,
        )
    found: Mapping[str, Any] = json.loads(done.stdout)
    if found["code"]:
        raise CommandError(
            f"{' '.join(prepared.command)}: must end with 0, was {found['code']}: {found['last_line']}"
        )
    return Taken(found["seconds"], found["processor_seconds"], found["peak_mb"])


def starts(prepared: Mapping[str, Prepared], text: Path, repeats: int) -> dict[str, Taken]:
    """Return the median of what each command takes over repeats in turn; the first of each is not counted."""
    taken: dict[str, list[Taken]] = {name: [] for name in prepared}
    for _ in range(repeats + 1):
        for name, one in prepared.items():
            taken[name].append(take(one, text))
    return {name: _median(found[1:]) for name, found in taken.items()}


def _median(found: Sequence[Taken]) -> Taken:
    return Taken(
        median(one.seconds for one in found),
        median(one.processor_seconds for one in found),
        max(one.peak_mb for one in found),
    )
