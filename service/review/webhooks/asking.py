"""One attempt to post and hear what is answered: where a message's answer counts, not its status alone."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPException, HTTPResponse, IncompleteRead
from typing import Final

from tocsin.service.review.webhooks.address import Resolver, resolve
from tocsin.service.review.webhooks.exchange import exchange
from tocsin.service.review.webhooks.networks import Network
from tocsin.service.review.webhooks.outcome import Failed
from tocsin.service.review.webhooks.sender import FAULTS, failed, tls_context, within
from tocsin.service.review.webhooks.url import WebhookUrl

__all__ = ["Answer", "ask"]

_AT_A_TIME: Final = 65_536


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold an answer: `content` is what came of its body, which may have been cut short."""

    status: int
    content: bytes = field(default=b"", repr=False)
    retry_after: str | None = None


def ask(
    url: WebhookUrl,
    allowed: Sequence[Network],
    headers: Mapping[str, str],
    body: bytes,
    *,
    timeout_s: float,
    most_bytes: int,
    tls: ssl.SSLContext | None = None,
    resolver: Resolver = socket.getaddrinfo,
) -> Answer | Failed:
    """Post `body` and return what was answered, in `timeout_s` seconds at most; blocks.

    Where it may lead, and what is not done, is as for `send`. Once there is a status, it is the answer:
    whatever of its body comes in time is handed out, `most_bytes` at most.
    """
    until = time.monotonic() + timeout_s
    try:
        addresses = within(timeout_s, partial(resolve, url, allowed, resolver))
        with exchange(
            url, addresses, "POST", headers, body, tls=tls or tls_context(), until=until
        ) as response:
            content = _read(response, most_bytes)
            return Answer(response.status, content, response.headers.get("retry-after"))
    except FAULTS as error:
        return failed(url, error, timeout_s, until)


def _read(response: HTTPResponse, most: int) -> bytes:
    content = b""
    try:
        while len(content) < most and (more := response.read(min(_AT_A_TIME, most - len(content)))):
            content += more
    except IncompleteRead as error:
        content += error.partial
    except (OSError, HTTPException):
        pass
    return content
