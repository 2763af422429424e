"""Who may come in: the key, its scope, its limit, and what is never read."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from tocsin.service.api.refusal import Refusal, Why
from tocsin.service.keys import ANONYMOUS, Key

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.requests import Request

    from tocsin.service.api.service import Service

__all__ = [
    "hostname",
    "identify",
    "is_loopback",
    "place_of",
    "refuse_encoded",
    "refuse_foreign_pages",
    "refuse_other_names",
]

_BEARER: Final = "bearer "


def identify(service: Service, request: Request) -> Key:
    """Return the key of a request; raise Refusal where it has none, or one that is not good.

    A key comes as a bearer, in ``X-Goog-Api-Key`` or as ``?key=``; the first of these counts.
    """
    if service.keys is None:
        refuse_foreign_pages(request)
        return ANONYMOUS
    secret = _secret(request)
    if not secret:
        raise Refusal(
            Why.KEY_MISSING,
            "a key must come as 'Authorization: Bearer KEY', as 'X-Goog-Api-Key: KEY' or as '?key=KEY'",
        )
    key = service.keys.find(secret)
    if key is None:
        raise Refusal(Why.KEY_INVALID, "the key must be one of this server's, neither revoked nor expired")
    return key


def refuse_encoded(request: Request) -> None:
    """Raise Refusal for a compressed body: what it unpacks to has no bound."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"", "identity"}:
        raise Refusal(Why.BODY_COMPRESSED, f"a body must come uncompressed, was {encoding[:40]!r}")


def refuse_other_names(allowed: Collection[str], request: Request) -> None:
    """Raise Refusal where a request addresses this server by a name that is none of `allowed`.

    An empty `allowed` allows any name; ports do not count.
    """
    if allowed and hostname(f"//{request.headers.get('host', '')}") not in allowed:
        raise Refusal(Why.HOST_REFUSED, "a request must address this server by one of its names")


def refuse_foreign_pages(request: Request) -> None:
    """Raise Refusal where a page of another site asks, by its origin or by a name of its own for us.

    Without keys nothing else keeps a web page from asking a server on the reader's machine.
    """
    host = request.headers.get("host", "")
    origin = request.headers.get("origin")
    if not is_loopback(hostname(f"//{host}") or "") or (origin and place_of(origin) != host.lower()):
        raise Refusal(
            Why.ORIGIN_REFUSED, "without keys, requests must come from this machine and to it by name"
        )


def is_loopback(name: str) -> bool:
    """Say whether nobody but this machine reaches what `name` stands for."""
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def place_of(origin: str) -> str | None:
    """Return name and port of an origin as a Host header would have them; None where it holds none."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:  # half a bracket
        return None


def hostname(address: str) -> str | None:
    """Return the name in an address, in small letters; None where it holds none."""
    try:
        return urlsplit(address).hostname
    except ValueError:  # half a bracket
        return None


def _secret(request: Request) -> str:
    authorization = request.headers.get("authorization", "")
    if authorization[: len(_BEARER)].lower() == _BEARER and authorization[len(_BEARER) :].strip():
        return authorization[len(_BEARER) :].strip()
    return request.headers.get("x-goog-api-key") or request.query_params.get("key", "")
