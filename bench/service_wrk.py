"""Closed-loop load by wrk: so many connections, each asking again once it was answered."""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from service_faces import Face
from service_texts import NEW_WORD, WORD_IN_LUA

__all__ = ["LoadError", "Loaded", "Wrk", "script"]

# `done` alone sees all threads; counting statuses makes wrk read every response, so it is asked for.
_LUA: Final = """
local bodies, at, number, threads = {{}}, {first_body}, {first_word}, {{}}
said = {{}}
{word}
function setup(thread) table.insert(threads, thread) end
function init(args)
  for line in io.lines({bodies}) do table.insert(bodies, line) end
end
function request()
  at = at % #bodies + 1
  local body = bodies[at]:gsub({mark}, word)
  return wrk.format("POST", {path}, nil, body)
end
wrk.headers["Content-Type"] = "application/json"
{headers}
{response}
function done(summary, latency, requests)
  local statuses = {{}}
  for _, thread in ipairs(threads) do
    for status, count in pairs(thread:get("said")) do
      statuses[status] = (statuses[status] or 0) + count
    end
  end
  local listed = {{}}
  for status, count in pairs(statuses) do
    table.insert(listed, string.format('"%s": %d', status, count))
  end
  io.write(string.format(
    '\\n{{"answers": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, "most_ms": %.3f,' ..
    ' "refused": %d, "broken": %d, "late": %d, "statuses": {{%s}}}}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    latency.max / 1e3, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write, summary.errors.timeout,
    table.concat(listed, ", ")))
end
"""
_COUNT: Final = 'function response(status) said["s" .. status] = (said["s" .. status] or 0) + 1 end'
_PATIENCE_S: Final = 30


class LoadError(Exception):
    """Say that a load tool is missing or failed."""


@dataclass(frozen=True)
class Loaded:
    """Hold what a load tool saw: answers of any status, latencies over all of them, statuses if counted.

    `refused` are answers of 400 and above; `broken` are connections that were cut or not made; `late`
    are answers that took longer than half a minute.
    """

    answers: int
    seconds: float
    p50_ms: float
    p99_ms: float
    most_ms: float
    refused: int
    broken: int
    late: int
    statuses: dict[str, int] = field(default_factory=dict)

    @property
    def good_a_second(self) -> float:
        """Return the answers a second that were no refusals."""
        return (self.answers - self.refused) / self.seconds


@dataclass(frozen=True)
class Wrk:
    """Load one server; `cores` are those that wrk may use, None: any; `folder` is for scripts."""

    url: str
    headers: Mapping[str, str]
    folder: Path
    cores: frozenset[int] | None = None

    def load(
        self, face: Face, bodies: Sequence[str], connections: int, seconds: float, first_word: int = 0
    ) -> Loaded:
        """Load one face for some seconds and return what came of it."""
        return self.finish(self.start(face, bodies, connections, seconds, first_word))

    def start(
        self,
        face: Face,
        bodies: Sequence[str],
        connections: int,
        seconds: float,
        first_word: int = 0,
        *,
        count: bool = False,
    ) -> subprocess.Popen[str]:
        """Begin to load a face, for whole seconds; `count` keeps count of every status."""
        tool = shutil.which("wrk")
        if tool is None:
            raise LoadError("wrk must be installed (apt-get install wrk)")
        name = f"{face.path.strip('/').replace('/', '-').replace(':', '-')}-{face.texts}-{first_word}"
        asked = self.folder / f"{name}.jsonl"
        asked.write_text("\n".join(bodies) + "\n", encoding="utf-8")
        written = self.folder / f"{name}.lua"
        written.write_text(script(face, asked, self.headers, first_word, count), encoding="utf-8")
        command = (
            *(tool, "--threads", "1", "--connections", str(connections), "--latency"),
            *(
                "--duration",
                f"{math.ceil(seconds)}s",
                "--timeout",
                f"{_PATIENCE_S}s",
                "--script",
                str(written),
            ),
            self.url,
        )
        process = subprocess.Popen(  # noqa: S603 - our own
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        if self.cores:
            os.sched_setaffinity(process.pid, self.cores)
        return process

    def finish(self, process: subprocess.Popen[str]) -> Loaded:
        """Wait for the end of a load and return what came of it."""
        out, error = process.communicate()
        lines = [line for line in out.splitlines() if line.startswith('{"answers"')]
        if process.returncode or not lines:
            raise LoadError(f"wrk must end with figures, did not: {(error or out).strip()[-300:]}")
        found = json.loads(lines[-1])
        found["statuses"] = {name.lstrip("s"): count for name, count in sorted(found["statuses"].items())}
        return Loaded(**found)


def script(face: Face, asked: Path, headers: Mapping[str, str], first_word: int, count: bool) -> str:
    """Return the script that tells wrk what to send: the bodies in turn, every text with a new word."""
    return _LUA.format(
        first_body=first_word,
        first_word=first_word,
        word=WORD_IN_LUA,
        bodies=json.dumps(str(asked)),
        mark=json.dumps(NEW_WORD),
        path=json.dumps(face.path),
        headers="\n".join(
            f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in headers.items()
        ),
        response=_COUNT if count else "",
    )
