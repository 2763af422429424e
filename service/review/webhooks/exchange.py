"""One request and its status over a socket of our own: no redirects, no proxies, no logs, one deadline.

urllib3 would log path and query, which may hold secrets, of an endpoint whose headers are malformed.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from threading import Timer
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tocsin.service.review.webhooks.networks import Address
    from tocsin.service.review.webhooks.url import WebhookUrl

__all__ = ["exchange", "post"]

_MOST_BYTES: Final = 65_536  # of an answer's body
_MOST_ADDRESSES: Final = 4  # of a host, that one attempt tries
_OURS: Final = {"content-type": "application/json", "user-agent": "tocsin"}


def post(
    url: WebhookUrl,
    addresses: Sequence[Address],
    headers: Mapping[str, str],
    body: bytes,
    *,
    tls: ssl.SSLContext,
    until: float,
) -> int:
    """Post `body` to one of `addresses` and return the status; whatever comes behind it is discarded.

    The next address is tried only where the one before it took no connection: nothing is sent twice. All
    ends `until` then (monotonic, in seconds). Raises OSError and HTTPException.
    """
    with exchange(url, addresses, "POST", headers, body, tls=tls, until=until) as response:
        with suppress(OSError, HTTPException):  # the status is the answer
            response.read(_MOST_BYTES)
        return response.status


@contextmanager
def exchange(
    url: WebhookUrl,
    addresses: Sequence[Address],
    method: str,
    headers: Mapping[str, str],
    body: bytes | None,
    *,
    tls: ssl.SSLContext,
    until: float,
) -> Iterator[HTTPResponse]:
    """Send a request as `post` does and yield what comes back, its body unread.

    What is read of it must be bounded by whoever reads; `until` then the connection is cut, which may look
    like the end of a body that tells no length.
    """
    with (
        closing(_connected(addresses, url.port, until)) as raw,
        _cut(raw, until),
        closing(_channel(raw, url, tls)) as channel,
        _answered(channel, url, method, headers, body) as response,
    ):
        yield response


def _connected(addresses: Sequence[Address], port: int, until: float) -> socket.socket:
    """Connect to the first address that answers; each has an equal share of the time that is left."""
    failed: OSError = TimeoutError()
    tried = addresses[:_MOST_ADDRESSES]
    for number, address in enumerate(tried):
        share = _left(until) / (len(tried) - number)
        try:
            return socket.create_connection((str(address), port), timeout=share)
        except OSError as error:
            failed = error
    raise failed


@contextmanager
def _cut(raw: socket.socket, until: float) -> Iterator[None]:
    """Shut a connection down at a time, whatever it is busy with: timeouts bound each read, not all.

    This acts on a second descriptor. TLS takes the first for itself, and to shut a TLS socket down would
    have the other thread read and write on without TLS.
    """
    left = _left(until)
    twin = raw.dup()
    timer = Timer(left, _shut, [twin])
    timer.daemon = True
    timer.start()
    try:
        raw.settimeout(left)
        yield
    finally:
        timer.cancel()
        timer.join()
        twin.close()


def _shut(twin: socket.socket) -> None:
    with suppress(OSError):  # the other side was faster
        twin.shutdown(socket.SHUT_RDWR)


def _channel(raw: socket.socket, url: WebhookUrl, tls: ssl.SSLContext) -> socket.socket:
    return tls.wrap_socket(raw, server_hostname=url.host) if url.scheme == "https" else raw


@contextmanager
def _answered(
    channel: socket.socket, url: WebhookUrl, method: str, headers: Mapping[str, str], body: bytes | None
) -> Iterator[HTTPResponse]:
    lowered = {name.lower(): value for name, value in headers.items()}
    with closing(HTTPConnection(url.host, url.port)) as connection:
        connection.sock = channel
        sent = _OURS | lowered | {"host": url.authority, "connection": "close"}
        connection.request(method, url.target, body, sent)
        with closing(connection.getresponse()) as response:
            yield response


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
