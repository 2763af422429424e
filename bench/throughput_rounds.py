"""Workers asked in turn, round after round, so that a noisy machine disturbs all of them alike."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from throughput_peers import Prepared

__all__ = ["Run", "Worker", "WorkerError", "measure"]

Rounds = Sequence[tuple[Sequence[str], Sequence[str]]]


@dataclass
class Run:
    """Hold what one candidate took, round by round, in posts a second.

    `fresh` are posts that the process had never seen, the first of them scored with nothing
    remembered; `seen` are the same posts once more; `alone` are other fresh posts, one a call.
    Seconds are those of the processor; `share` is the least part of one that a pass was given while
    it ran. Memory is that after loading, and the peak over all rounds.
    """

    load_seconds: float
    load_mb: float
    peak_mb: float
    share: float = 1.0
    fresh: list[float] = field(default_factory=list)
    seen: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)


class WorkerError(Exception):
    """Say that a process ended before it answered."""


class Worker:
    """Speak with one process, which has loaded its classifier once this is made."""

    def __init__(self, name: str, prepared: Prepared) -> None:
        self._name = name
        # A pipe that nobody reads would fill up.
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(  # noqa: S603 - the bench's own command
            prepared.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env={**os.environ, **prepared.environment},
        )
        try:
            ready = self._read()
        except WorkerError:
            self.close()
            raise
        self.run = Run(ready["seconds"], ready["peak_mb"], ready["peak_mb"])

    def speed(self, posts: Path, batch: int) -> float:
        """Return the posts a second at which the posts of a file were scored."""
        answer = self._asked({"posts": str(posts), "batch": batch})
        self.run.peak_mb = max(self.run.peak_mb, answer["peak_mb"])
        self.run.share = min(self.run.share, answer["seconds"] / answer["passed"])
        return float(answer["posts"] / answer["seconds"])

    def values(self, posts: Path, batch: int, out: Path) -> list[float]:
        """Return the scores of the posts of a file, which are written to the file `out`."""
        self._asked({"posts": str(posts), "batch": batch, "values": str(out)})
        found: list[float] = json.loads(out.read_text(encoding="utf-8"))
        return found

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def _asked(self, request: Mapping[str, Any]) -> dict[str, Any]:
        stdin = _opened(self._process.stdin)
        stdin.write(json.dumps(request) + "\n")
        stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        line = _opened(self._process.stdout).readline()
        if not line:
            self._errors.seek(0)
            last = (self._errors.read().strip() or "no reason given").splitlines()[-1]
            raise WorkerError(f"the worker of {self._name!r} must answer, did not: {last}")
        answer: dict[str, Any] = json.loads(line)
        return answer


def measure(
    prepared: Mapping[str, Prepared],
    rounds: Rounds,
    batch: int,
    tell: Callable[[str], None],
    most: Mapping[str, int] | None = None,
) -> dict[str, Run]:
    """Return what every candidate took; each is asked once in every round, in turn.

    `most` bounds the posts that a candidate gets of each round: the first so many.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        workers: dict[str, Worker] = {}
        for name, one in prepared.items():
            workers[name] = Worker(name, one)
            stack.callback(workers[name].close)
        for number, (posts, alone) in enumerate(rounds):
            tell(f"round {number + 1} of {len(rounds)}: {len(posts)} posts")
            turn = number % len(workers)
            for name in [*workers][turn:] + [*workers][:turn]:
                few = (most or {}).get(name)
                files = (
                    _written(folder / "posts.json", posts[:few]),
                    _written(folder / "alone.json", alone[:few]),
                )
                _ask(workers[name], *files, batch)
        return {name: worker.run for name, worker in workers.items()}


def _ask(worker: Worker, posts: Path, alone: Path, batch: int) -> None:
    worker.run.fresh.append(worker.speed(posts, batch))
    worker.run.seen.append(worker.speed(posts, batch))
    worker.run.alone.append(worker.speed(alone, 1))


def _opened(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        raise WorkerError("a worker must have pipes, has none")
    return pipe


def _written(path: Path, posts: Sequence[str]) -> Path:
    path.write_text(json.dumps(posts), encoding="utf-8")
    return path
