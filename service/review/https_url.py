"""Addresses that an operator, or a server that they trust, names: https, or http on this very machine."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_network
from typing import Final

from tocsin.errors import InputError
from tocsin.service.review.webhooks.networks import AddressRefusedError, Network, literal
from tocsin.service.review.webhooks.url import WebhookUrl

__all__ = ["HTTPS_RULE", "allowed_networks", "is_base", "parse_https"]

HTTPS_RULE: Final = "must be an https address (http only to this machine), without user, password or fragment"
_LOOPBACK: Final = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
_ANY: Final = (ip_network("0.0.0.0/0"), ip_network("::/0"))


def parse_https(text: str) -> WebhookUrl:
    """Return the parts of an address; raise ValueError, which says the rule and never the address.

    It may lead to a private network, for an operator's own servers are there.
    """
    try:
        url = WebhookUrl.parse(text, _ANY)
    except (InputError, AddressRefusedError):
        raise ValueError(HTTPS_RULE) from None
    address = literal(url.host)
    here = url.host == "localhost" or (address is not None and address.is_loopback)
    if url.scheme != "https" and not here:
        raise ValueError(HTTPS_RULE)
    return url


def allowed_networks(url: WebhookUrl) -> Sequence[Network]:
    """Return where an address may lead once its name is resolved: without TLS to this machine alone."""
    return _ANY if url.scheme == "https" else _LOOPBACK


def is_base(text: str) -> bool:
    """Say whether nothing follows host and port but perhaps a slash."""
    return "?" not in text and text.partition("://")[2].partition("/")[2] == ""
