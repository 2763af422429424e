"""An identity provider for tests, at a port of the loopback address: honest, but for what a test changes.

It signs with `cryptography` alone, so that what verifies is not what signed.
"""

from __future__ import annotations

import json
import ssl
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from tocsin.service.review.accounts.oidc.signing_testing import SigningKey, b64, ec_key, signed

__all__ = ["CLIENT", "SECRET", "FakeProvider", "Reply", "fake_provider"]

CLIENT: Final = "tocsin + kitchen: 7"
SECRET: Final = "a secret: 100% soup+bread"  # noqa: S105 - opens nothing outside a test
LASTS_S: Final = 300

Reply = Callable[[BaseHTTPRequestHandler], None]
"""What a test has a path answer with, in the provider's place."""


@dataclass
class FakeProvider:
    """Be an identity provider; `now` is its clock.

    `told` is laid over what discovery says, `claims` and `header` over every token; a claim that is None is
    left out. `replies` answer paths in its place. `asked` are the paths that were asked for, in order.
    """

    issuer: str
    now: Callable[[], datetime]
    key: SigningKey = field(default_factory=ec_key)
    published: list[Mapping[str, Any]] | None = None
    told: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    token: str | None = None
    replies: dict[str, Reply] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    _codes: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)

    def sign_in(self, address: str, subject: str = "cook-7", **more: str) -> str:
        """Return the path and query that a browser is sent back to once `subject` has signed in.

        `address` is where it was sent; `more` goes into the query.
        """
        back = urlsplit(self.sent_back(address, subject, **more))
        return f"{back.path}?{back.query}"

    def sent_back(self, address: str, subject: str = "cook-7", **more: str) -> str:
        """Return the whole address that a browser is sent back to, as `sign_in` does a part of it."""
        parts = urlsplit(address)
        asked = {name: values[0] for name, values in parse_qs(parts.query, strict_parsing=True).items()}
        if f"{parts.scheme}://{parts.netloc}{parts.path}" != f"{self.issuer}/authorize":
            raise AssertionError("a browser must be sent to the authorization endpoint")
        wanted = {"response_type": "code", "client_id": CLIENT, "code_challenge_method": "S256"}
        if not wanted.items() <= asked.items() or "openid" not in asked["scope"].split():
            raise AssertionError("a browser must bring an authentication request")
        code = f"code-{next(self._numbers)}"
        self._codes[code] = {**asked, "sub": subject}
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], **more})}"

    def metadata(self) -> dict[str, Any]:
        """Return what discovery says."""
        usual = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        }
        return {name: value for name, value in {**usual, **self.told}.items() if value is not None}

    def keys(self) -> dict[str, Any]:
        """Return the key set."""
        return {"keys": [self.key.public] if self.published is None else self.published}

    def id_token(self, asked: Mapping[str, str]) -> str:
        """Return the token of a sign-in."""
        if self.token is not None:
            return self.token
        now = int(self.now().timestamp())
        usual = {
            "iss": self.issuer,
            "sub": asked["sub"],
            "aud": CLIENT,
            "exp": now + LASTS_S,
            "iat": now,
            "nonce": asked["nonce"],
        }
        claims = {name: value for name, value in {**usual, **self.claims}.items() if value is not None}
        return signed(self.key, claims, self.header)

    def redeem(self, authorization: str, form: Mapping[str, str]) -> tuple[int, Mapping[str, Any]]:
        """Return status and body of the token endpoint; a code counts once (RFC 6749, 4.1.3; RFC 7636)."""
        kind, _, pair = authorization.partition(" ")
        client, _, secret = b64decode(pair).decode().partition(":")
        if (kind, unquote_plus(client), unquote_plus(secret)) != ("Basic", CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        asked = self._codes.pop(form.get("code", ""), None)
        if asked is None or form.get("grant_type") != "authorization_code":
            return 400, {"error": "invalid_grant"}
        challenge = b64(sha256(form.get("code_verifier", "").encode()).digest())
        if challenge != asked["code_challenge"] or form.get("redirect_uri") != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "unused", "token_type": "Bearer", "id_token": self.id_token(asked)}


class _Handler(BaseHTTPRequestHandler):
    provider: FakeProvider

    def log_message(self, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer what is public; a browser that comes to sign in is `cook-7`, and sent back at once."""
        public = {"/.well-known/openid-configuration": self.provider.metadata, "/keys": self.provider.keys}
        if self._replied():
            return
        if self.path.startswith("/authorize?"):
            self.send_response(302)
            self.send_header("location", self.provider.sent_back(f"{self.provider.issuer}{self.path}"))
            self.end_headers()
            return
        self._answer(200, public[self.path]()) if self.path in public else self._answer(404, {})

    def do_POST(self) -> None:
        """Answer the token endpoint."""
        form = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
        if not self._replied():
            fields = {name: values[0] for name, values in parse_qs(form, strict_parsing=True).items()}
            self._answer(*self.provider.redeem(self.headers.get("authorization", ""), fields))

    def _replied(self) -> bool:
        self.provider.asked.append(self.path)
        reply = self.provider.replies.get(self.path)
        if reply is not None:
            reply(self)
        return reply is not None

    def _answer(self, status: int, body: Mapping[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def fake_provider(now: Callable[[], datetime], certificate: Path | None = None) -> Iterator[FakeProvider]:
    """Yield a provider that answers until the block ends, over TLS where it has a `certificate`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {}))
    if certificate is not None:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(certificate)
        # The handshake is its thread's, or one that fails would end the server.
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    scheme = "http" if certificate is None else "https"
    provider = FakeProvider(f"{scheme}://127.0.0.1:{server.server_address[1]}", now)
    server.RequestHandlerClass.provider = provider  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
