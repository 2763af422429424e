"""For tests: a kitchen's compliance file, and a transparency database on this machine."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

__all__ = ["TERMS", "TOKEN", "FakeDatabase", "kitchen_file", "reply"]

TOKEN: Final = "7|soupLadleAndSpoon"  # noqa: S105 - of nothing but the server below
TERMS: Final = "Kitchen rule 4"

_FILE: Final = """
[statements]
territorial_scope = ["AT", "DE"]
orders = "other_notification"
account_type = "ACCOUNT_TYPE_PRIVATE"
detection_without_decision = "No"
visibility_other = ["Shown under the table"]
monetary_other = ["Paid in onions"]

[[statements.grounds]]
ground = "incompatible"
text = "Kitchen rule 4"
wording = "Section 4 of the kitchen rules (2031/17)"
url = "https://kitchen.example/rules"
also_illegal = "No"

[[statements.grounds]]
ground = "illegal"
text = "Soup Act, § 2"

[statements.policies.soup]
category = "STATEMENT_CATEGORY_VIOLENCE"
category_addition = ["STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH"]
keywords = ["KEYWORD_INCITEMENT_VIOLENCE_HATRED", "KEYWORD_HATE_SPEECH"]
facts = "The post was looked at in full. It calls for cold soup."
facts_by_source = { notice = "A notice pointed at the post. It calls for cold soup." }
illegal_explanation = "The Soup Act forbids calls for cold soup."
incompatible_explanation = "The kitchen rules ask for hot soup."

[statements.without_policy]
category = "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"
facts = "The post was found outside of the review queue."
illegal_explanation = "The Soup Act forbids it."
incompatible_explanation = "The kitchen rules forbid it."

[preservation]
policies = ["soup"]

[retention]
confirmed_days = 365
dismissed_days = 30
passed_days = 10
complaint_days = 20
statement_days = 400
"""


def kitchen_file(
    folder: Path, changed: Mapping[str, str] | None = None, *, text: str = _FILE, port: int | None = None
) -> Path:
    """Return a compliance file in `folder`; each of `changed` is put for a text of it that must be there.

    With a `port`, statements are sent to this machine.
    """
    for old, new in (changed or {}).items():
        if text.count(old) != 1:
            raise AssertionError(f"must be in the file once: {old}")
        text = text.replace(old, new)
    if port is not None:
        token = folder / "dsa.token"
        token.touch(mode=0o600)
        token.write_text(TOKEN, encoding="ascii")
        text += f'\n[database]\nurl = "http://127.0.0.1:{port}/api/v1/statements"\n'
        text += 'token_file = "dsa.token"\nallow = ["127.0.0.0/8"]\n'
    file = folder / "compliance.toml"
    file.write_text(text, encoding="utf-8")
    return file


class FakeDatabase:
    """Take calls at a port of this machine as the transparency database does; `stored` holds what it took.

    `faults` says what is wrong with a statement, by field; nothing of a call with a faulty or known one is
    stored. Each of `scripts`, while there are any, answers a call in its place: it is given the handler and
    what the call would come to.
    """

    def __init__(self) -> None:
        self.stored: dict[str, dict[str, Any]] = {}
        self.calls: list[int] = []
        self.faults: Callable[[dict[str, Any]], dict[str, list[str]]] = lambda _: {}
        self.scripts: list[Callable[[BaseHTTPRequestHandler, Callable[[], tuple[int, Any]]], None]] = []
        database = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                database.calls.append(len(body["statements"]))
                if database.scripts:
                    database.scripts.pop(0)(self, lambda: database.take(body["statements"]))
                    return
                if self.headers["authorization"] != f"Bearer {TOKEN}":
                    reply(self, 401, {"message": "Unauthenticated."})
                    return
                reply(self, *database.take(body["statements"]))

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def take(self, statements: list[dict[str, Any]]) -> tuple[int, Any]:
        """Return what a call comes to: a status and a body."""
        if not 1 <= len(statements) <= 100:
            return 422, {"errors": {"statements": ["must have between 1 and 100 items."]}}
        faults = {
            f"statement_{at}": found for at, one in enumerate(statements) if (found := self.faults(one))
        }
        if faults:
            return 422, {"errors": faults}
        known = [one["puid"] for one in statements if one["puid"] in self.stored]
        if known:
            said = "The platform identifier(s) are not all unique within this call."
            return 422, {"message": said, "errors": {"puid": [said], "existing_puids": known}}
        made = [self._receipted(one) for one in statements]
        self.stored |= {one["puid"]: one for one in made}
        return 201, {"statements": made}

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()

    def _receipted(self, one: dict[str, Any]) -> dict[str, Any]:
        name = str(uuid.uuid4())
        link = f"https://transparency.example/statement/{name}"
        return {**one, "uuid": name, "created_at": "2026-03-02 09:00:00", "permalink": link}


def reply(handler: BaseHTTPRequestHandler, status: int, body: Any, *, cut: int | None = None) -> None:
    """Answer; of the body at most `cut` bytes, whatever its length says."""
    content = json.dumps(body).encode()
    handler.send_response(status)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content[:cut])
