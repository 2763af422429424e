"""Where a webhook leads: its host, resolved once and refused where it is not public."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Sequence
from ipaddress import ip_address
from typing import Any

from tocsin.errors import TocsinError
from tocsin.service.review.webhooks.networks import Address, AddressRefusedError, Network, judge, literal
from tocsin.service.review.webhooks.url import WebhookUrl

__all__ = ["NameUnresolvedError", "Resolver", "resolve"]

Resolver = Callable[..., Iterable[tuple[Any, Any, Any, Any, tuple[Any, ...]]]]


class NameUnresolvedError(TocsinError):
    """Say that a name has no address now: trying again may help."""


def resolve(
    url: WebhookUrl, allowed: Sequence[Network], resolver: Resolver = socket.getaddrinfo
) -> tuple[Address, ...]:
    """Return the addresses of a host, asked for once; connect to these and never to the name.

    Raises AddressRefusedError where any of them is not globally routable and not within `allowed`, for
    plain http where any is not within `allowed`; NameUnresolvedError where there are none.
    """
    known = literal(url.host)
    addresses = (known,) if known else _asked(url, resolver)
    for address in addresses:
        judge(url.origin, address, allowed, plain=url.scheme == "http")
    return addresses


def _asked(url: WebhookUrl, resolver: Resolver) -> tuple[Address, ...]:
    try:
        answers = list(resolver(url.host, url.port, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise NameUnresolvedError(f"{url.origin}: must have an address, has none: {why}") from error
    if not answers:
        raise NameUnresolvedError(f"{url.origin}: must have an address, has none")
    return tuple(dict.fromkeys(_address(url, str(place[0])) for *_, place in answers))


def _address(url: WebhookUrl, spelled: str) -> Address:
    try:
        return ip_address(spelled)
    except ValueError:
        raise AddressRefusedError(f"{url.origin}: must have IP addresses, has another kind") from None
