"""A web server on this machine that answers from a script: the twin that tests of fetching run on."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from tocsin.example import Example
from tocsin.training.corpora.corpus import Corpus, CorpusFile
from tocsin.training.fetching.wanted import Wanted

__all__ = [
    "Asked",
    "Diary",
    "Reply",
    "ScriptedServer",
    "redirect",
    "serve",
    "serve_script",
    "toy_corpus",
    "toy_file",
]

RANGE: Final = re.compile(r"bytes=(\d+)-")


@dataclass(frozen=True, slots=True)
class Asked:
    """Hold one request."""

    path: str
    headers: Mapping[str, str]

    @property
    def range(self) -> str | None:
        """Return the Range header, None where there is none."""
        return self.headers.get("range")


@dataclass(frozen=True, slots=True)
class Reply:
    """Hold one answer; `announce` is its Content-Length, by default the true one, None for none.

    An answer that `hangs` keeps the connection open after its body until the server is closed.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    announce: int | None = -1
    hangs: bool = False

    @property
    def length(self) -> int | None:
        """Return the Content-Length to send."""
        return len(self.body) if self.announce == -1 else self.announce


Answer = Reply | Callable[[Asked], Reply]


class ScriptedServer(ThreadingHTTPServer):
    """Answer requests for a path by its script, one answer each, the last one for ever after."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.closing = threading.Event()
        self._scripts: dict[str, list[Answer]] = {}
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def origin(self) -> str:
        """Return the URL that paths are added to."""
        return f"http://127.0.0.1:{self.server_port}"

    def script(self, path: str, *answers: Answer) -> str:
        """Set the answers for a path; return its URL."""
        self._scripts[path] = list(answers)
        return self.origin + path

    def answer(self, asked: Asked) -> Reply:
        """Return the next answer for a request."""
        self.asked.append(asked)
        script = self._scripts.get(asked.path.partition("?")[0], [Reply(404)])
        answer = script.pop(0) if len(script) > 1 else script[0]
        return answer if isinstance(answer, Reply) else answer(asked)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients of tests hang up when they have seen enough."""


class _Handler(BaseHTTPRequestHandler):
    server: ScriptedServer

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.answer(Asked(self.path, headers))
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.length is not None:
            self.send_header("Content-Length", str(reply.length))
        self.end_headers()
        self.wfile.write(reply.body)
        if reply.hangs:
            self.wfile.flush()
            self.server.closing.wait()

    def log_message(self, *_: Any) -> None:
        """Keep requests out of the tests' output."""


@contextmanager
def serve_script() -> Iterator[ScriptedServer]:
    """Hand out a server at a free port, on this machine alone."""
    with ScriptedServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()


class Diary:
    """Watch, and write down: sizes as they arrive, and what is waited for."""

    def __init__(self) -> None:
        self.sizes: list[tuple[str, int]] = []
        self.reasons: list[tuple[str, str]] = []

    def arrived(self, wanted: Wanted, size: int) -> None:
        """Write down how much of a file is there."""
        self.sizes.append((wanted.file.name, size))

    def waits(self, wanted: Wanted, why: str) -> None:
        """Write down what a file waits for."""
        self.reasons.append((wanted.file.name, why))


def serve(content: bytes) -> Callable[[Asked], Reply]:
    """Return an answer that knows ranges, as a file server does."""

    def answer(asked: Asked) -> Reply:
        found = RANGE.fullmatch(asked.range or "")
        if found is None:
            return Reply(body=content)
        start = int(found[1])
        if start >= len(content):
            return Reply(416, headers={"Content-Range": f"bytes */{len(content)}"})
        said = f"bytes {start}-{len(content) - 1}/{len(content)}"
        return Reply(206, content[start:], {"Content-Range": said})

    return answer


def redirect(location: str, status: int = 302) -> Reply:
    """Return an answer that leads elsewhere."""
    return Reply(status, headers={"Location": location})


def toy_file(name: str, content: bytes, url: str | None = None) -> CorpusFile:
    """Return the registration of a file with this content."""
    return CorpusFile(name, len(content), hashlib.sha256(content).hexdigest(), url)


def toy_corpus(*files: CorpusFile, name: str = "soups") -> Corpus:
    """Return a corpus about cooking that has these files and no rows."""
    return replace(_SOUPS, name=name, files=files)


def _no_rows(_folder: Path) -> Iterator[Example]:
    return iter(())


_SOUPS: Final = Corpus(
    name="soups",
    title="Soups of the world",
    licence="CC0-1.0",
    language="en",
    origin="soups.example/corpus",
    files=(),
    read=_no_rows,
)
