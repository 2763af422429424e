"""The address of a webhook, in parts; what a URL library would forgive is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, urlsplit

from tocsin.errors import InputError
from tocsin.service.review.webhooks.networks import HTTPS_RULE, Network, judge, literal

__all__ = ["WebhookUrl"]

_PORTS: Final = {"https": 443, "http": 80}
_LABEL: Final = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME: Final = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)*{_LABEL}")
_NUMERIC: Final = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")  # what C libraries read as IPv4
_CLEAN: Final = re.compile(r"[!-\[\]-~]{1,2048}")  # urlsplit drops tabs, and servers differ over backslashes
_CLEAN_RULE: Final = "must be at most 2048 ASCII characters, no space or backslash"
_PLACE_RULE: Final = (
    "must have a host name (ASCII, no dot at its end) or an IP address, and at most a port behind it"
)
_LAST_PORT: Final = 65_535
_NETLOC: Final = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::([0-9]{1,5}))?")
_SHOWN: Final = re.compile(
    r"([a-z][a-z0-9+.-]{0,20}://)(\[[^\]/?#]{0,60}\]|[^:/?#\\\s]{0,253})", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class WebhookUrl:
    """Hold the address of an endpoint, in parts; path and query may hold secrets and are not shown."""

    scheme: str
    host: str  # lower case, an IPv6 address without brackets
    port: int
    target: str = field(repr=False)

    @property
    def authority(self) -> str:
        """Return host and port as a Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Return what logs and errors may show."""
        return f"{self.scheme}://{self.authority}"

    @classmethod
    def parse(cls, text: str, allowed: Sequence[Network] = ()) -> WebhookUrl:
        """Return the parts of an address, which must be https, or http where networks are `allowed`.

        Raises InputError for a malformed one, and AddressRefusedError for a literal IP address that
        `resolve` would refuse. An international name is given in its ASCII spelling, ``xn--…``.
        """
        _check(bool(_CLEAN.fullmatch(text)), _CLEAN_RULE, text)
        parts = _split(text)
        _check(parts.scheme == "https" or (parts.scheme == "http" and bool(allowed)), HTTPS_RULE, text)
        _check("@" not in parts.netloc, "must hold no user or password", text)
        _check("#" not in text, "must have no fragment", text)
        host, port = _place(parts, text)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        url = cls(parts.scheme, host, port, target)
        address = literal(host)
        if address:
            judge(url.origin, address, allowed, plain=url.scheme == "http")
        return url


def _split(text: str) -> SplitResult:
    try:
        return urlsplit(text)
    except ValueError:
        raise InputError(f"a webhook's url {_PLACE_RULE}, was {_shown(text)}") from None


def _place(parts: SplitResult, text: str) -> tuple[str, int]:
    found = _NETLOC.fullmatch(parts.netloc.lower())
    if not found:
        raise InputError(f"a webhook's url {_PLACE_RULE}, was {_shown(text)}")
    port = int(found[2]) if found[2] else _PORTS[parts.scheme]
    if not 0 < port <= _LAST_PORT:
        raise InputError(f"a webhook's url must have a port between 1 and {_LAST_PORT}, was {port}")
    return _host(found[1], text), port


def _host(spelled: str, text: str) -> str:
    host = spelled.strip("[]")
    address = literal(host)
    if address and (":" in host) == (spelled != host):
        return str(address)
    _check(spelled == host and bool(_NAME.fullmatch(host)), _PLACE_RULE, text)
    _check(not _NUMERIC.fullmatch(host), "must spell an IPv4 address as four decimal numbers", text)
    return host


def _check(kept: bool, rule: str, text: str) -> None:
    if not kept:
        raise InputError(f"a webhook's url {rule}, was {_shown(text)}")


def _shown(text: str) -> str:
    """Return scheme and host of what may not be a URL; all else may be a secret."""
    found = _SHOWN.match(text)
    if not found:
        return "something without scheme and host"
    return ascii(found[1] + ("..." if "@" in text else found[2]))
