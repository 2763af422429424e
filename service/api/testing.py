"""What tests of the faces start from: keys in memory, no limits, and a server at a real port."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import uvicorn
from starlette.testclient import TestClient

from tocsin.service.api.app import App, build_app
from tocsin.service.api.making import make_faces, make_service
from tocsin.service.api.settings import ServeSettings
from tocsin.service.keys import Key, KeyRing, Limiter, Scope

if TYPE_CHECKING:
    import asyncio

    from tocsin.models import Scorer
    from tocsin.service.review.office import Office
    from tocsin.service.scan import Assessor

__all__ = ["EVERY_SCOPE", "SECRET", "MemoryKeys", "NoLimit", "connect", "live", "make_app"]

SECRET: Final = "a-key-for-tests"  # noqa: S105 - opens nothing outside a test
EVERY_SCOPE: Final = Key("tests", "tests", frozenset(Scope), digest="of no secret")
_PATIENCE_S: Final = 20


class MemoryKeys:
    """Know the keys it was given, by their secrets."""

    def __init__(self, keys: Mapping[str, Key] | None = None) -> None:
        self._keys = {SECRET: EVERY_SCOPE} if keys is None else keys

    def find(self, secret: str) -> Key | None:
        """Return the key that `secret` is."""
        return self._keys.get(secret)


class NoLimit:
    """Let every text pass."""

    def take(self, key: Key, texts: int) -> float:
        """Charge nothing."""
        del key, texts
        return 0.0

    def limit(self, key: Key) -> int | None:
        """Return None: any number."""
        del key
        return None


def make_app(
    scorer: Scorer,
    settings: ServeSettings | None = None,
    *,
    keys: KeyRing | None = None,
    limiter: Limiter | None = None,
    assessor: Assessor | None = None,
    review: Office | None = None,
) -> App:
    """Return the whole application; with no `keys`, the one at `SECRET` opens everything.

    `assessor` judges in the scorer's place: for scores that a test chooses, and for failures.
    """
    service = make_service(
        settings or ServeSettings(),
        scorer,
        keys=keys or MemoryKeys(),
        limiter=limiter or NoLimit(),
        assessor=assessor,
        review=review,
    )
    return build_app(service, make_faces(service))


@contextmanager
def connect(app: App, secret: str | None = SECRET) -> Iterator[TestClient]:
    """Yield a client of `app` within the process, which sends `secret` as a bearer."""
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    with TestClient(app, headers=headers, raise_server_exceptions=False) as client:
        yield client


@contextmanager
def live(app: App, http: type[asyncio.Protocol] | str = "auto", port: int = 0) -> Iterator[str]:
    """Serve `app` at a port of the loopback address, 0: any; yield its base URL, without a last slash.

    `http` is uvicorn's protocol, or one of our own.
    """
    with socket.create_server(("127.0.0.1", port)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, http=http))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        until = time.monotonic() + _PATIENCE_S
        while not server.started and time.monotonic() < until and thread.is_alive():
            time.sleep(0.01)
        if not server.started:
            raise RuntimeError(f"the server must start within {_PATIENCE_S} s")
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(_PATIENCE_S)
