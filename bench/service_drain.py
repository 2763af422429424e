"""A stop while requests are being answered: whoever was let in must get a whole answer."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from service_faces import Face
from service_servers import Server

__all__ = ["Drained", "drain"]

LOST = "no answer"
_PATIENCE_S = 60


@dataclass(frozen=True)
class Drained:
    """Hold what came of the requests that were open when the server was told to stop.

    `open_at_stop` had no answer yet; `outcomes` counts all of them by status, those without a whole
    answer as "no answer"; `seconds` is how long the server took to end, with `code`.
    """

    requests: int
    open_at_stop: int
    outcomes: dict[str, int]
    seconds: float
    code: int

    @property
    def lost(self) -> int:
        """Return how many got no whole answer."""
        return self.outcomes.get(LOST, 0)


def drain(
    server: Server, face: Face, posts: Sequence[str], requests: int, texts: int, settle_s: float = 0.5
) -> Drained:
    """Send requests of so many texts at once, tell the server to stop, and wait for every answer.

    None is sent after the stop, so every one was let in: `settle_s` is the time that takes.
    """
    ready = threading.Barrier(requests + 1)

    def ask(place: int) -> str:
        told = [f"{posts[(place + at) % len(posts)]} {place}" for at in range(texts)]
        return _asked(server, face.path, json.dumps(face.body(told)), ready)

    with ThreadPoolExecutor(requests) as pool:
        waiting = [pool.submit(ask, place) for place in range(requests)]
        ready.wait(_PATIENCE_S)
        time.sleep(settle_s)
        still_open = sum(not one.done() for one in waiting)
        started = time.monotonic()
        code = server.stop()
        seconds = time.monotonic() - started
    outcomes = Counter(one.result() for one in waiting)
    return Drained(requests, still_open, dict(sorted(outcomes.items())), seconds, code)


def _asked(server: Server, path: str, body: str, ready: threading.Barrier) -> str:
    """Return the status of a whole answer in JSON, or that there was none."""
    place = urlsplit(server.url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=_PATIENCE_S)
    try:
        connection.connect()
        ready.wait(_PATIENCE_S)
        connection.request("POST", path, body, {"Content-Type": "application/json", **server.headers})
        answer = connection.getresponse()
        json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError):
        return LOST
    finally:
        connection.close()
    return str(answer.status)
