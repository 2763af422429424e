"""A real server in processes of its own, for tests."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

__all__ = ["PATIENCE_S", "Served", "serving", "start"]

PATIENCE_S: Final = 60.0
_LISTENING: Final = re.compile(r"listening at (http://\S+),")


@dataclass(slots=True)
class Served:
    """Hold a server that was started: its process, its state folder, what it said and where it listens."""

    process: subprocess.Popen[bytes]
    state: Path
    log: Path
    url: str = ""

    @property
    def said(self) -> str:
        """Return what it has written to standard error so far."""
        return self.log.read_text(encoding="utf-8")

    @property
    def secret(self) -> str:
        """Return the first key."""
        return (self.state / "first-key").read_text(encoding="utf-8").strip()

    @property
    def workers(self) -> list[int]:
        """Return the process ids of its workers, most recent last (Linux)."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text("ascii")
        return [pid for pid in map(int, children.split()) if "spawn_main" in _command(pid)]

    def connection(self, timeout: float = PATIENCE_S) -> HTTPConnection:
        """Return a connection to it, not yet open."""
        address = urlsplit(self.url)
        return HTTPConnection(address.hostname or "", address.port, timeout=timeout)

    def assess(self, texts: Sequence[str], secret: str | None = None) -> tuple[int, Any]:
        """Return the status and the body that it answers over a connection of its own."""
        connection = self.connection()
        try:
            connection.request(
                "POST",
                "/v1/assess",
                json.dumps({"items": [{"text": text} for text in texts]}),
                {"Authorization": f"Bearer {secret or self.secret}"},
            )
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)


def start(folder: Path, *options: str) -> Served:
    """Start a server at a free port, with its state and its log in `folder`; do not wait for it."""
    log = folder / "log"
    state = folder / "state"
    command = [sys.executable, "-m", "tocsin.cli", "serve", "--port", "0", "--state", str(state), *options]
    env = {**os.environ, "TMPDIR": str(folder)}  # what it would leave where it is killed
    with log.open("wb") as stderr:
        process = subprocess.Popen(  # noqa: S603 - our own
            command, stderr=stderr, stdin=subprocess.DEVNULL, env=env
        )
    return Served(process, state, log)


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[Served]:
    """Yield a server that takes requests; end it with the block, whatever it takes."""
    served = start(folder, *options)
    try:
        until = time.monotonic() + PATIENCE_S
        while not (found := _LISTENING.search(served.said)):
            if served.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the server must start within {PATIENCE_S:g} s, said: {served.said}")
            time.sleep(0.02)
        served.url = found[1]
        yield served
    finally:
        if served.process.poll() is None:
            served.process.terminate()
            try:
                served.process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                served.process.kill()
                served.process.wait()


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text("utf-8")
    except OSError:  # gone by now
        return ""
