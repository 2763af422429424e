"""A platform that listens, for tests: it keeps the messages whose signature is good."""

from __future__ import annotations

import base64
import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from tocsin.service.review.webhooks import parse_secret, verify

__all__ = ["Platform"]

_SECRET: Final = "whsec_" + base64.b64encode(b"n" * 32).decode()


class Platform:
    """Take messages at a port of this machine; `got` holds the good ones by their ids."""

    def __init__(self) -> None:
        self.got: dict[str, Any] = {}
        platform = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                now = datetime.now(UTC)  # by which the server signs
                name = verify([parse_secret(_SECRET)], dict(self.headers), body, now)
                platform.got[name] = json.loads(body)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def webhooks(self, folder: Path) -> Path:
        """Return a file that names this platform, written to `folder` with the secret beside it."""
        secret = folder / "soup.secret"
        secret.touch(mode=0o600)
        secret.write_text(_SECRET, encoding="utf-8")
        file = folder / "webhooks.toml"
        port = self._server.server_address[1]
        file.write_text(
            f'[[webhook]]\nname = "soup"\nurl = "http://127.0.0.1:{port}/pot"\n'
            'secret_file = "soup.secret"\nallow = ["127.0.0.0/8"]\n',
            encoding="utf-8",
        )
        return file

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()
