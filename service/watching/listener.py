"""Metrics at a port of their own: of the loopback address, so without a key."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from tocsin.service.api.gate import hostname, is_loopback
from tocsin.service.watching.exposition import Exposition, exposed_by_workers

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["serve_metrics"]

_HOST: Final = "127.0.0.1"
_PATIENCE_S: Final = 5.0


def serve_metrics(port: int, exposition: Exposition | None = None) -> Callable[[], None]:
    """Answer ``GET /metrics`` at `port` of the loopback address in a thread; return what ends it.

    A parent of several workers passes no `exposition`: it shows what they counted, see
    `prepare_parent`. Raises OSError where the port is taken.
    """
    server = ThreadingHTTPServer(
        (_HOST, port), _handler(exposition.exposed if exposition else exposed_by_workers)
    )
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="tocsin-metrics", daemon=True)
    thread.start()

    def end() -> None:
        server.shutdown()
        server.server_close()
        thread.join(_PATIENCE_S)

    return end


def _handler(exposed: Callable[[], tuple[bytes, str]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _PATIENCE_S
        server_version, sys_version = "tocsin", ""

        def do_GET(self) -> None:
            if not is_loopback(hostname(f"//{self.headers.get('host', '')}") or ""):
                self.send_error(421)  # a web page, by a name of its own for this machine
            elif urlsplit(self.path).path != "/metrics":
                self.send_error(404)
            else:
                self._send(*exposed())

        def _send(self, body: bytes, media: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", media)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Log nothing: paths are whatever a client sends."""

    return Handler
