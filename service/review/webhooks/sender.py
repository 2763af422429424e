"""One attempt to deliver: resolved, judged, sent, and told in words that may be shown."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from functools import cache, partial
from http.client import HTTPException
from pathlib import Path
from threading import Thread
from typing import Final, TypeVar

from tocsin.errors import SettingsError
from tocsin.service.review.webhooks.address import NameUnresolvedError, Resolver, resolve
from tocsin.service.review.webhooks.exchange import post
from tocsin.service.review.webhooks.networks import AddressRefusedError, Network
from tocsin.service.review.webhooks.outcome import Delivered, Failed, Sent
from tocsin.service.review.webhooks.url import WebhookUrl

__all__ = ["FAULTS", "TIMEOUT_S", "failed", "send", "tls_context", "why", "within"]

TIMEOUT_S: Final = 10.0
FAULTS: Final = (AddressRefusedError, NameUnresolvedError, OSError, HTTPException)
"""What may keep an attempt from its answer."""

_GONE: Final = 410
_Result = TypeVar("_Result")


@cache
def tls_context(ca_file: Path | None = None) -> ssl.SSLContext:
    """Return what trusts the system's authorities, and those of a PEM file; raises SettingsError."""
    context = ssl.create_default_context()
    if ca_file:
        try:
            context.load_verify_locations(cafile=ca_file)
        except OSError as error:  # ssl.SSLError among them
            why = error.strerror or type(error).__name__
            raise SettingsError(f"{ca_file}: must hold certificates in PEM: {why}") from error
    return context


def send(
    url: WebhookUrl,
    allowed: Sequence[Network],
    headers: Mapping[str, str],
    body: bytes,
    *,
    tls: ssl.SSLContext | None = None,
    timeout_s: float = TIMEOUT_S,
    resolver: Resolver = socket.getaddrinfo,
) -> Sent:
    """Post `body` and return what became of it, in `timeout_s` seconds at most; blocks.

    The host is resolved once; see `resolve` for what is refused. Redirects are not followed, proxies of
    the environment not used, and nothing is logged. Network trouble is an outcome and never raised.
    """
    until = time.monotonic() + timeout_s
    try:
        addresses = within(timeout_s, partial(resolve, url, allowed, resolver))
        status = post(url, addresses, headers, body, tls=tls or tls_context(), until=until)
    except FAULTS as error:
        return failed(url, error, timeout_s, until)
    return _judged(url, status)


def failed(
    url: WebhookUrl,
    error: AddressRefusedError | NameUnresolvedError | OSError | HTTPException,
    timeout_s: float,
    until: float,
) -> Failed:
    """Return what one of `FAULTS` comes to, which kept an attempt from its answer `until` then."""
    if isinstance(error, AddressRefusedError | NameUnresolvedError):
        return Failed(str(error), permanent=isinstance(error, AddressRefusedError))
    late = isinstance(error, TimeoutError) or time.monotonic() >= until
    said = f"must answer within {timeout_s:g} s, did not" if late else why(error)
    return Failed(f"{url.origin}: {said}", permanent=False)


def _judged(url: WebhookUrl, status: int) -> Sent:
    if status // 100 == 2:
        return Delivered(status)
    if status == _GONE:
        return Failed(f"{url.origin}: endpoint says gone ({status})", permanent=True)
    note = ", and redirects are not followed" if status // 100 == 3 else ""
    return Failed(f"{url.origin}: must answer 200 to 299, was {status}{note}", permanent=False)


def why(error: OSError | HTTPException) -> str:
    """Return what went wrong without anything that the other side sent."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"must show a certificate that is valid for it: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"must speak TLS: {error.reason or type(error).__name__}"
    if isinstance(error, OSError) and error.strerror:
        return f"must take a connection and answer: {error.strerror}"
    return f"must answer in HTTP: {type(error).__name__}"


def within(seconds: float, work: Callable[[], _Result]) -> _Result:
    """Return what `work` does, or raise TimeoutError: nothing can interrupt a resolver."""
    done: Future[_Result] = Future()
    Thread(target=_settle, args=(done, work), daemon=True).start()
    return done.result(seconds)


def _settle(done: Future[_Result], work: Callable[[], _Result]) -> None:
    try:
        done.set_result(work())
    except BaseException as error:  # noqa: BLE001 - raised again by whoever waits
        done.set_exception(error)
